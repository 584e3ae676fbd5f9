"""What a member says and whom they have blocked: off show with them, and gone with them."""

import io
import json
from zipfile import ZipFile

import pytest

from tests.factories.accounts import PASSWORD


@pytest.fixture
def member(make):
    return make.member(username="Wairisi")


@pytest.fixture
def other(make):
    return make.member(username="Kanaho")


@pytest.fixture
def copy_of(browser_of):
    def parts(member):
        answer = browser_of(member).submit("/account/data", {"password": PASSWORD})
        assert answer.status_code == 200
        with ZipFile(io.BytesIO(answer.data)) as archive:
            return {name: archive.read(name).decode() for name in archive.namelist()}

    return parts


def test_the_copy_tells_nobody_that_they_are_blocked_nor_what_others_say(make, member, other, copy_of):
    make.profile(other, about="I mend bicycles.")
    make.block(other, member)
    files = copy_of(member)
    assert json.loads(files["profile.json"]) == json.loads(files["blocked_members.json"]) == []
    assert not [name for name, text in files.items() if "Kanaho" in text or "bicycles" in text]


def test_who_is_leaving_has_no_page_and_cannot_be_blocked(make, member, other, browser_of, client):
    make.profile(member)
    assert "I mend bicycles." in client.get("/members/Wairisi").text
    left = browser_of(member).submit("/account/delete", {"password": PASSWORD})
    assert left.status_code == 303
    for browser in (client, browser_of(other)):
        assert "bicycles" not in browser.get("/members/Wairisi").text
        browser.page("/members/Wairisi", 404)
    browser_of(other).page("/members/Wairisi/block", 404)
    assert browser_of(other).submit("/members/Wairisi/block").status_code == 404


@pytest.mark.parametrize("blocks", ["member", "other"])
def test_deleting_one_of_two_ends_the_block_of_the_other(blocks, make, member, other, app, browser_of, rows):
    make.block(*((member, other) if blocks == "member" else (other, member)))
    rows("UPDATE users SET leaving_at = now() - interval '8 days' WHERE id = :id RETURNING id", id=member.id)
    result = app.test_cli_runner().invoke(args=["members", "purge"])
    assert result.output.startswith("Deleted 1 member ")
    assert rows("SELECT * FROM blocks") == []
    assert "Wairisi" not in browser_of(other).get("/account").text
