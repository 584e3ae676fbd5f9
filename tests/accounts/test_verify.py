"""Addresses are verified, and nobody learns by registering who is a member."""

import pytest

from tests.conftest import new_client
from tests.factories.accounts import PASSWORD
from tests.support.html import check_page, text_of
from tests.support.posting import publish

FORM = {"username": "wairisi", "email": "w@example.org", "password": PASSWORD}
VERIFIED = "SELECT username FROM users WHERE email_verified_at IS NOT NULL ORDER BY id"
NOTICE = "Your e-mail address is not verified yet"


@pytest.fixture
def newcomer(client):
    """The browser of somebody who has just registered."""
    assert client.submit("/register", FORM).status_code == 303
    return client


def test_the_letters_link_shows_a_button_and_the_button_verifies(newcomer, app, letters, link, rows):
    assert letters() == [("verify_address", "w@example.org")]
    # A program that looks for harm in mail opens it, on another machine.
    page = new_client(app).page(link())
    assert "You are wairisi" in text_of(page)
    assert rows(VERIFIED) == []
    assert NOTICE in text_of(newcomer.page("/"))
    answer = newcomer.submit(link())
    assert answer.location == "/account"
    page = newcomer.page("/account")
    assert "your e-mail address is verified" in text_of(page.find(".//*[@role='status']"))
    assert NOTICE not in text_of(page)
    assert rows(VERIFIED) == [("wairisi",)]


def test_on_another_device_it_does_so_too_and_leads_to_the_log_in_page(newcomer, app, link, rows):
    assert new_client(app).submit(link()).location == "/login"
    assert rows(VERIFIED) == [("wairisi",)]
    assert newcomer.get("/my/listings").status_code == 200


def test_a_link_holds_once(newcomer, link, rows):
    path = link()
    newcomer.submit(path)
    for answer in (newcomer.get(path), newcomer.submit(path)):
        assert answer.status_code == 410
        assert "This link no longer works" in answer.text


def test_a_new_letter_can_be_asked_for(newcomer, letters, link):
    page = newcomer.page("/account/verify")
    assert "w@example.org" in text_of(page)
    answer = newcomer.submit(page.find(".//main//form").get("action"))
    assert "A letter is on its way" in text_of(newcomer.page(answer.location))
    assert letters() == [("verify_address", "w@example.org")] * 2
    newcomer.submit(link())
    assert "Your e-mail address is verified." in text_of(newcomer.page("/account/verify"))
    newcomer.submit("/account/verify")
    assert len(letters()) == 2


def test_until_then_listings_are_drafts(newcomer, make, link, rows):
    form = {"title": "My tools", "category_id": make.category().id, "offers-0-name": "Drill"}
    answer = publish(newcomer, form)
    assert (answer.status_code, answer.location) == (303, "/account/verify")
    page = newcomer.page("/account/verify")
    assert "Before you publish a listing" in text_of(page)
    assert rows("SELECT count(*) FROM listings") == [(0,)]
    assert rows("SELECT count(*) FROM listing_drafts") == [(1,)]
    newcomer.submit(link())
    assert publish(newcomer, form).location.startswith("/listings/")


@pytest.mark.parametrize("path", ["/", "/search?q=drill", "/my/listings", "/account", "/nowhere"])
def test_every_page_reminds_them_and_nobody_else(path, newcomer, browser_of, make, app):
    assert NOTICE in newcomer.get(path).text
    assert NOTICE not in new_client(app).get(path).text
    assert NOTICE not in browser_of(make.member()).get(path).text
    assert NOTICE in newcomer.get(path).text


def as_seen(client, rows):
    """All that somebody sees who registers, without the names that were typed and without tokens."""
    answer = client.submit("/register", {**FORM, "email": "Known@Example.org", "username": "first-try"})
    seen = [answer.status_code, answer.location, len(client.statements)]
    seen += [len(rows("SELECT 1 FROM users WHERE username = 'first-try'"))]
    for path in ("/", "/account", "/account/verify", "/members/first-try"):
        page = check_page(client.get(path).text)
        for element in page.iter("input"):
            element.attrib.pop("value", None)
        seen.append(text_of(page))
    client.submit("/logout")
    for name in ("first-try", "known@example.org"):
        seen.append(client.submit("/login", {"username": name, "password": PASSWORD}).status_code)
    return seen


def test_registering_tells_nobody_who_is_a_member(app, client, make, rows, letters):
    unknown = as_seen(client, rows)
    assert letters() == [("verify_address", "Known@example.org")]
    rows("DELETE FROM users RETURNING id")
    member = make.member(email="known@example.org", password_hash="!")
    known = as_seen(new_client(app), rows)
    assert known == unknown
    # Its owner is told, and nobody else gets anything.
    assert letters() == [("known_address", "known@example.org")]
    assert rows("SELECT text FROM outbox")[0][0].startswith(f"Hello {member.username},")


def test_the_one_who_reads_the_letters_gets_the_address(app, client, link, rows, letters):
    """Somebody else named it first, and cannot read what goes there."""
    other = new_client(app)
    other.submit("/register", FORM | {"username": "squatter"})
    squatters = link()
    client.submit("/register", FORM)
    client.submit(link())
    assert rows(VERIFIED) == [("wairisi",)]
    # Too late, even for a link that is not an hour old.
    assert other.submit(squatters).status_code == 410
    assert rows(VERIFIED) == [("wairisi",)]
    assert client.submit("/logout").status_code == 303
    assert client.submit("/login", {"username": "W@example.org", "password": PASSWORD}).status_code == 303
    assert letters() == [("verify_address", "w@example.org")] * 2


def test_an_address_that_is_not_verified_is_no_name_to_log_in_with(newcomer, link):
    newcomer.submit("/logout")
    by_address = {"username": "w@example.org", "password": PASSWORD}
    assert newcomer.submit("/login", by_address).status_code == 422
    newcomer.submit(link())
    assert newcomer.submit("/login", by_address).status_code == 303
