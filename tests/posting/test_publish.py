"""What publishing a draft stores, and what it leaves alone."""

from datetime import timedelta

import pytest

from tests.support.html import text_of
from tests.support.posting import (
    controls,
    errors,
    form_of,
    new_draft_address,
    press,
    publish,
    publish_checked,
    publish_edit,
    send_to_check,
)

COLUMNS = "kind, name, exchange_type, duration_days, value, condition"
ITEMS = f"SELECT {COLUMNS} FROM listing_items WHERE listing_id = :id ORDER BY id"


@pytest.fixture
def form(make):
    """A form that is accepted."""
    return {"title": "My tools", "category_id": make.category().id, "offers-0-name": "Drill"}


@pytest.fixture
def posted(browser, rows):
    """Publishes a form that must be accepted, and returns the listing's row."""

    def post(values):
        response = publish(browser, values)
        assert response.status_code == 303
        (listing,) = rows("SELECT *, expires_at - now() AS lasts FROM listings")
        assert response.location == f"/listings/{listing.id}"
        return listing

    return post


def test_a_listing_is_published_with_its_items_and_the_draft_is_gone(posted, form, member, rows, client):
    lend = {
        "offers-1-name": "Saw",
        "offers-1-exchange_type": "temporary",
        "offers-1-duration_days": " 30 ",
        "offers-1-condition": "good",
    }
    want = {"wants-0-name": "  A   bicycle\u0301 ", "wants-0-value": "1,500"}
    listing = posted(form | lend | want | {"area": " Harbour ", "lifetime_days": "30"})
    assert (listing.owner_id, listing.title, listing.status) == (member.id, "My tools", "active")
    assert (listing.area, listing.lifetime_days, listing.lasts) == ("Harbour", 30, timedelta(days=30))
    assert rows(ITEMS, id=listing.id) == [
        ("offer", "Drill", "permanent", None, None, None),
        ("offer", "Saw", "temporary", 30, None, "good"),
        ("want", "A   bicyclé", "permanent", None, 1500, None),
    ]
    assert rows("SELECT id FROM listing_drafts") == []
    client.page(f"/listings/{listing.id}")


def test_a_listing_can_be_shown_without_end_and_without_an_area(posted, form):
    listing = posted(form | {"lifetime_days": "none", "area": "  "})
    assert (listing.lifetime_days, listing.expires_at, listing.area) == (None, None, None)


def test_a_listing_is_found_as_soon_as_it_is_published(posted, form, rows):
    listing = posted(form)
    found = "SELECT listing_id FROM search_entries WHERE document @@ to_tsquery('english', 'drill')"
    assert rows(found) == [(listing.id,)]


def test_one_thing_goes_by_the_title(posted, form, rows):
    listing = posted(form | {"offers-0-name": "", "offers-0-value": "3"})
    assert rows(ITEMS, id=listing.id) == [("offer", "My tools", "permanent", None, 3, None)]


def test_blank_rows_are_dropped(posted, form, rows):
    blank = {"name": "", "description": " ", "exchange_type": "temporary", "duration_days": "", "value": "\t"}
    blanks = {f"{r}-{n}-{k}": v for r in ("offers", "wants") for n in (1, 2) for k, v in blank.items()}
    listing = posted(form | blanks)
    assert rows(ITEMS, id=listing.id) == [("offer", "Drill", "permanent", None, None, None)]


def test_days_of_a_swap_for_good_are_dropped(posted, form, rows):
    days = {"offers-0-exchange_type": "permanent", "offers-0-duration_days": "30"}
    listing = posted(form | days)
    assert rows(ITEMS, id=listing.id) == [("offer", "Drill", "permanent", None, None, None)]


def test_nothing_is_published_before_the_last_press(browser, form, rows):
    press(browser, new_draft_address(), form, "go", "check")
    press(browser, new_draft_address(), form, "go", "save")
    assert rows("SELECT id FROM listings") == []
    assert len(rows("SELECT id FROM listing_drafts")) == 2


