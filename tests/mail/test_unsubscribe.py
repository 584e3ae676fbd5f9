"""Members say which letters they want: by a letter's link, by the button of a mail program, on their page."""

import pytest

from tests.conftest import new_client
from tests.support.html import text_of

WANTED = "SELECT member_id, topic FROM unsubscribed_topics"
TITLE = "One of your listings ends in a week"


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def path(write, send, server_of_mail, member):
    """The path that a letter names for it."""
    write(member.email, member_id=member.id)
    send()
    address = server_of_mail.messages[0]["List-Unsubscribe"]
    assert address.startswith("<http://localhost:8000/unsubscribe/")
    assert address.strip("<>") in server_of_mail.messages[0].get_body(["plain"]).get_content()
    return address.strip("<>").removeprefix("http://localhost:8000")


def test_a_visit_changes_nothing_and_the_button_does(path, client, rows, member, write, send):
    page = client.page(path)
    assert TITLE in text_of(page)
    assert rows(WANTED) == []
    assert client.submit(page.find(".//form[@action='" + path + "']").get("action")).location == path
    assert "You get no more letters of this kind" in text_of(client.page(path))
    assert rows(WANTED) == [(member.id, "listing_ends")]
    write(member.email, member_id=member.id)
    assert send().startswith("Sent 0 letters")
    # Those about the account's safety come all the same.
    write(member.email, "password_changed", member.id)
    assert send().startswith("Sent 1 letter;")


def test_a_mail_program_does_it_with_one_request_and_no_session(path, app, rows, member):
    for _ in range(2):
        answer = new_client(app).post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 303
        assert rows(WANTED) == [(member.id, "listing_ends")]


def test_nobody_does_it_for_others(path, client, rows):
    for other in (path[:-1], path + "x", "/unsubscribe/WzEsImxpc3RpbmdfZW5kcyJd.abc"):
        assert client.get(other).status_code == 404
        assert client.post(other).status_code == 404
    assert rows(WANTED) == []


def test_it_is_no_trouble_when_the_member_has_left(path, client, rows, member):
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=member.id)
    assert client.post(path).status_code == 303
    assert rows(WANTED) == []
