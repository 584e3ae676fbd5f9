"""The page of one item."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.html import text_of

KINDS = {
    "given": ({"exchange_type": "permanent"}, "gives this away for good, in return for something else"),
    "lent for a day": (
        {"exchange_type": "temporary", "duration_days": 1},
        "lends this for 1 day, in return for something else, and gets it back. Agree before",
    ),
    "lent": (
        {"exchange_type": "temporary", "duration_days": 30},
        "lends this for up to 30 days, in return for something else, and gets it back. Agree before",
    ),
    "to keep": (
        {"kind": "want", "exchange_type": "permanent"},
        "would like to keep this for good, in return for what the listing offers",
    ),
    "to borrow": (
        {"kind": "want", "exchange_type": "temporary", "duration_days": 30},
        "would like to borrow this for up to 30 days, in return for what the listing offers, and brings",
    ),
}


@pytest.fixture
def listing(make):
    root = make.category(name="Tools", slug="tools")
    member = make.member(username="wairisi")
    return make.listing(owner_id=member.id, category_id=root.id, title="My tools", items=[])


def meanings(page):
    """What the page says of the item, with what it means."""
    pairs = page.find(".//dl[@class='meanings']")
    return dict(zip(map(text_of, pairs.iter("dt")), map(text_of, pairs.iter("dd")), strict=True))


def test_everyone_reads_an_item_of_a_listing_on_show(listing, make, client, browser_of):
    item = make.item(listing, name="A saw")
    for browser in (client, browser_of(make.member())):
        page = browser.page(f"/items/{item.id}")
        assert text_of(page.find(".//h1")) == "A saw"
    assert client.head(f"/items/{item.id}").status_code == 200


def test_an_item_that_never_was_does_not_exist(listing, make, client):
    client.page(f"/items/{make.item(listing).id + 1}", 404)


@pytest.mark.parametrize(("columns", "words"), KINDS.values(), ids=KINDS)
def test_it_says_in_words_what_the_exchange_means(columns, words, listing, make, client):
    page = client.page(f"/items/{make.item(listing, **columns).id}")
    (meaning,) = meanings(page).values()
    assert meaning.startswith(f"wairisi {words}")


def test_it_says_what_value_and_condition_mean(listing, make, client):
    offer = make.item(listing, value=1500, condition="broken")
    found = meanings(client.page(f"/items/{offer.id}"))
    assert "no price: no money moves" in found["Worth about 1,500"]
    assert found["Condition: broken, or for parts"] == "The condition it is in, as its owner puts it."
    want = make.item(listing, kind="want", value=0, condition="good")
    found = meanings(client.page(f"/items/{want.id}"))
    assert found["Condition: good or better"] == "The condition that will do."
    assert "Worth about 0" in found


def test_it_shows_its_place_and_the_rest_of_the_listing(listing, make, client):
    saw = make.item(listing, name="Saw")
    drill = make.item(listing, name="Drill")
    bicycle = make.item(listing, name="Bicycle", kind="want")

    def others(item):
        page = client.page(f"/items/{item.id}")
        parts = {name: page.find(f".//section[@aria-labelledby='{name}']") for name in ("offers", "wants")}
        return {
            text_of(part.find("h2")): [a.get("href") for a in part.findall(".//h3/a")]
            for part in parts.values()
            if part is not None
        }

    assert others(saw) == {
        "Also on offer": [f"/items/{drill.id}"],
        "Wanted in return": [f"/items/{bicycle.id}"],
    }
    assert others(bicycle) == {"On offer in return": [f"/items/{saw.id}", f"/items/{drill.id}"]}
    page = client.page(f"/items/{saw.id}")
    trail = [(text_of(a), a.get("href")) for a in page.findall(".//*[@class='breadcrumbs']//a")]
    assert trail[1:] == [("Tools", "/categories/tools"), ("My tools", f"/listings/{listing.id}")]


def test_it_leads_to_those_who_want_what_it_offers_and_offer_what_it_wants(listing, make, client):
    other = make.listing(items=[{"name": "Sleeping bag, to −5 °C", "kind": "want"}])
    make.listing(items=[{"name": "Sleeping bag"}])

    def found(item):
        page = client.page(f"/items/{item.id}")
        (way,) = [a.get("href") for a in page.iter("a") if text_of(a).startswith("Find others")]
        return [a.get("href") for a in client.page(way).findall(".//*[@class='card__title']/a")]

    offer = make.item(listing, name='"Sleeping bag", −5 °C')
    assert found(offer) == [f"/listings/{other.id}"]
    assert found(make.item(listing, name="Sleeping bag -5", kind="want")) == [f"/listings/{listing.id}"]


def test_it_has_its_own_pictures_alone(listing, make, client):
    saw, drill = make.item(listing, name="Saw"), make.item(listing, name="Drill")
    make.picture(item_id=saw.id, alt="A saw on a bench")
    gallery = client.page(f"/items/{saw.id}").find(".//div[@class='gallery']")
    assert [image.get("alt") for image in gallery.iter("img")] == ["A saw on a bench"]
    assert client.page(f"/items/{drill.id}").find(".//div[@class='gallery']") is None


def test_saving_an_item_saves_its_listing_and_comes_back_to_the_item(listing, make, browser_of):
    item = make.item(listing)
    browser = browser_of(make.member())
    form = browser.page(f"/items/{item.id}").find(".//section[@class='action-block']//form")
    assert browser.submit(form.get("action")).location == f"/items/{item.id}"
    assert "On your watchlist" in text_of(browser.page(f"/items/{item.id}"))


def test_an_item_is_seen_as_long_as_its_listing(make, client, browser_of):
    for state in (
        {"status": "archived"},
        {"lifetime_days": 30, "expires_at": datetime.now(UTC) - timedelta(seconds=1)},
    ):
        owner = make.member()
        hidden = make.listing(owner_id=owner.id, items=[], **state)
        item = make.item(hidden, name="Not for everyone")
        for browser in (client, browser_of(make.member())):
            assert "Not for everyone" not in text_of(browser.page(f"/items/{item.id}", 410))
        browser_of(owner).page(f"/items/{item.id}")


@pytest.mark.parametrize("items", [0, 19])
def test_it_takes_as_many_statements_beside_one_item_as_beside_many(items, listing, make, client, browser_of):
    item = make.item(listing)
    for _ in range(items):
        make.item(listing)
    make.listing(category_id=listing.category_id)
    counted = []
    for browser in (client, browser_of(make.member())):
        browser.application.extensions["page_store"].clear()
        browser.page(f"/items/{item.id}")
        counted.append(len(browser.statements))
    assert counted == [7, 8]
