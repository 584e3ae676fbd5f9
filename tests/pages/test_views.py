"""The home page."""

from datetime import UTC, datetime, timedelta

from tests.support.html import text_of


def titles(page):
    return [text_of(title) for title in page.findall(".//*[@class='card__title']")]


def test_an_empty_site_asks_for_its_first_listing(client):
    page = client.page("/")
    assert "Your listing would be the first" in text_of(page)
    assert titles(page) == []


def test_the_twelve_newest_listings_of_the_whole_site_are_shown(client, make):
    for age in range(14):
        posted = datetime.now(UTC) - timedelta(days=age)
        make.listing(title=f"{age} days old", created_at=posted)
    make.listing(title="Archived", status="archived")
    assert titles(client.page("/")) == [f"{age} days old" for age in range(12)]


def test_a_card_tells_what_is_offered_and_wanted(client, make):
    lend = {"name": "Saw", "exchange_type": "temporary", "duration_days": 7}
    wants = [{"name": f"Wish {n}", "kind": "want"} for n in range(1, 7)]
    category = make.category(name="Tools", slug="tools")
    member = make.member(username="wairisi")
    items = [{"name": "Drill"}, lend, {"name": "File"}, {"name": "Axe"}, *wants]
    listing = make.listing(title="My tools", owner_id=member.id, category_id=category.id, items=items)
    card = client.page("/").find(".//article")
    assert card.find(".//h3/a").get("href") == f"/listings/{listing.id}"
    offers = [text_of(offer) for offer in card.findall(".//*[@class='card__offers']/li")]
    assert offers == ["Drill Swap for good", "Saw Lend, up to 7 days", "and 2 more"]
    wanted = text_of(card.find(".//*[@class='card__wants']"))
    assert wanted == "Wants: Wish 1, Wish 2, Wish 3 and 3 more"
    assert "Posted by wairisi just now" in text_of(card)
    assert "Tools" in text_of(card)


def test_a_card_without_wishes_is_open_to_offers(client, make):
    make.listing()
    assert "Open to offers" in text_of(client.page("/").find(".//article"))


def test_a_listing_whose_category_is_hidden_is_still_shown(client, make):
    make.listing(category_id=make.category(name="Hidden", is_active=False).id, title="Still here")
    page = client.page("/")
    assert titles(page) == ["Still here"]
    assert "Hidden" not in text_of(page)
