"""flask media: strays are found both ways, and what nothing shows goes in the end."""

import os
from datetime import UTC, datetime, timedelta

import pytest

from marketplace.pictures import strays
from marketplace.pictures.rules import FILE_NAMES
from marketplace.pictures.storage.bucket import Bucket
from marketplace.pictures.storage.folder import ASIDE, Folder
from marketplace.posting.models import ListingDraft
from tests.conftest import dispose, make_app

FILES = dict.fromkeys(FILE_NAMES, b"x")
KEYS = [f"{number:02x}" * 16 for number in range(256)]
TWO_DAYS_AGO = datetime.now(UTC) - timedelta(days=2)


@pytest.fixture
def flask(app, connection):
    def run(*words):
        result = app.test_cli_runner().invoke(args=["media", *words])
        return result.exit_code, result.output

    return run


def age(folder):
    moment = TWO_DAYS_AGO.timestamp()
    os.utime(folder, (moment, moment))


@pytest.fixture
def keep(media_place, media_folder):
    """Stores a picture's files, two days ago unless told otherwise."""

    def store(key, files=FILES, old=True):
        media_place.save(key, files)
        if old:
            age(media_folder / key[:2] / key)
        return key

    return store


def there(media_folder):
    return sorted(folder.name for folder in media_folder.glob("??/*"))


def test_a_site_without_pictures_has_no_strays(flask, media_folder):
    assert flask("check") == (0, "0 pictures, no strays.\n")


def test_where_rows_and_files_agree_there_is_nothing_to_say(flask, keep, make):
    for key in KEYS[:3]:
        make.picture(key=keep(key))
    make.picture(key=KEYS[0])
    assert flask("check") == (0, "3 pictures, no strays.\n")


def test_every_stray_has_a_line_and_the_status_is_1(flask, keep, make, media_folder):
    make.picture(key=keep(KEYS[0]))
    make.picture(key=KEYS[1])
    make.picture(key=keep(KEYS[2], dict.fromkeys(FILE_NAMES - {"640.webp", "320.jpg"}, b"x")))
    keep(KEYS[255])
    left = media_folder / ASIDE / KEYS[9]
    left.mkdir(parents=True)
    age(left)
    assert flask("check") == (
        1,
        f"{KEYS[1]}  a row without all files\n"
        f"{KEYS[2]}  a row without 320.jpg, 640.webp\n"
        f"{KEYS[255]}  files without a row\n"
        f"{KEYS[9]}  files of an unfinished write\n"
        "4 strays beside 3 pictures. `flask media sweep` removes files.\n",
    )


def test_files_of_an_upload_that_still_goes_on_are_no_strays(flask, keep, media_folder):
    keep(KEYS[0], old=False)
    (media_folder / ASIDE / KEYS[9]).mkdir(parents=True)
    assert flask("check")[0] == 0


def test_what_changes_during_the_look_is_no_stray(app, context, keep, make, monkeypatch):
    keep(KEYS[0])
    keys_under = strays._keys_under

    def posted_meanwhile(prefix):
        found = list(keys_under(prefix))
        if prefix == "00" and not found:
            make.picture(key=KEYS[0])
        return found

    monkeypatch.setattr(strays, "_keys_under", posted_meanwhile)
    assert list(strays.find_strays(datetime.now(UTC))) == []


def test_the_sweep_removes_what_belonged_to_nothing_for_a_day(flask, keep, make, rows, media_folder):
    item_id = rows("SELECT id FROM listing_items WHERE listing_id = :id", id=make.listing().id)[0][0]
    draft = make.saved(ListingDraft())
    kept = [
        make.picture(key=keep(KEYS[0]), item_id=item_id, created_at=TWO_DAYS_AGO),
        make.picture(key=keep(KEYS[1]), draft_id=draft.id, created_at=TWO_DAYS_AGO),
        make.picture(key=keep(KEYS[2])),
    ]
    make.picture(key=keep(KEYS[3]), created_at=TWO_DAYS_AGO)
    make.picture(key=KEYS[3], created_at=TWO_DAYS_AGO)
    make.picture(key=KEYS[0], created_at=TWO_DAYS_AGO)
    assert flask("sweep") == (0, "Removed 1 picture that nothing showed, and 0 strays.\n")
    assert rows("SELECT id FROM pictures ORDER BY id") == [(picture.id,) for picture in kept]
    assert there(media_folder) == KEYS[:3]
    assert flask("sweep") == (0, "Removed 0 pictures that nothing showed, and 0 strays.\n")


def test_the_sweep_removes_strays_older_than_a_day(flask, keep, make, media_folder):
    make.picture(key=KEYS[7])
    keep(KEYS[0])
    keep(KEYS[1], old=False)
    for number in (8, 9):
        (media_folder / ASIDE / KEYS[number]).mkdir(parents=True)
    age(media_folder / ASIDE / KEYS[8])
    assert flask("sweep") == (0, "Removed 0 pictures that nothing showed, and 2 strays.\n")
    assert there(media_folder) == [KEYS[1]]
    assert [folder.name for folder in (media_folder / ASIDE).iterdir()] == [KEYS[9]]


@pytest.mark.parametrize("statement", ["DELETE FROM listings", "DELETE FROM users"])
def test_the_files_of_a_deleted_listing_go_in_the_end(
    statement, flask, keep, make, rows, media_folder, connection
):
    listing = make.listing()
    item_id = rows("SELECT id FROM listing_items")[0][0]
    make.picture(key=keep(KEYS[0]), item_id=item_id, owner_id=listing.owner_id, created_at=TWO_DAYS_AGO)
    flask("sweep")
    assert there(media_folder) == [KEYS[0]]
    connection.exec_driver_sql(statement)
    flask("sweep")
    assert there(media_folder) == []
    assert rows("SELECT id FROM pictures") == []
    assert flask("check")[0] == 0


@pytest.mark.parametrize("word", ["check", "sweep"])
def test_a_storage_in_trouble_is_one_sentence(word, flask, media_folder):
    media_folder.mkdir()
    (media_folder / "00").symlink_to("00")
    status, output = flask(word)
    assert status == 1
    assert output.startswith("Error: The pictures' storage cannot be used: ")
    assert output.count("\n") == 1


def test_a_database_in_trouble_is_one_sentence(tmp_path):
    app = make_app("postgresql://nobody@127.0.0.1:1/nothing", MEDIA_URL=tmp_path.as_uri())
    for word in ("check", "sweep"):
        result = app.test_cli_runner().invoke(args=["media", word])
        assert result.exit_code == 1
        assert result.output.startswith("Error: The database refused: ")
        assert result.output.count("\n") == 1
    dispose(app)


def test_strays_in_a_bucket_are_found_and_removed(make_database, s3_url, s3_client):
    app = make_app(make_database(), MEDIA_URL=s3_url)
    place = app.extensions["media"]
    assert isinstance(place, Bucket)
    place.save(KEYS[0], FILES)
    with app.app_context():
        later = datetime.now(UTC) + timedelta(days=2)
        assert [(stray.key, stray.what) for stray in strays.find_strays(later)] == [
            (KEYS[0], "files without a row")
        ]
        assert list(strays.find_strays(datetime.now(UTC))) == []
    result = app.test_cli_runner().invoke(args=["media", "sweep"])
    assert result.output == "Removed 0 pictures that nothing showed, and 0 strays.\n"
    dispose(app)


def test_the_default_place_is_a_folder(app):
    assert isinstance(app.extensions["media"], Folder)
