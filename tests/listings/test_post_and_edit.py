"""What posting and editing a listing stores, and what it leaves alone."""

import pytest

COLUMNS = "kind, name, exchange_type, duration_days, value"
ITEMS = f"SELECT {COLUMNS} FROM listing_items WHERE listing_id = :id ORDER BY id"


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


@pytest.fixture
def form(make):
    """A form that is accepted."""
    return {"title": "My tools", "category_id": make.category().id, "offers-0-name": "Drill"}


@pytest.fixture
def posted(browser, rows):
    """Posts a form that must be accepted, and returns the listing's row."""

    def post(values):
        response = browser.submit("/listings/new", values)
        assert response.status_code == 303
        (listing,) = rows("SELECT * FROM listings")
        assert response.location == f"/listings/{listing.id}"
        return listing

    return post


def test_a_listing_is_published_with_its_items(posted, form, member, rows, client):
    lend = {"offers-1-name": "Saw", "offers-1-exchange_type": "temporary", "offers-1-duration_days": " 30 "}
    want = {"wants-0-name": "  A   bicycle\u0301 ", "wants-0-value": "1,500"}
    listing = posted(form | lend | want)
    assert (listing.owner_id, listing.title, listing.status) == (member.id, "My tools", "active")
    assert rows(ITEMS, id=listing.id) == [
        ("offer", "Drill", "permanent", None, None),
        ("offer", "Saw", "temporary", 30, None),
        ("want", "A   bicyclé", "permanent", None, 1500),
    ]
    client.page(f"/listings/{listing.id}")


def test_blank_rows_are_dropped(posted, form, rows):
    blank = {"name": "", "description": " ", "exchange_type": "temporary", "duration_days": "", "value": "\t"}
    blanks = {f"{r}-{n}-{k}": v for r in ("offers", "wants") for n in (1, 2) for k, v in blank.items()}
    listing = posted(form | blanks)
    assert rows(ITEMS, id=listing.id) == [("offer", "Drill", "permanent", None, None)]


def test_days_of_a_swap_for_good_are_dropped(posted, form, rows):
    days = {"offers-0-exchange_type": "permanent", "offers-0-duration_days": "30"}
    listing = posted(form | days)
    assert rows(ITEMS, id=listing.id) == [("offer", "Drill", "permanent", None, None)]


@pytest.mark.parametrize("missing", ["no row", "a blank row"])
def test_a_listing_offers_something(missing, browser, form):
    form["offers-0-name"] = ""
    if missing == "no row":
        del form["offers-0-name"]
    response = browser.submit("/listings/new", form)
    assert response.status_code == 422
    assert "Name this item, or remove it" in response.text


def test_a_hidden_category_is_not_offered(browser, form, make):
    hidden = make.category(make.category(is_active=False), name="Hidden")
    assert "Hidden" not in browser.get("/listings/new").text
    assert browser.submit("/listings/new", form | {"category_id": hidden.id}).status_code == 422


FORBIDDEN = {"owner_id": "{other}", "status": "archived", "created_at": "2001-01-01", "id": "7",
             "offers-0-owner_id": "{other}", "offers-0-listing_id": "{listing}", "offers-0-kind": "want",
             "offers-0-created_at": "2001-01-01"}  # fmt: skip


def test_what_is_not_in_the_form_is_not_taken_from_it(browser, posted, form, member, make, rows):
    other = make.listing()
    more = {name: value.format(other=other.owner_id, listing=other.id) for name, value in FORBIDDEN.items()}
    response = browser.submit("/listings/new", form | more)
    assert response.status_code == 303
    listing_id = int(response.location.split("/")[-1])
    for _ in ("posted", "edited"):
        (listing,) = rows("SELECT * FROM listings WHERE id = :id", id=listing_id)
        (item,) = rows("SELECT * FROM listing_items WHERE listing_id = :id", id=listing_id)
        assert (listing.owner_id, listing.status) == (member.id, "active")
        assert (item.owner_id, item.kind) == (member.id, "offer")
        assert min(listing.created_at.year, item.created_at.year) > 2001
        assert len(rows("SELECT 1 FROM listing_items WHERE listing_id = :id", id=other.id)) == 1
        browser.submit(f"/listings/{listing_id}/edit", form | more)


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
    assert browser.submit(f"/listings/{listing.id}/edit", form | kept | added).status_code == 303
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
        assert browser.submit(f"/listings/{mine.id}/edit", form | stolen).status_code == 303
    assert rows(others, id=mine.id) == before
    assert rows(ITEMS, id=mine.id) == [("offer", "stolen", "permanent", None, None)]


def test_one_id_in_two_rows_is_one_item_and_a_new_one(browser, member, make, form, rows):
    listing = make.listing(owner_id=member.id)
    ((item_id,),) = rows("SELECT id FROM listing_items")
    twice = {"offers-0-id": item_id, "offers-1-id": item_id, "offers-1-name": "Twin"}
    assert browser.submit(f"/listings/{listing.id}/edit", form | twice).status_code == 303
    assert rows("SELECT id = :id, name FROM listing_items ORDER BY id", id=item_id) == [
        (True, "Drill"),
        (False, "Twin"),
    ]
