"""Listings are looked through when they are published and when they are changed."""

import pytest

from tests.support.html import text_of
from tests.support.posting import errors, publish, publish_edit, send_to_check, typed

LINK = "More at https://example.org/me"


@pytest.fixture
def category(make):
    return make.category(name="Tools", slug="tools")


@pytest.fixture
def member(make):
    return make.member(username="Newcomer")


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


@pytest.fixture
def values(category):
    return {
        "title": "A drill",
        "category_id": str(category.id),
        "offers-0-name": "Drill",
        "wants-0-name": "Saw",
    }


def only_listing(rows):
    ((listing_id, is_hidden),) = rows("SELECT id, hidden_at IS NOT NULL FROM listings")
    return listing_id, is_hidden


def told_to_moderators(rows):
    return [row[0] for row in rows("SELECT words FROM reports WHERE reason = 'screened' ORDER BY id")]


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("title", "#title"),
        ("description", "#description"),
        ("area", "#area"),
        ("offers-0-name", "#offers-0-name"),
        ("offers-0-description", "#offers-0-description"),
        ("wants-0-name", "#wants-0-name"),
    ],
)
def test_a_refused_word_is_told_beside_its_field_and_nothing_is_lost(
    make, browser, values, rows, field, place
):
    make.screened_word("Ivory")
    sent = values | {field: "An ïvory comb"}
    _, page = send_to_check(browser, sent)
    ((link, sentence),) = errors(page)
    assert link == place
    assert "Listings here cannot have “Ivory” in them: leave it out" in sentence
    assert typed(page)[field] == "An ïvory comb"
    assert typed(page)["title"] == sent["title"]
    assert rows("SELECT count(*) FROM listings") == [(0,)]


def test_a_word_that_is_refused_meanwhile_is_not_published(make, browser, values, rows):
    _, page = send_to_check(browser, values)
    make.screened_word("Drill")
    form = next(form for form in page.iter("form") if (form.get("action") or "").endswith("/publish"))
    hidden = {each.get("name", ""): each.get("value") for each in form.iter("input")}
    answer = browser.submit(form.get("action"), hidden)
    assert answer.location.endswith("/check")
    assert "cannot have “Drill” in them" in browser.get(answer.location).text
    assert rows("SELECT count(*) FROM listings") == [(0,)]


def test_a_plain_first_listing_is_on_show_at_once(browser, values, rows, client):
    publish(browser, values)
    listing_id, is_hidden = only_listing(rows)
    assert not is_hidden
    assert client.get(f"/listings/{listing_id}").status_code == 200
    assert told_to_moderators(rows) == []


@pytest.mark.parametrize("field", ["title", "description", "offers-0-description", "wants-0-name", "area"])
@pytest.mark.parametrize("contact", ["www.example.org", "me@example.org", "+44 20 7946 0958"])
def test_contacts_in_first_listings_wait_for_a_moderator(browser, values, rows, client, field, contact):
    answer = publish(browser, values | {field: f"Ask {contact}"})
    listing_id, is_hidden = only_listing(rows)
    assert is_hidden
    assert client.get(f"/listings/{listing_id}").status_code == 410
    assert rows("SELECT count(*) FROM search_entries") == [(0,)]
    (told,) = told_to_moderators(rows)
    assert contact in told
    own = browser.get(answer.location).text
    assert "A moderator looks at it first: then it is on show." in own
    assert "Until then only you and moderators see it." in own


def test_a_held_word_waits_for_a_moderator_whoever_uses_it(make, browser_of, values, rows, client):
    make.screened_word("snake oil", outcome="hold")
    known = make.member()
    for _ in range(3):
        listing = make.listing(owner_id=known.id)
        rows(
            "UPDATE listings SET created_at = now() - interval '8 days' WHERE id = :id RETURNING id",
            id=listing.id,
        )
    answer = publish(browser_of(known), values | {"description": f"Snake Oil. {LINK}"})
    assert client.get(answer.location).status_code == 410
    assert told_to_moderators(rows) == ["It has “snake oil” in it, which is to be looked at."]


@pytest.mark.parametrize(
    ("listings", "age", "hidden", "waits"),
    [
        (3, "8 days", False, False),
        (2, "8 days", False, True),
        (3, "6 days", False, True),
        (3, "8 days", True, True),
    ],
)
def test_members_are_new_until_three_listings_were_on_show_for_a_week(
    make, browser, member, values, client, rows, listings, age, hidden, waits
):
    for _ in range(listings):
        listing = make.listing(owner_id=member.id)
        rows(
            "UPDATE listings SET created_at = now() - CAST(:age AS interval),"
            " hidden_at = CASE WHEN :hidden THEN now() END WHERE id = :id RETURNING id",
            id=listing.id,
            age=age,
            hidden=hidden,
        )
    answer = publish(browser, values | {"description": LINK})
    assert client.get(answer.location).status_code == (410 if waits else 200)


def test_a_change_that_adds_a_contact_waits_too(browser, values, rows, client):
    publish(browser, values)
    listing_id, _ = only_listing(rows)
    publish_edit(browser, listing_id, values | {"description": LINK})
    assert only_listing(rows) == (listing_id, True)
    assert client.get(f"/listings/{listing_id}").status_code == 410


@pytest.fixture
def held(browser, values, rows):
    publish(browser, values | {"description": LINK})
    listing_id, _ = only_listing(rows)
    ((case_id,),) = rows("SELECT id FROM report_cases")
    return listing_id, case_id


def decide(browser, case_id, decision):
    form = {"decision": decision, "reason": "I looked at it.", "version": "0"}
    return browser.submit(f"/moderation/cases/{case_id}", form)


def test_a_moderator_shows_it_and_it_is_not_looked_at_again(
    held, make, browser_of, browser, values, client, rows
):
    listing_id, case_id = held
    moderator = browser_of(make.moderator())
    assert "The site asks for a look" in text_of(moderator.page(f"/moderation/cases/{case_id}"))
    # It would stay off the site without a word to its owner.
    assert decide(moderator, case_id, "dismiss").status_code == 422
    assert decide(moderator, case_id, "show_again").status_code == 303
    assert client.get(f"/listings/{listing_id}").status_code == 200
    publish_edit(browser, listing_id, values | {"description": f"{LINK}, and more"})
    assert only_listing(rows) == (listing_id, False)
    publish_edit(browser, listing_id, values | {"description": f"{LINK}, me@example.org"})
    assert only_listing(rows) == (listing_id, True)


def test_a_moderator_keeps_it_off_the_site_and_says_why(held, make, browser_of, browser, client):
    listing_id, case_id = held
    assert decide(browser_of(make.moderator()), case_id, "hide").status_code == 303
    assert client.get(f"/listings/{listing_id}").status_code == 410
    own = text_of(browser.page(f"/listings/{listing_id}"))
    assert "A moderator has hidden your listing" in own
    assert "I looked at it." in own


def test_its_owner_cannot_show_what_waits(held, browser, values, rows):
    listing_id, _ = held
    for act in ("renew", "restore"):
        assert (
            "only a moderator can show it again"
            in browser.get(browser.submit(f"/listings/{listing_id}/{act}").location).text
        )
    publish_edit(browser, listing_id, values | {"description": "Nothing to see"})
    assert only_listing(rows) == (listing_id, True)
