"""Drafts: kept as they were typed, one member's alone, and never lost without a word."""

import json
from uuid import uuid4

import pytest
from werkzeug.test import encode_multipart

from marketplace.posting.models import FORM_LENGTH
from tests.support.html import check_page, text_of
from tests.support.posting import (
    controls,
    errors,
    form_of,
    new_draft_address,
    press,
    publish,
    publish_checked,
    send_to_check,
    typed,
)

UNKNOWN = "/drafts/00000000-0000-4000-8000-000000000000"
PAGES = ("", "/check", "/discard")
PRESSES = ("", "/publish", "/discard")


@pytest.fixture
def form(make):
    """A form that is accepted."""
    return {"title": "My tools", "category_id": make.category().id, "offers-0-name": "Drill"}


def test_a_draft_is_kept_as_it_was_typed_and_found_under_my_listings(browser, form, rows, member):
    wrong = form | {"title": "  ab\t", "offers-0-value": "about 5", "wants-0-duration_days": "٣"}
    page = press(browser, new_draft_address(), wrong, "go", "save")
    assert "Your draft is saved" in text_of(page)
    ((owner_id, listing_id, kept),) = rows("SELECT owner_id, listing_id, form FROM listing_drafts")
    assert (owner_id, listing_id) == (member.id, None)
    assert kept["title"] == "  ab\t"
    assert kept["offers"] == [{"name": "Drill", "value": "about 5"}]
    assert kept["wants"] == [{"duration_days": "٣"}]
    row = browser.page("/my/listings?tab=drafts").find(".//*[@class='bulk-list__title']/a")
    assert text_of(row) == "ab"
    again = typed(browser.page(row.get("href")))
    assert (again["offers-0-value"], again["wants-0-duration_days"]) == ("about 5", "٣")


def test_saving_again_changes_the_same_draft(browser, form, rows):
    address = new_draft_address()
    page = press(browser, address, form, "go", "save")
    press(browser, address, controls(page) | {"title": "Better tools"}, "go", "save")
    assert rows("SELECT form->>'title', form->'saves' FROM listing_drafts") == [("Better tools", 2)]


def test_the_same_form_sent_twice_is_one_draft(browser, form, rows):
    address = new_draft_address()
    for _ in range(2):
        browser.submit(address, form | {"go": "check"})
    assert len(rows("SELECT id FROM listing_drafts")) == 1


def test_a_draft_is_discarded_after_a_question(browser, form, rows):
    address = new_draft_address()
    page = press(browser, address, form, "go", "save")
    (link,) = [a.get("href") for a in page.iter("a") if text_of(a) == "Discard this draft"]
    assert "My tools" in text_of(browser.page(link))
    assert len(rows("SELECT id FROM listing_drafts")) == 1
    assert browser.submit(link).location == "/my/listings?tab=drafts"
    assert rows("SELECT id FROM listing_drafts") == []


def test_discarding_changes_leaves_the_listing(browser, member, make, rows):
    listing = make.listing(owner_id=member.id, title="Before")
    page = browser.page(f"/listings/{listing.id}/edit")
    address = form_of(page).get("action")
    press(browser, address, controls(page) | {"title": "After"}, "go", "save")
    browser.submit(f"{address}/discard")
    assert rows("SELECT title FROM listings") == [("Before",)]
    assert typed(browser.page(f"/listings/{listing.id}/edit"))["title"] == "Before"


def test_somebody_elses_draft_does_not_exist(make, browser, form, rows):
    theirs = make.draft({"title": "Secret"}, owner_id=make.member().id)
    address = f"/drafts/{theirs.id}"
    for page in PAGES:
        for path in (address, UNKNOWN):
            assert "Secret" not in text_of(browser.page(f"{path}{page}", 404))
    for page in PRESSES:
        assert browser.submit(f"{address}{page}", form | {"go": "save"}).status_code == 404
    assert rows("SELECT id, owner_id, form FROM listing_drafts") == [
        (theirs.id, theirs.owner_id, theirs.form)
    ]


