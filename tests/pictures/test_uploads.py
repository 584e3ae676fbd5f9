"""Requests with files: large ones for the views that ask for them, and for no others."""

import pytest
from werkzeug.test import encode_multipart

from marketplace import access
from marketplace.pictures import uploads
from tests.conftest import dispose, make_app, new_client
from tests.support.pictures import as_upload, photo

# Nothing listens on port 1: these views need no database.
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def browser():
    """The browser of a site with one view that takes pictures and one that does not."""
    app = make_app(NO_DATABASE)

    def told():
        return {name: len(file.read()) for name in ("a", "b") for file in uploads.files_of(name)}

    app.post("/with")(access.public(uploads.takes_pictures(told)))
    app.post("/without", endpoint="without")(access.public(lambda: told()))
    yield new_client(app)
    dispose(app)


def send(browser, path, **fields):
    """Send a form whose files have so many bytes; encoded here, for the client would leave a file open."""
    values = {
        name: as_upload(bytes(size)) if isinstance(size, int) else size for name, size in fields.items()
    }
    boundary, body = encode_multipart({"csrf_token": browser.csrf_token(), **values})
    return browser.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def test_a_view_that_takes_pictures_takes_eight_of_the_largest(browser):
    response = send(browser, "/with", a=15_000_000, b=105_000_000)
    assert response.get_json() == {"a": 15_000_000, "b": 105_000_000}


def test_it_takes_no_more_than_that(browser):
    assert send(browser, "/with", a=122_000_000).status_code == 413


def test_its_text_keeps_the_sites_limit(browser):
    assert send(browser, "/with", text="a" * 900_000, a=10).status_code == 200
    assert send(browser, "/with", text="a" * 1_100_000, a=10).status_code == 413


def test_other_views_keep_the_sites_limit(browser):
    assert send(browser, "/without", a=900_000).status_code == 200
    assert send(browser, "/without", a=1_000_000).status_code == 413


def test_a_request_without_its_token_is_refused(browser):
    assert browser.post("/with", data={"a": as_upload(photo())}).status_code == 400


def test_an_access_rule_keeps_what_it_guards_marked():
    guarded = access.signed_in(uploads.takes_pictures(lambda: ""))
    assert guarded.takes_pictures


def test_a_field_gives_its_files_and_not_the_empty_one(app):
    data = {
        "a": [as_upload(b"one", "1.jpg"), as_upload(b"", ""), as_upload(b"two", "2.jpg")],
        "b": as_upload(b""),
    }
    with app.test_request_context(method="POST", data=data):
        assert [file.read() for file in uploads.files_of("a")] == [b"one", b"two"]
        assert [file.filename for file in uploads.files_of("b")] == ["photo.jpg"]
        assert uploads.files_of("c") == []
