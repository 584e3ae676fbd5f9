"""The copy has everything of the member, and nothing of anybody else."""

import io
import json
import re
from zipfile import ZipFile

import pytest

from marketplace.own_data import parts
from marketplace.throttling.rules import OWN_DATA, PRESENT_PASSWORD
from tests.conftest import dispose, make_app, new_client
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.own_data.conftest import ADDRESS, NAME, NOT_OURS, WORD

RECORDS = {
    "account": 1,
    "blocked_members": 1,
    "devices": 1,
    "drafts": 1,
    "letters": 1,
    "listings": 1,
    "notices": 1,
    "notification_choices": 1,
    "notifications": 1,
    "pictures": 3,
    "profile": 1,
    "reports": 1,
    "saved_searches": 1,
    "second_factor": 1,
    "swap_disputes": 1,
    "swap_history": 3,
    "swap_messages": 1,
    "swap_reviews": 1,
    "swaps": 3,
    "unwanted_letters": 1,
    "watched_listings": 1,
}


@pytest.fixture
def copy_of(browser_of):
    """Downloads a member's copy."""

    def download(member):
        answer = browser_of(member).submit("/account/data", {"password": PASSWORD})
        assert answer.status_code == 200, answer.text
        return answer, ZipFile(io.BytesIO(answer.data))

    return download


def everything_in(archive):
    return "\n".join(archive.read(name).decode() for name in archive.namelist())


def records(archive, name):
    return json.loads(archive.read(f"{name}.json"))


def test_every_part_has_what_is_the_members_and_nothing_else(belongings, member, copy_of):
    _, archive = copy_of(member)
    assert {name: len(records(archive, name)) for name in RECORDS} == RECORDS
    assert NOT_OURS not in everything_in(archive)
    (account,) = records(archive, "account")
    assert (account["id"], account["username"], account["email"]) == (member.id, NAME, ADDRESS)
    assert account["created_at"] == member.created_at.isoformat()
    (listing,) = records(archive, "listings")
    assert (listing["title"], listing["category"]) == (f"A {WORD}", "Tools")
    assert [item["name"] for item in listing["items"]] == [f"{WORD} press"]
    assert records(archive, "profile")[0]["about"] == f"I press {WORD}"
    assert records(archive, "blocked_members")[0]["username"] == "Kanaho"
    assert records(archive, "drafts")[0]["form"]["title"] == f"Half a {WORD}"
    assert records(archive, "saved_searches")[0]["query"] == f"q={WORD}"
    assert records(archive, "reports")[0]["words"] == f"No {WORD} at all"
    assert records(archive, "notices")[0]["reason"] == "Be kind."
    assert records(archive, "notifications")[0]["details"] == {"thing": WORD}
    assert records(archive, "notification_choices")[0]["letters"] == "daily"
    assert [message["words"] for message in records(archive, "swap_messages")] == [f"My {WORD}"]
    assert [dispute["words"] for dispute in records(archive, "swap_disputes")] == [f"My {WORD}"]
    assert [review["words"] for review in records(archive, "swap_reviews")] == [f"My {WORD}"]
    assert {event["by"] for event in records(archive, "swap_history")} == {"you", "proposer"}
    made, _, got = records(archive, "swaps")
    assert (made["side"], made["given"], made["notes"]) == (
        "proposer",
        [[1, f"{WORD} press"]],
        [f"My {WORD}"],
    )
    assert (got["side"], got["given"], got["notes"]) == ("receiver", None, None)
    assert records(archive, "unwanted_letters")[0]["topic"] == "listing_ends"


def test_every_feature_that_has_something_is_in_the_test_above(app):
    with app.app_context():
        assert {part.name for part in parts.all_parts()} == RECORDS.keys()


def test_neither_hash_nor_what_lets_people_in_is_in_it(belongings, member, copy_of, rows):
    _, archive = copy_of(member)
    ((hashed,),) = rows("SELECT password_hash FROM users WHERE id = :id", id=member.id)
    assert hashed not in everything_in(archive)
    assert "argon2" not in everything_in(archive)
    assert not {"password_hash", "session_epoch"} & records(archive, "account")[0].keys()


def test_the_pictures_are_in_it_where_their_records_say(belongings, member, copy_of):
    _, archive = copy_of(member)
    files = [picture["file"] for picture in records(archive, "pictures")]
    assert files == [f"pictures/{key * 16}.jpg" for key in ("a1", "b2", "c3")]
    assert sorted(name for name in archive.namelist() if name.startswith("pictures/")) == files
    assert archive.read(files[0]) == f"{'a1' * 16}/1280.jpg".encode()


def test_its_names_are_safe_and_its_readme_names_every_file(belongings, member, copy_of):
    answer, archive = copy_of(member)
    readme = archive.read("README.txt").decode()
    for name in archive.namelist():
        assert re.fullmatch(r"README\.txt|[a-z_]+\.json|pictures/[0-9a-f]{32}\.jpg", name), name
        assert name == "README.txt" or name.split("/")[0] in readme
    assert archive.testzip() is None
    assert answer.mimetype == "application/zip"
    assert answer.content_length == len(answer.data)
    assert re.fullmatch(
        r"attachment; filename=kula-\d{4}-\d\d-\d\d\.zip", answer.headers["Content-Disposition"]
    )
    assert answer.headers["Cache-Control"] == "no-store"


def test_who_has_nothing_gets_empty_lists(make, copy_of, media_folder):
    _, archive = copy_of(make.member())
    # The browser that asks for it is one in which they signed in.
    empty = RECORDS.keys() - {"account", "devices"}
    assert {name: records(archive, name) for name in empty} == {name: [] for name in empty}


def test_a_lost_file_is_left_out(belongings, member, copy_of, media_place):
    media_place.delete("b2" * 16)
    _, archive = copy_of(member)
    assert f"pictures/{'b2' * 16}.jpg" not in archive.namelist()
    assert f"pictures/{'c3' * 16}.jpg" in archive.namelist()


def test_while_pictures_cannot_be_read_there_is_no_half_a_copy(belongings, member, browser_of, broken_media):
    broken_media()
    answer = browser_of(member).submit("/account/data", {"password": PASSWORD})
    assert answer.status_code == 503
    assert "Your pictures cannot be read just now: try again in a few minutes" in answer.text


@pytest.mark.parametrize(
    ("typed", "told"), [("", "Enter your password"), ("another one", "This is not your password")]
)
def test_only_the_password_opens_it(typed, told, member, browser_of):
    answer = browser_of(member).submit("/account/data", {"password": typed})
    assert (answer.status_code, answer.mimetype) == (422, "text/html")
    assert told in answer.text


@pytest.mark.parametrize("path", ["/account/data", "/account/delete"])
def test_the_password_cannot_be_guessed_there(path, make_database):
    app = make_app(make_database(), THROTTLING_SCALE=1)
    try:
        browser = new_client(app).sign_in(Factories(app).member())
        typed = {"password": "another one"}
        assert {browser.submit(path, typed).status_code for _ in range(PRESENT_PASSWORD.free)} == {422}
        refused = browser.submit(path, {"password": PASSWORD})
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert "This was tried too often: try again in" in refused.text
    finally:
        dispose(app)


def test_not_too_many_copies_are_made(make_database):
    app = make_app(make_database(), THROTTLING_SCALE=1)
    try:
        browser = new_client(app).sign_in(Factories(app).member())
        asked = {"password": PASSWORD}
        assert {browser.submit("/account/data", asked).status_code for _ in range(OWN_DATA.free)} == {200}
        assert browser.submit("/account/data", asked).status_code == 429
    finally:
        dispose(app)
