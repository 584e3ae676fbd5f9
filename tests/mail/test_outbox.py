"""In development, letters are files, and a page shows them."""

import pytest

from tests.conftest import dispose, make_app, new_client
from tests.support.html import text_of
from tests.support.production import enter_production


@pytest.fixture
def folder(app, monkeypatch, tmp_path):
    monkeypatch.setitem(app.config, "OUTBOX_PATH", str(tmp_path / "outbox"))
    return tmp_path / "outbox"


def test_a_letter_is_a_file_and_shown_with_its_link(folder, client, make, send):
    assert "There is none yet" in text_of(client.page("/outbox"))
    member = make.member()
    client.submit("/password/forgot", {"email": member.email})
    page = client.page("/password/forgot/sent")
    assert page.find(".//main//a[@href='/outbox']") is not None
    assert send().startswith("Sent 1 letter;")
    (file,) = folder.iterdir()
    assert file.suffix == ".eml"
    (letter,) = client.page("/outbox").findall(".//article")
    assert text_of(letter.find(".//h2")) == "Choose another password for Kula"
    assert member.email in text_of(letter)
    (link,) = letter.findall(".//a")
    assert client.get(link.get("href").removeprefix("http://localhost:8000")).status_code == 200


def test_a_folder_that_cannot_be_written_to_lets_letters_wait(folder, client, make, send):
    folder.write_text("a file")
    client.submit("/password/forgot", {"email": make.member().email})
    assert send() == "Sent 0 letters; 1 to be tried again later, 0 given up."


def test_production_has_no_such_page_and_does_not_link_to_it(make_database, monkeypatch):
    enter_production(monkeypatch)
    app = make_app(make_database())
    client = new_client(app)
    https = {"base_url": "https://localhost"}
    assert client.get("/outbox", **https).status_code == 404
    assert "outbox" not in client.get("/password/forgot/sent", **https).text
    dispose(app)