def test_a_draft_with_a_mistake_cannot_be_published_by_its_address(browser, form, rows):
    address = new_draft_address()
    browser.submit(address, form | {"title": "", "go": "check"})
    response = browser.submit(f"{address}/publish", {"saves": "1"})
    assert response.location == f"{address}/check"
    assert ("#title", "Give your listing a title") in errors(browser.page(response.location))
    assert rows("SELECT id FROM listings") == []


def test_a_hidden_category_is_not_offered(browser, form, make):
    hidden = make.category(make.category(is_active=False), name="Hidden")
    assert "Hidden" not in browser.get("/listings/new").text
    _, page = send_to_check(browser, form | {"category_id": hidden.id})
    assert errors(page) == [("#category_id", "Choose a category from the list")]


def test_a_category_hidden_after_the_check_is_asked_for_again(browser, form, rows):
    _, page = send_to_check(browser, form)
    rows("UPDATE categories SET is_active = false RETURNING id")
    response = publish_checked(browser, page)
    assert errors(browser.page(response.location)) == [("#category_id", "Choose a category from the list")]
    assert rows("SELECT id FROM listings") == []


FORBIDDEN = {"owner_id": "{other}", "status": "archived", "created_at": "2001-01-01", "id": "7",
             "offers-0-owner_id": "{other}", "offers-0-listing_id": "{listing}", "offers-0-kind": "want",
             "offers-0-created_at": "2001-01-01", "expires_at": "2001-01-01"}  # fmt: skip


def test_what_is_not_in_the_form_is_not_taken_from_it(browser, form, member, make, rows):
    other = make.listing()
    more = {name: value.format(other=other.owner_id, listing=other.id) for name, value in FORBIDDEN.items()}
    response = publish(browser, form | more)
    listing_id = int(response.location.split("/")[-1])
    for _ in ("posted", "edited"):
        (listing,) = rows("SELECT * FROM listings WHERE id = :id", id=listing_id)
        (item,) = rows("SELECT * FROM listing_items WHERE listing_id = :id", id=listing_id)
        assert (listing.owner_id, listing.status) == (member.id, "active")
        assert (item.owner_id, item.kind) == (member.id, "offer")
        assert min(listing.created_at.year, item.created_at.year) > 2001
        assert listing.expires_at > listing.created_at
        assert len(rows("SELECT 1 FROM listing_items WHERE listing_id = :id", id=other.id)) == 1
        publish_edit(browser, listing_id, form | more)


def test_editing_keeps_the_ids_of_items_and_deletes_those_that_left(browser, member, make, form, rows):
    listing = make.listing(owner_id=member.id, items=[{"name": name} for name in "abc"])
    ids = [id_ for (id_,) in rows("SELECT id FROM listing_items ORDER BY id")]
    kept = {
        "offers-0-id": ids[2],
        "offers-0-name": "c again",
        "wants-4-id": ids[0],
        "wants-4-name": "a, wanted",
    }
    added = {"offers-1-id": "", "offers-1-name": "new"}
    assert publish_edit(browser, listing.id, form | kept | added).status_code == 303
    first, third, new = rows("SELECT id, kind, name FROM listing_items ORDER BY id")
    assert first == (ids[0], "want", "a, wanted")
    assert third == (ids[2], "offer", "c again")
    assert new[0] not in ids
    assert new[1:] == ("offer", "new")


def test_an_item_of_another_listing_is_not_touched(browser, member, make, form, rows):
    mine, also_mine, theirs = (
        make.listing(owner_id=member.id),
        make.listing(owner_id=member.id),
        make.listing(),
    )
    others = "SELECT i::text FROM listing_items i WHERE listing_id <> :id ORDER BY id"
    before = rows(others, id=mine.id)
    for (item_id,) in rows(
        "SELECT id FROM listing_items WHERE listing_id IN (:a, :b)", a=also_mine.id, b=theirs.id
    ):
        stolen = {"offers-0-id": item_id, "offers-0-name": "stolen"}
        assert publish_edit(browser, mine.id, form | stolen).status_code == 303
    assert rows(others, id=mine.id) == before
    assert rows(ITEMS, id=mine.id) == [("offer", "stolen", "permanent", None, None, None)]