def test_a_draft_for_somebody_elses_listing_is_not_begun(make, browser, form, rows):
    listing = make.listing()
    values = form | {"listing": listing.id, "go": "check"}
    assert browser.submit(new_draft_address(), values).status_code == 404
    assert rows("SELECT id FROM listing_drafts") == []


def test_a_listing_has_one_draft(make, browser, member, form, rows):
    listing = make.listing(owner_id=member.id)
    pages = [browser.page(f"/listings/{listing.id}/edit") for _ in range(2)]
    first, second = (form_of(page).get("action") for page in pages)
    assert first != second
    press(browser, first, controls(pages[0]) | {"title": "One"}, "go", "save")
    response = browser.submit(second, controls(pages[1]) | {"title": "Two", "go": "save"})
    assert response.location == first
    assert rows("SELECT form->>'title' FROM listing_drafts") == [("Two",)]


def test_a_deleted_listing_takes_its_draft_along(make, browser, member, rows):
    listing = make.listing(owner_id=member.id)
    page = browser.page(f"/listings/{listing.id}/edit")
    press(browser, form_of(page).get("action"), controls(page), "go", "save")
    browser.submit(f"/listings/{listing.id}/delete")
    assert rows("SELECT id FROM listing_drafts") == []


def test_a_second_press_gets_a_clear_page_and_no_second_listing(browser, form, rows):
    _, check = send_to_check(browser, form)
    assert publish_checked(browser, check).status_code == 303
    second = publish_checked(browser, check)
    assert second.status_code == 404
    page = check_page(second.text)
    assert "Nothing is published twice" in text_of(page)
    ((listing_id,),) = rows("SELECT id FROM listings")
    newest = [a for a in page.iter("a") if a.get("href") == f"/listings/{listing_id}"]
    assert [text_of(a) for a in newest] == ["My tools"]


def test_what_is_sent_from_a_page_whose_draft_is_gone_is_kept_as_a_new_one(browser, form, rows):
    address = new_draft_address()
    page = press(browser, address, form, "go", "save")
    _, check = send_to_check(browser, controls(page), address)
    publish_checked(browser, check)
    again = press(browser, address, controls(page) | {"title": "More"}, "go", "save")
    assert "published or discarded meanwhile" in text_of(again)
    assert rows("SELECT form->>'title' FROM listing_drafts") == [("More",)]


def test_a_draft_that_is_too_long_is_refused_with_everything_that_was_typed(browser, form, rows):
    long = form | {"description": "w" * FORM_LENGTH, "go": "check"}
    response = browser.submit(new_draft_address(), long)
    assert response.status_code == 422
    page = check_page(response.text)
    assert errors(page)[0] == (
        "#title",
        "All of this together is too long to keep: shorten the longest texts",
    )
    assert typed(page)["description"] == "w" * FORM_LENGTH
    assert rows("SELECT id FROM listing_drafts") == []


@pytest.mark.parametrize("text", ["a", "é", "東", "🇵🇬", '"', "\\", "\n", "\x01", "\x7f", "\u2028"], ids=ascii)
def test_the_length_is_what_the_database_counts(text, app, connection, rows):
    form = {"title": text * 10_000, "offers": [{"id": "", "name": text}], "wants": [], "saves": 1}
    ((length,),) = rows("SELECT octet_length(CAST(CAST(:form AS jsonb) AS text))", form=json.dumps(form))
    ours = len(json.dumps(form, ensure_ascii=False).encode())
    # Python escapes all that PostgreSQL does; a little more is on the safe side.
    assert length <= ours <= length + 500


def test_the_longest_draft_that_is_kept_fits_the_table(browser, form, rows):
    address = new_draft_address()
    room = FORM_LENGTH - 500 - 400
    assert browser.submit(address, form | {"description": "x" * room}).status_code == 303
    ((length,),) = rows("SELECT octet_length(CAST(form AS text)) FROM listing_drafts")
    assert FORM_LENGTH - 1000 < length <= FORM_LENGTH


