"""A session that ends while a form is filled in loses nothing that was typed, and gives nothing away."""

import io
import re

import pytest

from marketplace.posting import actions
from tests.conftest import new_client
from tests.factories.accounts import PASSWORD
from tests.support.html import check_page, text_of
from tests.support.pictures import encoded, still_life
from tests.support.posting import controls, errors, form_of, new_draft_address, press, typed

DRAFTS = "SELECT owner_id, listing_id, form->>'title' FROM listing_drafts ORDER BY created_at, form->>'title'"


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def form(make):
    """A form that is accepted."""
    return {"title": "My tools", "category_id": str(make.category().id), "offers-0-name": "Drill"}


@pytest.fixture
def begun(browser_of, member, form):
    """The address of a draft that the member began, as `begun[0]`, and what its page would send again."""
    address = new_draft_address()
    page = press(browser_of(member), address, form | {"title": "Begun"}, "go", "save")
    return address, controls(page)


def kept_address(response):
    """The address of the draft to which a visitor is to come back after logging in."""
    assert response.status_code == 303
    match = re.fullmatch(r"/login\?next=(/drafts/[0-9a-f-]{36})", response.location)
    assert match, response.location
    return match[1]


def log_in(client, member, back):
    values = {"username": member.username, "password": PASSWORD, "next": back}
    return client.submit("/login", values)


def test_what_was_typed_waits_until_its_writer_has_logged_in(client, member, form, rows):
    response = client.submit(new_draft_address(), form | {"offers-0-value": "about 5", "go": "check"})
    address = kept_address(response)
    assert rows(DRAFTS) == [(None, None, "My tools")]
    assert "What you typed is kept" in text_of(client.page(response.location))
    assert log_in(client, member, address).location == address
    page = client.page(address)
    assert typed(page)["offers-0-value"] == "about 5"
    assert "before you had logged in" in text_of(page)
    # Looking at it writes nothing; the next press makes it the member's.
    assert rows(DRAFTS) == [(None, None, "My tools")]
    again = press(client, form_of(page).get("action"), controls(page), "go", "save")
    assert "before you had logged in" not in text_of(again)
    assert rows(DRAFTS) == [(member.id, None, "My tools")]


@pytest.mark.parametrize("token", ["none", "nonsense", "another session's"])
def test_a_form_with_the_token_of_another_session_is_kept_the_same_way(
    token, begun, browser_of, member, rows
):
    address, values = begun
    browser = browser_of(member)
    browser.csrf_token()
    tokens = {
        "none": {},
        "nonsense": {"csrf_token": "é"},
        "another session's": {"csrf_token": browser_of(member).csrf_token()},
    }
    response = browser.post(address, data=values | {"title": "Typed", "go": "check"} | tokens[token])
    # Signed in already, its writer comes right back.
    assert response.status_code == 303
    assert response.location.startswith("/drafts/")
    assert response.location != address
    page = browser.page(response.location)
    assert typed(page)["title"] == "Typed"
    assert rows(DRAFTS) == [(member.id, None, "Begun"), (None, None, "Typed")]
    # It goes on in the draft that it was typed into.
    after = browser.submit(response.location, controls(page) | {"go": "save"})
    assert after.location == address
    assert rows(DRAFTS) == [(member.id, None, "Typed")]


def test_a_visitor_changes_no_members_draft(begun, client, member, rows):
    address, values = begun
    kept = kept_address(client.submit(address, values | {"title": "Typed by somebody", "go": "save"}))
    assert rows(DRAFTS) == [(member.id, None, "Begun"), (None, None, "Typed by somebody")]
    # Whoever else logs in keeps it as a draft of their own.
    assert kept != address


def test_somebody_else_who_logs_in_keeps_it_as_their_own(begun, browser_of, make, client, member, rows):
    address, values = begun
    kept = kept_address(client.submit(address, values | {"title": "Typed", "go": "save"}))
    other = make.member()
    browser = browser_of(other)
    press(browser, kept, controls(browser.page(kept)), "go", "save")
    assert rows(DRAFTS) == [(member.id, None, "Begun"), (other.id, None, "Typed")]


def test_changes_to_a_listing_come_back_to_it(browser_of, client, make, member, form, rows):
    listing = make.listing(owner_id=member.id)
    browser = browser_of(member)
    page = browser.page(f"/listings/{listing.id}/edit")
    sent = controls(page) | {"title": "Changed", "go": "check"}
    kept = kept_address(client.submit(form_of(page).get("action"), sent))
    assert rows(DRAFTS) == [(None, listing.id, "Changed")]
    # Nobody's draft does not stand in the owner's way.
    assert browser.get(f"/listings/{listing.id}/edit").status_code == 200
    press(browser, kept, controls(browser.page(kept)), "go", "save")
    assert rows(DRAFTS) == [(member.id, listing.id, "Changed")]
    assert browser.get(f"/listings/{listing.id}/edit").location == kept


