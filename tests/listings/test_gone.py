"""The page in place of a listing that is gone: it says so for good, and what else there is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.support.html import text_of

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
STATES = {
    "archived": ({"status": "archived"}, "This listing was taken down"),
    "past its time": ({"lifetime_days": 30, "expires_at": YESTERDAY}, "This listing has ended"),
    "swept": ({"status": "expired", "lifetime_days": 30, "expires_at": YESTERDAY}, "This listing has ended"),
}


@pytest.fixture
def tools(make):
    return make.category(name="Tools", slug="tools")


@pytest.fixture
def remove(connection):
    return lambda listing: connection.execute(text("DELETE FROM listings WHERE id = :id"), {"id": listing.id})


@pytest.mark.parametrize(("columns", "heading"), STATES.values(), ids=STATES)
def test_it_is_gone_for_everyone_but_its_owner(columns, heading, make, tools, client, browser_of):
    owner = make.member()
    listing = make.listing(owner_id=owner.id, category_id=tools.id, items=[], **columns)
    item = make.item(listing)
    for path in (f"/listings/{listing.id}", f"/items/{item.id}"):
        for browser in (client, browser_of(make.member())):
            assert text_of(browser.page(path, 410).find(".//h1")) == heading
        assert client.head(path).status_code == 410
        browser_of(owner).page(path)


def test_a_deleted_one_is_gone_for_its_owner_too(make, tools, client, browser_of, remove):
    owner = make.member()
    listing = make.listing(owner_id=owner.id, category_id=tools.id, title="My saws")
    remove(listing)
    for browser in (client, browser_of(owner)):
        page = browser.page(f"/listings/{listing.id}", 410)
        assert text_of(page.find(".//h1")) == "This listing was deleted"
        assert "My saws" not in text_of(page)
    client.page(f"/listings/{listing.id + 1}", 404)


def test_an_ended_one_is_named_and_an_archived_one_is_not(make, client):
    ended = make.listing(title="My saws", lifetime_days=30, expires_at=YESTERDAY)
    assert "My saws was on show until" in text_of(client.page(f"/listings/{ended.id}", 410))
    archived = make.listing(title="My drills", description="Two", area="Harbour", status="archived")
    page = client.page(f"/listings/{archived.id}", 410)
    for words in ("My drills", "Two", "Harbour"):
        assert words not in text_of(page)


@pytest.mark.parametrize("state", [*STATES, "deleted"])
def test_similar_ones_and_the_way_to_the_category_are_offered(state, make, tools, client, remove):
    kept = make.listing(category_id=tools.id, title="My saws")
    columns = STATES[state][0] if state in STATES else {}
    gone = make.listing(category_id=tools.id, **columns)
    if state == "deleted":
        remove(gone)
    page = client.page(f"/listings/{gone.id}", 410)
    cards = [a.get("href") for a in page.findall(".//*[@class='card__title']/a")]
    assert cards == [f"/listings/{kept.id}"]
    ways = [a.get("href") for a in page.iter("a") if text_of(a) == "See all in Tools"]
    assert ways == ["/categories/tools"]


@pytest.mark.parametrize("state", ["completed", "accepted"])
def test_one_of_which_all_was_swapped_says_so(state, make, client):
    ama, boa = make.member(), make.member()
    listing = make.listing(owner_id=boa.id, title="My saws", items=[], status="archived")
    things = [make.item(listing, name=name) for name in ("A saw", "A bow saw")]
    make.exchange(ama, boa, [], things, state=state)
    for path in (f"/listings/{listing.id}", f"/items/{things[0].id}"):
        page = client.page(path, 410)
        told = text_of(page.find(".//h1")) == "This listing has been swapped"
        assert told == (state == "completed")
        assert ("has gone to somebody else" in text_of(page)) == told
        assert "saw" not in text_of(page.find(".//main"))


def test_one_of_which_a_part_was_swapped_was_taken_down(make, client):
    boa = make.member()
    listing = make.listing(owner_id=boa.id, items=[], status="archived")
    gone, _kept = make.item(listing), make.item(listing)
    make.exchange(make.member(), boa, [], [gone], state="completed")
    page = client.page(f"/listings/{listing.id}", 410)
    assert text_of(page.find(".//h1")) == "This listing was taken down"


def test_what_is_similar_gives_nothing_of_an_archived_one_away(make, tools, client):
    for state, nearest in (("archived", "Newest"), ("past its time", "Hacksaw")):
        for title in ("Hacksaw", "Newest"):
            make.listing(category_id=tools.id, title=title)
        gone = make.listing(category_id=tools.id, title="A hacksaw", **STATES[state][0])
        page = client.page(f"/listings/{gone.id}", 410)
        assert text_of(page.find(".//*[@class='card__title']")) == nearest


def test_one_that_was_swept_although_it_had_no_end_is_told(make, client):
    listing = make.listing(title="My saws", status="expired")
    assert "My saws was on show. Its owner" in text_of(client.page(f"/listings/{listing.id}", 410))


def test_a_gone_one_whose_category_is_hidden_is_told_all_the_same(make, client):
    hidden = make.category(name="Hidden", is_active=False)
    listing = make.listing(category_id=hidden.id, status="archived")
    assert "Hidden" not in text_of(client.page(f"/listings/{listing.id}", 410))


@pytest.mark.parametrize("neighbours", [1, 30])
def test_it_takes_as_many_statements_beside_one_listing_as_beside_many(
    neighbours, make, tools, client, remove
):
    archived = make.listing(category_id=tools.id, status="archived")
    deleted = make.listing(category_id=tools.id)
    remove(deleted)
    for _ in range(neighbours):
        make.listing(category_id=tools.id)
    client.page(f"/listings/{archived.id}", 410)
    assert len(client.statements) == 6
    client.page(f"/listings/{deleted.id}", 410)
    assert len(client.statements) == 5