def test_more_text_than_any_form_has_is_refused_also_beside_files(browser, form):
    many = {f"offers-{n}-description": "x" * 60_000 for n in range(20)}
    boundary, body = encode_multipart(form | many | {"csrf_token": browser.csrf_token()})
    kind = f"multipart/form-data; boundary={boundary}"
    assert browser.post(new_draft_address(), data=body, content_type=kind).status_code == 413


def test_a_hundred_drafts_are_enough(make, browser, member, form, rows):
    for _ in range(100):
        make.draft(owner_id=member.id)
    response = browser.submit(new_draft_address(), form | {"go": "save"})
    assert response.status_code == 422
    assert "You have 100 drafts" in errors(check_page(response.text))[0][1]
    assert typed(check_page(response.text))["title"] == "My tools"
    # Those that are there can be saved, and all of them fit on the page.
    kept = rows("SELECT id FROM listing_drafts LIMIT 1")[0][0]
    assert browser.submit(f"/drafts/{kept}", form | {"go": "save"}).status_code == 303
    assert len(browser.page("/my/listings?tab=drafts").findall(".//*[@class='bulk-list__title']")) == 100


def by_itself(browser, address, values):
    return browser.submit(address, values | {"by_itself": "yes"})


def test_a_script_saves_and_learns_the_drafts_address(browser, form, rows):
    page = browser.page("/listings/new")
    address = form_of(page).get("action")
    saved = by_itself(browser, address, controls(page) | form)
    assert saved.get_json() == {"url": address, "saves": 1}
    saved = by_itself(browser, address, controls(page) | form | {"title": "Tools", "saves": "1"})
    assert saved.get_json() == {"url": address, "saves": 2}
    assert rows("SELECT form->>'title' FROM listing_drafts") == [("Tools",)]
    # Nothing of it is told on the next page.
    assert "Your draft is saved" not in text_of(browser.page("/"))


def test_a_script_never_saves_over_what_another_window_saved(browser, form, rows):
    address = new_draft_address()
    press(browser, address, form | {"title": "One"}, "go", "save")
    press(browser, address, form | {"title": "Two", "saves": "1"}, "go", "save")
    late = by_itself(browser, address, form | {"title": "Late", "saves": "1"})
    assert late.status_code == 409
    assert rows("SELECT form->>'title' FROM listing_drafts") == [("Two",)]
    # A button that is pressed does: what its reader sees is what is kept.
    press(browser, address, form | {"title": "Late", "saves": "1"}, "go", "save")
    assert rows("SELECT form->>'title' FROM listing_drafts") == [("Late",)]


def test_a_script_does_not_begin_a_draft_anew(browser, form, rows):
    response = by_itself(browser, new_draft_address(), form | {"saves": "3"})
    assert response.status_code == 409
    assert rows("SELECT id FROM listing_drafts") == []


def test_a_script_is_told_that_it_is_too_much(browser, form):
    response = by_itself(browser, new_draft_address(), form | {"title": "x" * FORM_LENGTH})
    assert response.status_code == 422
    assert "too long" in response.get_json()["refused"]


@pytest.mark.parametrize("value", ["", "x", "-1", "9" * 5000, "٣", "1e3"])
def test_what_a_page_says_of_itself_may_be_anything(value, browser, form, rows):
    about = {"saves": value, "based_on": value, "listing": value}
    assert browser.submit(new_draft_address(), form | about).status_code == 303
    assert rows("SELECT listing_id FROM listing_drafts") == [(None,)]


def test_an_address_that_is_no_draft_does_not_exist(browser):
    for bad in ("1", "x", str(uuid4())[:-1], f"{uuid4()}0", str(uuid4()).replace("-", "")):
        browser.page(f"/drafts/{bad}", 404)


def test_posting_goes_on_with_a_kept_draft(browser, form, rows):
    press(browser, new_draft_address(), form, "go", "save")
    row = browser.page("/my/listings?tab=drafts").find(".//*[@class='bulk-list__title']/a")
    _, check = send_to_check(browser, controls(browser.page(row.get("href"))), row.get("href"))
    assert publish_checked(browser, check).status_code == 303
    assert publish(browser, form | {"title": "Another"}).status_code == 303
    assert rows("SELECT title FROM listings ORDER BY id") == [("My tools",), ("Another",)]