def test_changes_to_a_listing_that_already_has_a_draft_go_into_that(browser_of, client, make, member, rows):
    listing = make.listing(owner_id=member.id)
    browser = browser_of(member)
    page = browser.page(f"/listings/{listing.id}/edit")
    kept = kept_address(client.submit(form_of(page).get("action"), controls(page) | {"title": "Late"}))
    draft = make.draft({"title": "Begun elsewhere"}, owner_id=member.id, listing_id=listing.id)
    answer = browser.submit(kept, controls(browser.page(kept)) | {"go": "save"})
    assert answer.location == f"/drafts/{draft.id}"
    assert rows(DRAFTS) == [(member.id, listing.id, "Late")]


def test_changes_to_somebody_elses_listing_become_a_new_one(browser_of, client, make, rows):
    listing = make.listing()
    other = make.member()
    kept = kept_address(client.submit(new_draft_address(), {"title": "Mine now", "listing": listing.id}))
    browser = browser_of(other)
    press(browser, kept, controls(browser.page(kept)), "go", "save")
    assert rows(DRAFTS) == [(other.id, None, "Mine now")]


def test_nobodys_draft_is_shown_to_no_visitor_and_published_by_nobody(client, browser_of, make, form, rows):
    kept = kept_address(client.submit(new_draft_address(), form))
    for page in ("", "/check", "/discard"):
        assert client.get(f"{kept}{page}").location == f"/login?next={kept}{page}"
    browser = browser_of(make.member())
    assert form_of(browser.page(f"{kept}/check")) is not None
    assert browser.submit(f"{kept}/publish", {"saves": "1"}).status_code == 404
    assert browser.submit(f"{kept}/discard").status_code == 404
    assert rows("SELECT id FROM listings") == []
    assert len(rows("SELECT id FROM listing_drafts")) == 1


def test_where_somebody_elses_draft_lies_is_not_told(begun, client, rows):
    address, values = begun
    known = client.submit(address, values | {"go": "save"})
    unknown = client.submit(new_draft_address(), values | {"go": "save"})
    assert kept_address(known) != kept_address(unknown)
    assert known.text.replace(known.location, "") == unknown.text.replace(unknown.location, "")


def test_a_listing_that_is_not_there_stands_in_no_drafts_way(client, rows):
    kept_address(client.submit(new_draft_address(), {"title": "Lost", "listing": "987654321"}))
    assert rows(DRAFTS) == [(None, None, "Lost")]


def test_a_script_saves_nothing_for_nobody(client, form, rows):
    response = client.submit(new_draft_address(), form | {"by_itself": "yes"})
    assert (response.status_code, response.get_json()) == (401, {"logged_out": True})
    assert rows("SELECT id FROM listing_drafts") == []


def test_a_script_does_not_take_nobodys_draft(client, browser_of, make, form, rows):
    kept = kept_address(client.submit(new_draft_address(), form))
    response = browser_of(make.member()).submit(kept, form | {"by_itself": "yes", "saves": "1"})
    assert response.status_code == 409
    assert rows("SELECT owner_id FROM listing_drafts") == [(None,)]


def test_what_is_kept_for_nobody_has_a_limit_and_what_was_typed_stays_on_the_page(
    client, make, form, monkeypatch, rows
):
    monkeypatch.setattr(actions, "OWNERLESS_MAXIMUM", 2)
    for _ in range(2):
        kept_address(client.submit(new_draft_address(), form))
    make.draft(owner_id=make.member().id)
    response = client.submit(new_draft_address(), form | {"go": "check"})
    assert response.status_code == 422
    page = check_page(response.text)
    assert "log in in another window first" in errors(page)[0][1]
    assert typed(page)["title"] == "My tools"
    assert rows("SELECT count(*) FROM listing_drafts WHERE owner_id IS NULL") == [(2,)]


def test_pictures_are_not_taken_from_nobody(client, form, rows):
    data = form | {"offers-0-files": [(io.BytesIO(encoded(still_life(), "PNG")), "drill.png")]}
    kept_address(client.submit(new_draft_address(), data, content_type="multipart/form-data"))
    assert rows("SELECT id FROM pictures") == []
    assert rows(DRAFTS) == [(None, None, "My tools")]


def test_a_stranger_who_has_the_address_of_another_members_pictures_sees_none(
    app, browser_of, make, member, rows
):
    other = make.member()
    theirs = make.picture(owner_id=other.id)
    row = {"name": "Drill", "pictures": [{"id": str(theirs.id), "alt": ""}]}
    draft = make.draft({"offers": [row]}, owner_id=member.id)
    page = browser_of(member).page(f"/drafts/{draft.id}")
    assert page.find(".//*[@class='file-upload__kept']") is None
    assert theirs.key not in new_client(app).sign_in(member).get(f"/drafts/{draft.id}").text