def test_one_id_in_two_rows_is_one_item_and_a_new_one(browser, member, make, form, rows):
    listing = make.listing(owner_id=member.id)
    ((item_id,),) = rows("SELECT id FROM listing_items")
    twice = {"offers-0-id": item_id, "offers-1-id": item_id, "offers-1-name": "Twin"}
    assert publish_edit(browser, listing.id, form | twice).status_code == 303
    assert rows("SELECT id = :id, name FROM listing_items ORDER BY id", id=item_id) == [
        (True, "Drill"),
        (False, "Twin"),
    ]


def test_a_listing_stays_as_it_is_until_its_changes_are_published(browser, client, member, make, form, rows):
    listing = make.listing(owner_id=member.id, title="Before")
    page = browser.page(f"/listings/{listing.id}/edit")
    address = form_of(page).get("action")
    _, check = send_to_check(browser, controls(page) | form, address)
    assert rows("SELECT title FROM listings") == [("Before",)]
    assert text_of(client.page(f"/listings/{listing.id}").find(".//h1")) == "Before"
    # Whoever comes back to editing goes on where it was left.
    again = browser.get(f"/listings/{listing.id}/edit")
    assert (again.status_code, again.location) == (303, address)
    assert publish_checked(browser, check).location == f"/listings/{listing.id}"
    assert rows("SELECT title FROM listings") == [("My tools",)]
    assert rows("SELECT id FROM listing_drafts") == []


@pytest.mark.parametrize(
    ("before", "chosen", "status", "days"),
    [
        # The time goes on when nothing else is chosen, and begins anew otherwise.
        ("active, 10 days left of 30", "30", "active", 10),
        ("active, 10 days left of 30", "90", "active", 90),
        ("active, 10 days left of 30", "none", "active", None),
        ("active, without end", "none", "active", None),
        ("active, without end", "60", "active", 60),
        # What has ended is shown again, swept or not; what is archived stays so.
        ("active, 1 day over 30", "30", "active", 30),
        ("expired, 1 day over 30", "30", "active", 30),
        ("archived, 10 days left of 30", "30", "archived", 10),
        ("archived, 1 day over 30", "30", "archived", -1),
    ],
)
def test_how_long_an_edited_listing_is_shown(before, chosen, status, days, browser, member, make, form, rows):
    state, _, rest = before.partition(", ")
    listing = make.listing(owner_id=member.id, status=state)
    if rest != "without end":
        left = int(rest.split()[0]) * (-1 if "over" in rest else 1)
        rows(
            "UPDATE listings SET lifetime_days = 30, expires_at = now() + make_interval(days => :left)"
            " RETURNING id",
            left=left,
        )
    publish_edit(browser, listing.id, form | {"lifetime_days": chosen})
    ((now, lasts),) = rows("SELECT status, expires_at - now() FROM listings")
    assert (now, lasts) == (status, None if days is None else timedelta(days=days))


def test_a_listing_that_was_changed_meanwhile_says_so_and_still_takes_the_changes(
    browser, member, make, form, rows
):
    listing = make.listing(owner_id=member.id, title="Before")
    page = browser.page(f"/listings/{listing.id}/edit")
    address = form_of(page).get("action")
    _, check = send_to_check(browser, controls(page) | form, address)
    assert "has been changed since" not in text_of(check)
    rows("UPDATE listings SET title = 'Meanwhile', updated_at = updated_at + interval '1 s' RETURNING id")
    response = publish_checked(browser, check)
    assert response.location == f"{address}/check"
    assert rows("SELECT title FROM listings") == [("Meanwhile",)]
    again = browser.page(response.location)
    assert "has been changed since" in text_of(again)
    assert "changed in another window" in text_of(again)
    assert "has been changed since" in text_of(browser.page(address))
    publish_checked(browser, again)
    assert rows("SELECT title FROM listings") == [("My tools",)]


def test_what_is_published_is_what_was_checked(browser, form, rows):
    address = new_draft_address()
    _, check = send_to_check(browser, form, address)
    browser.submit(address, form | {"title": "Changed elsewhere", "go": "save", "saves": "1"})
    response = publish_checked(browser, check)
    assert response.location == f"{address}/check"
    assert rows("SELECT id FROM listings") == []
    publish_checked(browser, browser.page(response.location))
    assert rows("SELECT title FROM listings") == [("Changed elsewhere",)]
