"""/media: a file for everybody, to be kept for ever, or a page that does not exist."""

import pytest

from marketplace.pictures.rules import FILE_NAMES
from marketplace.pictures.storage.bucket import Bucket
from marketplace.security_headers import FILE_HEADERS
from tests.conftest import dispose, make_app, new_client
from tests.factories.accounts import PASSWORD

KEY = "0123456789abcdef" * 2
FILES = {name: f"the file {name}".encode() for name in FILE_NAMES}


@pytest.fixture
def stored(media_place):
    media_place.save(KEY, FILES)


@pytest.mark.parametrize("name", sorted(FILE_NAMES))
@pytest.mark.usefixtures("stored")
def test_a_file_comes_with_its_type_and_to_be_kept(name, client):
    response = client.get(f"/media/{KEY}/{name}")
    assert response.status_code == 200
    assert response.data == FILES[name]
    assert response.headers["Content-Type"] == {"webp": "image/webp", "jpg": "image/jpeg"}[name.split(".")[1]]
    assert response.headers["Content-Length"] == str(len(FILES[name]))
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for header, value in FILE_HEADERS.items():
        assert response.headers.getlist(header) == [value], header
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert client.statements == []


@pytest.mark.usefixtures("stored")
def test_a_file_is_the_same_for_members_and_sets_no_cookie(client, make):
    member = make.member()
    client.submit("/login", {"username": member.username, "password": PASSWORD, "remember": "y"})
    # A page renews the session's cookie; a file must not.
    assert "Set-Cookie" in client.get("/").headers
    response = client.get(f"/media/{KEY}/640.webp")
    assert response.data == FILES["640.webp"]
    assert "Set-Cookie" not in response.headers
    assert "Vary" not in response.headers
    assert client.statements == []


@pytest.mark.usefixtures("stored")
def test_a_file_that_is_known_already_is_not_sent_again(client):
    first = client.get(f"/media/{KEY}/640.webp")
    again = client.get(f"/media/{KEY}/640.webp", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    other = client.get(f"/media/{KEY}/320.webp", headers={"If-None-Match": first.headers["ETag"]})
    assert other.status_code == 200


@pytest.mark.usefixtures("stored")
def test_head_tells_the_length_alone(client):
    response = client.head(f"/media/{KEY}/640.webp")
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(len(FILES["640.webp"]))


@pytest.mark.parametrize(
    "path",
    [
        f"{KEY}/641.webp",
        f"{KEY}/640.png",
        f"{KEY}/640.WEBP",
        f"{KEY}/640",
        f"{KEY}/",
        f"{KEY}",
        "",
        f"{KEY.upper()}/640.webp",
        f"{KEY}0/640.webp",
        f"{KEY[:-1]}/640.webp",
        f"{'f' * 32}/640.webp",
        f"{KEY}/..%2f..%2fsecret_key",
        "..%2f..%2fsecret_key/640.webp",
        "../secret_key",
        f"01/{KEY}/640.webp",
        f"{KEY}%0a/640.webp",
        f"{KEY}/640.webp%0a",
        f"{KEY}/.%2f640.webp",
        "incoming/640.webp",
    ],
)
@pytest.mark.usefixtures("stored")
def test_anything_else_does_not_exist(path, client):
    response = client.get(f"/media/{path}")
    assert response.status_code == 404
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in response.headers


@pytest.mark.usefixtures("stored")
def test_a_remembered_member_gets_the_page_for_what_does_not_exist(client, make):
    member = make.member()
    client.submit("/login", {"username": member.username, "password": PASSWORD, "remember": "y"})
    client.delete_cookie("kula_session")
    client.page(f"/media/{'f' * 32}/640.webp", 404)


def test_a_storage_in_trouble_is_a_failure_for_a_moment(client, media_folder, caplog):
    media_folder.mkdir()
    (media_folder / KEY[:2]).symlink_to(KEY[:2])
    response = client.get(f"/media/{KEY}/640.webp")
    assert response.status_code == 503
    assert "A picture cannot be read" in caplog.text


def test_files_in_a_bucket_come_in_the_same_way(server, make_database, s3_url):
    app = make_app(make_database(), MEDIA_URL=s3_url)
    try:
        assert isinstance(app.extensions["media"], Bucket)
        app.extensions["media"].save(KEY, FILES)
        client = new_client(app)
        response = client.get(f"/media/{KEY}/1280.jpg")
        assert response.data == FILES["1280.jpg"]
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["Content-Length"] == str(len(FILES["1280.jpg"]))
        assert client.get(f"/media/{'f' * 32}/640.webp").status_code == 404
    finally:
        dispose(app)
