"""Suspended members are turned away, and nothing of theirs is on show, until it ends by itself."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.accounts import PASSWORD
from tests.support.html import text_of


@pytest.fixture
def suspended(case, decide, owner):
    assert decide(case, "suspend", "A rest will do you good.", days="3").status_code == 303
    return owner


def end_it(rows):
    """Let the time pass after which the suspension is over: no row is changed but for its moments."""
    for table, column in (("users", "suspended_until"), ("listings", "shown_from")):
        rows(
            f"UPDATE {table} SET {column} = now() - interval '1 second'"
            f" WHERE {column} IS NOT NULL RETURNING id"
        )


def test_the_next_request_ends_the_session_and_says_why(case, decide, owner, browser_of, rows):
    browser = browser_of(owner)
    browser.page("/my/listings")
    decide(case, "suspend", "A rest will do you good.", days="3")
    page = browser.page("/my/listings", 403)
    assert "Your account is suspended" in text_of(page)
    assert "A rest will do you good." in text_of(page)
    until = (datetime.now(UTC) + timedelta(days=3)).strftime("%-d %B %Y")
    assert until in text_of(page)
    # From then on it is the browser of a visitor.
    assert browser.get("/my/listings").location == "/login?next=/my/listings"
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("path", ["/", "/search", "/listings/new", "/search.atom", "/login"])
def test_every_page_turns_them_away(path, suspended, browser_of):
    assert browser_of(suspended).get(path).status_code == 403


def test_nothing_is_done_for_them(suspended, listing, browser_of, rows):
    assert browser_of(suspended).submit(f"/listings/{listing.id}/archive").status_code == 403
    assert rows("SELECT status FROM listings") == [("active",)]


def test_they_cannot_log_in_before_it_ends(suspended, client, rows):
    account = {"username": suspended.username, "password": PASSWORD}
    answer = client.submit("/login", account)
    assert answer.status_code == 403
    assert "A rest will do you good." in answer.text
    assert client.get("/my/listings").status_code == 303
    # Who does not know the password learns nothing.
    assert client.submit("/login", {**account, "password": "another one"}).status_code == 422
    end_it(rows)
    assert client.submit("/login", account).status_code == 303
    assert client.get("/my/listings").status_code == 200


def test_it_ends_by_itself_for_their_listings(suspended, listing, client, rows):
    for path in (
        "/",
        "/search?q=theremin",
        "/categories/tools",
        "/search.atom",
        f"/members/{suspended.username}",
    ):
        assert f'/listings/{listing.id}"' not in client.get(path).text
    assert client.get(f"/listings/{listing.id}").status_code == 410
    end_it(rows)
    for path in ("/", "/search?q=theremin", "/categories/tools", f"/members/{suspended.username}"):
        assert f'/listings/{listing.id}"' in client.get(path).text, path
    assert client.get(f"/listings/{listing.id}").status_code == 200


def test_kept_pages_know_when_it_ends(suspended, rows):
    from marketplace.database.versions import WHOLE_STATEMENT

    ((_, _, _, next_end),) = rows(WHOLE_STATEMENT)
    ((until,),) = rows(
        "SELECT extract(epoch FROM suspended_until)::float8 FROM users WHERE suspended_until IS NOT NULL"
    )
    assert next_end == until


def test_a_letter_says_what_cannot_be_read_on_the_site(suspended, rows):
    ((address, subject, text),) = rows("SELECT address, subject, text FROM outbox")
    assert (address, subject) == (suspended.email, "A moderator has a notice for you")
    assert "A rest will do you good." in text
    assert "Until then you cannot log in" in text


def test_it_can_be_ended_before(suspended, case, decide, listing, browser_of, client, rows):
    assert decide(case, "lift", "We talked.", version=1).status_code == 303
    assert client.get(f"/listings/{listing.id}").status_code == 200
    assert browser_of(suspended).get("/my/listings").status_code == 200
    assert rows("SELECT suspended_until FROM users WHERE id = :id", id=suspended.id) == [(None,)]


def test_what_is_the_same_for_everybody_asks_nobody(suspended, browser_of):
    browser = browser_of(suspended)
    for path in ("/robots.txt", "/sitemap.xml", "/static/css/base.css"):
        assert browser.get(path).status_code == 200
