"""A disk that is full when a picture comes: the page says so, and keeps what was typed."""

from PIL import Image
from werkzeug.test import encode_multipart

from marketplace.pictures.storage.folder import Folder
from tests.support.html import check_page, text_of
from tests.support.pictures import as_upload, encoded
from tests.support.posting import new_draft_address
from tests.support.small_disk import small_disk, small_files

TYPED = {"title": "Tools of mine", "description": "As good as new", "offers-0-name": "Saw"}
SENTENCE = "“saw.png” could not be stored just now: add it again in a few minutes."


def test_what_was_typed_is_kept_and_nothing_is_half_done(app, browser_of, make, rows, tmp_path, monkeypatch):
    browser = browser_of(make.member())
    noise = encoded(Image.effect_noise((1200, 900), 90), "PNG")
    disk = tmp_path / "disk"
    with small_disk(disk) as before, small_files(before):
        monkeypatch.setitem(app.extensions, "media", Folder(disk))
        form = {**TYPED, "offers-0-files": as_upload(noise, "saw.png"), "upload": "offers-0"}
        # Encoded here, for the client would leave a file open.
        boundary, body = encode_multipart({"csrf_token": browser.csrf_token(), **form})
        kind = f"multipart/form-data; boundary={boundary}"
        answer = browser.post(new_draft_address(), data=body, content_type=kind)
        left = [file for file in disk.rglob("*") if file.is_file()]
    assert answer.status_code == 303
    page = check_page(browser.get(answer.location).text)
    assert SENTENCE in text_of(page)
    shown = {each.get("name"): each.get("value") or "".join(each.itertext()) for each in page.iter()}
    assert {name: shown[name].strip() for name in TYPED} == TYPED
    assert not left
    assert not rows("SELECT id FROM pictures")
