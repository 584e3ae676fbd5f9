"""What goes in comes out upright, in sRGB, small enough, and without a word about where it was taken."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from marketplace.pictures.images import Refused, fitted, make_variants
from marketplace.pictures.rules import FILE_NAMES, WIDTHS
from tests.support.pictures import (
    UPRIGHT,
    animation,
    encoded,
    lying,
    opened,
    photo,
    quarters,
    still_life,
    swapped_profile,
    tell_tale_exif,
)

KINDS = ["JPEG", "PNG", "WEBP", "HEIF"]
MOST_PIXELS = 1_000_000


def made(content):
    return make_variants(content, WIDTHS, MOST_PIXELS)


def seen(content, name="320.webp"):
    return opened(made(content).files[name])


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_comes_out_in_all_sizes_as_webp_and_jpeg(kind):
    variants = made(photo(kind, 900, 600))
    assert (variants.width, variants.height) == (900, 600)
    assert variants.files.keys() == FILE_NAMES
    for name, content in variants.files.items():
        image = opened(content)
        assert image.format == {"webp": "WEBP", "jpg": "JPEG"}[name.partition(".")[2]]
        width = min(900, int(name.partition(".")[0]))
        assert image.size == (width, round(width * 2 / 3))
        assert quarters(image) == UPRIGHT


def test_a_small_picture_is_never_enlarged():
    for content in made(photo(width=50, height=40)).files.values():
        assert opened(content).size == (50, 40)


@pytest.mark.parametrize(
    ("size", "widest", "expected"),
    [
        ((4000, 3000), 640, (640, 480)),
        ((3000, 4000), 640, (640, 853)),
        ((300, 200), 320, (300, 200)),
        ((1, 50_000_000), 1280, (1, 5120)),
        ((50_000_000, 1), 320, (320, 1)),
        ((1000, 20_000), 320, (64, 1280)),
    ],
)
def test_a_size_is_fitted_into_a_width_and_four_times_its_height(size, widest, expected):
    assert fitted(*size, widest) == expected


def test_a_long_strip_is_kept_within_what_the_formats_can_hold():
    assert {opened(content).height for content in made(photo(width=50, height=20_000)).files.values()} == {
        1280,
        2560,
        5120,
    }


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_comes_out_upright(kind, orientation):
    variants = made(lying(kind, orientation))
    assert (variants.width, variants.height) == (96, 64)
    for content in variants.files.values():
        assert opened(content).size == (96, 64)
        assert quarters(opened(content)) == UPRIGHT


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_an_orientation_that_is_none_is_upright(orientation):
    assert quarters(seen(photo(exif=tell_tale_exif(orientation)))) == UPRIGHT


@pytest.mark.parametrize("exif", [b"Exif\0\0nonsense", b"Exif\0\0MM\0*\0\0\0\x08\xff\xff", b"Exif\0\0"])
def test_metadata_that_cannot_be_read_is_no_reason_to_refuse(exif):
    assert quarters(seen(photo(exif=exif))) == UPRIGHT


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_of_place_camera_and_photographer(kind):
    source = encoded(
        still_life(),
        kind,
        exif=tell_tale_exif().tobytes(),
        xmp=b"<x:xmpmeta>SECRET</x:xmpmeta>",
        comment="SECRET comment",
        icc_profile=swapped_profile(),
        dpi=(123, 123),
    )
    assert b"SECRET" in source
    for content in made(source).files.values():
        image = opened(content)
        assert b"SECRET" not in content
        assert not image.getexif()
        assert not image.info.keys() & {"icc_profile", "exif", "xmp", "comment", "dpi"}
        assert image.info.get("jfif_density", (1, 1)) == (1, 1)
        for mark in (b"Exif", b"EXIF", b"ICCP", b"ICC_PROFILE", b"XMP ", b"http://ns.adobe.com"):
            assert mark not in content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_colours_are_turned_into_srgb(kind):
    source = photo(kind, icc_profile=swapped_profile())
    # What is red in the file is blue by the file's profile.
    assert quarters(seen(source))[0] == "blue"


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, swapped_profile()[:300]])
def test_a_profile_that_cannot_be_read_is_left_out(profile):
    assert quarters(seen(photo(icc_profile=profile))) == UPRIGHT


def test_a_profile_for_another_mode_is_left_out():
    assert seen(encoded(still_life(mode="L"), "PNG", icc_profile=swapped_profile())).size == (96, 64)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "1"), ("PNG", "L"), ("PNG", "P"), ("PNG", "I;16"), ("PNG", "LA"), ("PNG", "RGBA"),
        ("JPEG", "L"), ("JPEG", "CMYK"), ("JPEG", "YCbCr"), ("WEBP", "RGBA"), ("HEIF", "RGBA"),
    ],
)  # fmt: skip
def test_every_mode_comes_out(kind, mode):
    source = still_life(mode="L").convert("I").point(lambda v: v * 257) if mode == "I;16" else still_life()
    image = seen(encoded(source.convert(mode), kind), "320.jpg")
    assert image.mode == "RGB"
    dark, bright = (image.convert("L").getpixel((x, 48)) for x in (24, 72))
    # Blue is darker than yellow, whatever else a mode loses.
    assert dark < bright - 60


def test_sixteen_bits_of_grey_keep_their_shade():
    image = seen(encoded(Image.new("I;16", (40, 40), 0x8000), "PNG"), "320.jpg")
    assert abs(image.getpixel((20, 20))[0] - 128) <= 2


def test_what_is_transparent_stays_so_in_webp_and_is_light_in_jpeg():
    clear = still_life(mode="RGBA")
    clear.paste((0, 0, 0, 0), (0, 0, 48, 32))
    files = made(encoded(clear, "PNG")).files
    assert opened(files["320.webp"]).getpixel((10, 10))[3] == 0
    assert min(opened(files["320.jpg"]).getpixel((10, 10))) > 245
    assert quarters(opened(files["320.jpg"]))[1:] == UPRIGHT[1:]


def test_a_palette_with_a_transparent_colour_is_transparent():
    source = still_life().quantize(8)
    files = made(encoded(source, "PNG", transparency=source.getpixel((10, 10)))).files
    assert opened(files["320.webp"]).getpixel((10, 10))[3] == 0
    assert min(opened(files["320.jpg"]).getpixel((10, 10))) > 245


def test_an_alpha_channel_that_hides_nothing_is_dropped():
    assert seen(encoded(still_life(mode="RGBA"), "PNG")).mode == "RGB"


@pytest.mark.parametrize("kind", ["WEBP", "PNG", "MPO", "HEIF"])
def test_of_moving_pictures_the_first_frame_is_taken(kind):
    for content in made(animation(kind)).files.values():
        image = opened(content)
        assert getattr(image, "n_frames", 1) == 1
        assert quarters(image) == UPRIGHT


OUTCOMES = {"empty", "not_a_picture", "broken", "too_many_pixels", "taken"}


def outcome(content):
    try:
        assert made(content).files.keys() == FILE_NAMES
    except Refused as refusal:
        return refusal.reason
    return "taken"


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_random_bytes_are_refused_and_nothing_worse(content):
    assert outcome(content) in OUTCOMES


SOUND = {kind: photo(kind, exif=tell_tale_exif(6)) for kind in ("JPEG", "PNG", "WEBP")}


@given(st.sampled_from(sorted(SOUND)), st.data())
@settings(deadline=None, max_examples=150)
def test_damaged_files_come_out_or_are_refused_and_nothing_worse(kind, data):
    content = bytearray(SOUND[kind])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.integers(0, len(content)))
    assert outcome(bytes(content[:end])) in OUTCOMES
