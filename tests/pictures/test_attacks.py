"""Files that attack, given to the process that opens them: each is refused kindly, or comes out harmless."""

import io
import zipfile
import zlib

import pytest
from PIL import Image

from marketplace.pictures import rules, workshop
from marketplace.pictures.images import Refused
from tests.support.pictures import (
    UPRIGHT,
    animation,
    encoded,
    lying_heic,
    lying_webp,
    opened,
    photo,
    pixel_bomb,
    png,
    quarters,
    scan_bomb,
    still_life,
    text_bomb,
    zipped,
)

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
HTML = b"<!doctype html><script>alert('SECRET')</script>"
SOUND = photo(width=400, height=300)

REFUSED = {
    "nothing": ("empty", lambda: b""),
    "a megabyte of zeros": ("not_a_picture", lambda: bytes(1_000_000)),
    "SVG": ("not_a_picture", lambda: SVG),
    "SVG with a head": ("not_a_picture", lambda: b"<?xml version='1.0'?>" + SVG),
    "HTML": ("not_a_picture", lambda: HTML),
    "a zip archive": ("not_a_picture", zipped),
    "a program": ("not_a_picture", lambda: b"\x7fELF\x02\x01\x01" + bytes(200)),
    "PostScript": ("not_a_picture", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"),
    "PDF": ("not_a_picture", lambda: b"%PDF-1.7\n" + bytes(100)),
    "an animated GIF": ("not_a_picture", lambda: animation("GIF")),
    "TIFF": ("not_a_picture", lambda: photo("TIFF")),
    "BMP": ("not_a_picture", lambda: photo("BMP")),
    "ICO": ("not_a_picture", lambda: photo("ICO", 32, 32)),
    "AVIF": ("not_a_picture", lambda: photo("AVIF")),
    "half a JPEG": ("broken", lambda: SOUND[: len(SOUND) // 2]),
    "half a PNG": ("broken", lambda: photo("PNG")[:-60]),
    "half a WebP": ("broken", lambda: photo("WEBP")[:-60]),
    "half a HEIC": ("broken", lambda: photo("HEIF")[:-60]),
    "the head of a JPEG": ("not_a_picture", lambda: b"\xff\xd8\xff"),
    "a PNG with a broken body": ("broken", lambda: png(64, 64, b"no zlib")),
    "a PNG with too little in it": ("broken", lambda: png(64, 64, zlib.compress(b"\0"))),
    "a bomb of pixels": ("too_many_pixels", pixel_bomb),
    "a bomb of text": ("broken", text_bomb),
    "a WebP that says it is huge": ("too_many_pixels", lambda: lying_webp(16_383, 16_383)),
    "a WebP that says it is larger than that": ("too_many_pixels", lambda: lying_webp(2**24, 2**24)),
    "a HEIC that says it is huge": ("too_many_pixels", lambda: lying_heic(30_000, 30_000)),
    "no size at all": ("not_a_picture", lambda: png(0, 0, zlib.compress(b""))),
}


def refusal_of(content, **limits):
    with pytest.raises(Refused) as refusal:
        workshop.make_variants(content, **limits)
    return refusal.value.reason


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_is_no_picture_or_attacks_is_refused_with_one_sentence(case):
    reason, make = REFUSED[case]
    assert refusal_of(make()) == reason
    sentence = rules.sentence(reason, "photo.jpg")
    assert sentence.startswith("“photo.jpg” ")
    assert sentence.count(".") == 2
    assert "\n" not in sentence


def test_every_reason_has_been_met():
    elsewhere = {"too_big", "too_costly", "too_many", "busy", "not_kept"}
    assert {reason for reason, _ in REFUSED.values()} | elsewhere == rules.SENTENCES.keys()


def test_a_file_of_more_than_15_megabytes_is_refused_unopened():
    assert refusal_of(SOUND + bytes(15_000_001 - len(SOUND))) == "too_big"
    assert workshop.make_variants(SOUND + bytes(15_000_000 - len(SOUND))).width == 400


def test_fifty_megapixels_are_taken_and_more_are_not():
    content = encoded(Image.new("L", (10_000, 5_000), 90), "JPEG")
    variants = workshop.make_variants(content)
    assert (variants.width, variants.height) == (10_000, 5_000)
    assert opened(variants.files["1280.webp"]).size == (1280, 640)
    # Its body is nonsense, so it would be called broken if it had been opened.
    assert refusal_of(png(10_000, 5_001, b"no zlib")) == "too_many_pixels"


def test_fifty_megapixels_with_transparency_fit_into_the_memory():
    with_alpha = Image.new("RGBA", (10_000, 5_000), (200, 40, 40, 128))
    content = encoded(with_alpha, "PNG", compress_level=1)
    assert opened(workshop.make_variants(content).files["320.jpg"]).size == (320, 160)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("rider", [zipped(), HTML, SVG + HTML], ids=["zip", "HTML", "SVG"])
def test_what_rides_on_a_picture_is_left_behind(kind, rider):
    content = photo(kind, 400, 300) + rider
    assert zipfile.is_zipfile(io.BytesIO(content)) == rider.startswith(b"PK")
    for file in workshop.make_variants(content).files.values():
        assert quarters(opened(file)) == UPRIGHT
        assert not zipfile.is_zipfile(io.BytesIO(file))
        for mark in (b"SECRET", b"PK\x03\x04", b"<script", b"<svg", b"<!doctype"):
            assert mark not in file


def test_what_is_hidden_inside_is_left_behind():
    content = encoded(still_life(), "JPEG", comment=HTML, exif=b"Exif\0\0" + zipped())
    assert b"SECRET" in content
    for file in workshop.make_variants(content).files.values():
        assert b"SECRET" not in file


def test_a_picture_that_takes_too_long_is_given_up():
    bomb = scan_bomb()
    assert len(bomb) < rules.FILE_MAXIMUM
    assert refusal_of(bomb, seconds=1) == "too_costly"


def test_a_picture_that_takes_too_much_memory_is_given_up():
    content = encoded(Image.new("RGBA", (5_000, 4_000), (1, 2, 3, 4)), "PNG", compress_level=1)
    assert refusal_of(content, memory=150_000_000) == "too_costly"
    assert workshop.make_variants(content).width == 5_000


def test_a_fault_that_ends_the_process_ends_no_other(monkeypatch, tmp_path):
    program = tmp_path / "fault.py"
    program.write_text("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    with monkeypatch.context() as patch:
        patch.setattr(workshop, "PROGRAM", program)
        assert refusal_of(SOUND) == "broken"
    assert workshop.make_variants(SOUND).width == 400


def test_a_process_that_hangs_is_ended(monkeypatch, tmp_path):
    program = tmp_path / "hang.py"
    program.write_text("import signal; signal.pause()")
    monkeypatch.setattr(workshop, "PROGRAM", program)
    monkeypatch.setattr(workshop, "PATIENCE_SECONDS", 0.5)
    assert refusal_of(SOUND) == "too_costly"


def test_the_process_knows_no_settings_and_writes_no_file(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "hidden")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    program = tmp_path / "tell.py"
    program.write_text(
        "import json, os, sys\n"
        "answer = json.dumps([dict(os.environ), sys.path, os.getcwd()])\n"
        "print(json.dumps({'width': 1, 'height': 1, 'files': [['told', len(answer)]]}))\n"
        "print(answer, end='')\n"
    )
    monkeypatch.setattr(workshop, "PROGRAM", program)
    told = workshop.make_variants(SOUND).files["told"].decode()
    assert "hidden" not in told
    assert str(tmp_path) not in told
    assert told.endswith('"/"]')


def test_only_a_few_requests_bring_pictures_at_the_same_time():
    with workshop.place() as first, workshop.place() as second, workshop.place() as third:
        assert (first, second, third) == (True, True, False)
    with workshop.place() as again:
        assert again
