"""The page of a listing."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.html import text_of

NOW = datetime.now(UTC)
LEND = {"name": "Saw", "exchange_type": "temporary", "duration_days": 7, "value": 1500, "condition": "good"}
WISH = {"kind": "want", "name": "A bicycle", "condition": "worn"}


@pytest.fixture
def owner(make):
    return make.member(username="wairisi")


@pytest.fixture
def tools(make):
    return make.category(make.category(name="Tools", slug="tools"), name="Saws", slug="saws")


@pytest.fixture
def listing(make, owner, tools):
    return make.listing(
        owner_id=owner.id,
        category_id=tools.id,
        title="My tools",
        description="From the shed.\n\nSee https://example.org.",
        area="Harbour side",
        lifetime_days=30,
        expires_at=NOW + timedelta(days=17, hours=5),
        created_at=NOW - timedelta(days=3),
        items=[LEND, {"name": "Drill"}, WISH],
    )


def facts(page):
    """What the page says of the listing, by its term."""
    pairs = page.find(".//dl[@class='facts']")
    return {text_of(pair.find("dt")): text_of(pair.find("dd")) for pair in pairs}


def action(page):
    """The block of what can be done: its heading, and its links and buttons with where they lead."""
    block = page.find(".//section[@class='action-block']")
    ways = {text_of(link): link.get("href") for link in block.iter("a")}
    ways |= {text_of(form.find(".//button")): form.get("action") for form in block.iter("form")}
    return text_of(block.find("h2")), ways


def section(page, name):
    return page.find(f".//section[@aria-labelledby='{name}']")


def test_everyone_reads_a_listing_on_show(listing, client, browser_of, make, owner):
    for browser in (client, browser_of(make.member()), browser_of(owner)):
        page = browser.page(f"/listings/{listing.id}")
        assert text_of(page.find(".//h1")) == "My tools"
    assert client.head(f"/listings/{listing.id}").status_code == 200


def test_a_listing_that_never_was_does_not_exist(client, listing):
    client.page(f"/listings/{listing.id + 1}", 404)


def test_it_says_what_is_offered_and_wanted_where_and_how_long(listing, client, rows):
    page = client.page(f"/listings/{listing.id}")
    offers = section(page, "offers")
    ids = [id_ for (id_,) in rows("SELECT id FROM listing_items ORDER BY id")]
    links = {text_of(link): link.get("href") for link in offers.findall(".//h3/a")}
    assert links == {"Saw": f"/items/{ids[0]}", "Drill": f"/items/{ids[1]}"}
    assert "Lend, up to 7 days Worth about 1,500 · Good" in text_of(offers)
    assert "Drill Swap for good" in text_of(offers)
    assert "A bicycle To keep Worn or better" in text_of(section(page, "wants"))
    until = listing.expires_at
    assert facts(page) == {
        "Area": "Harbour side",
        "Posted": "3 days ago",
        "Last changed": "just now",
        "Shown until": f"{until.day} {until:%B}" if until.year == NOW.year else f"{until.day} {until:%B %Y}",
    }
    assert page.find(".//dl[@class='facts']//a").get("href") == "/search?area=Harbour+side"
    trail = [(text_of(a), a.get("href")) for a in page.findall(".//*[@class='breadcrumbs']//a")]
    assert trail[1:] == [("Tools", "/categories/tools"), ("Saws", "/categories/tools/saws")]


def test_a_listing_that_says_little_leaves_the_rest_out(make, client):
    now = datetime.now(UTC)
    page = client.page(f"/listings/{make.listing(created_at=now, updated_at=now).id}")
    assert facts(page) == {"Posted": "just now"}
    assert "is open to offers" in text_of(section(page, "wants"))


def test_an_address_in_a_members_words_is_followed_by_people_alone(listing, client):
    page = client.page(f"/listings/{listing.id}")
    assert "See https://example.org." in text_of(page)
    (link,) = (a for a in page.iter("a") if a.get("href") == "https://example.org")
    assert link.get("rel") == "nofollow ugc"
    prose = page.find(".//div[@class='prose']")
    assert prose.get("dir") == "auto"
    assert text_of(prose.find("p")) == "From the shed."


@pytest.mark.parametrize(("count", "words"), [(1, "1 listing"), (3, "3 listings")])
def test_the_owner_is_named_with_the_way_to_the_profile(count, words, listing, owner, make, client):
    for _ in range(count - 1):
        make.listing(owner_id=owner.id)
    make.listing(owner_id=owner.id, status="archived")
    make.listing(owner_id=owner.id, lifetime_days=30, expires_at=NOW - timedelta(seconds=1))
    box = section(client.page(f"/listings/{listing.id}"), "member")
    assert box.find(".//a").get("href") == "/members/wairisi"
    assert f"On show{words}" in text_of(box)
    assert f"Member since {NOW:%B %Y}" in text_of(box)


def test_an_owner_who_is_no_longer_a_member_has_no_profile(make, client):
    listing = make.listing(owner_id=make.member(username="gone", is_active=False).id)
    page = client.page(f"/listings/{listing.id}")
    assert "gone" in text_of(section(page, "member"))
    assert section(page, "member").find(".//a") is None
    assert not [a for a in page.iter("a") if (a.get("href") or "").startswith("/members/")]


def test_a_visitor_is_asked_to_log_in_and_comes_back(listing, owner, make, client):
    make.listing(owner_id=owner.id)
    path = f"/listings/{listing.id}"
    assert action(client.page(path)) == (
        "Interested?",
        {
            "Log in to save it": f"/login?next={path}",
            "Register": f"/register?next={path}",
            "See all listings of wairisi": "/members/wairisi",
        },
    )
    assert "csrf_token" not in client.get(path).text


def test_a_member_can_save_it_and_take_it_off_again(listing, make, browser_of):
    member = make.member()
    browser = browser_of(member)
    path = f"/listings/{listing.id}"
    heading, ways = action(browser.page(path))
    assert heading == "Interested?"
    assert ways["Save this listing"] == f"{path}/watch?next={path}"
    assert browser.submit(ways["Save this listing"]).location == path
    heading, ways = action(browser.page(path))
    assert heading == "On your watchlist"
    assert "Save this listing" not in ways
    assert browser.submit(ways["Remove it from your watchlist"]).location == path
    assert action(browser.page(path))[0] == "Interested?"


def test_the_owner_is_told_how_long_it_is_shown(listing, owner, browser_of):
    page = browser_of(owner).page(f"/listings/{listing.id}")
    heading, ways = action(page)
    assert heading == "Your listing"
    assert ways.keys() >= {"Edit", "Show it for 30 days from now", "Archive", "Delete this listing"}
    assert ": 17 days left." in text_of(page.find(".//section[@class='action-block']"))


@pytest.mark.parametrize(
    ("state", "heading", "way_back"),
    [
        ({"status": "archived"}, "Your listing is archived", "Put it back"),
        (
            {"lifetime_days": 30, "expires_at": NOW - timedelta(days=1)},
            "Your listing has ended",
            "Show it for 30 days from now",
        ),
        (
            {"status": "expired", "lifetime_days": 30, "expires_at": NOW - timedelta(days=1)},
            "Your listing has ended",
            "Show it for 30 days from now",
        ),
    ],
    ids=["archived", "past its time", "swept"],
)
def test_the_owner_sees_a_listing_that_is_not_on_show_with_a_way_back(
    state, heading, way_back, make, owner, browser_of
):
    listing = make.listing(owner_id=owner.id, **state)
    page = browser_of(owner).page(f"/listings/{listing.id}")
    found, ways = action(page)
    assert found == heading
    assert way_back in ways
    assert section(page, "share") is None
    assert page.find(".//*[@itemtype]") is None


def test_the_pictures_of_all_offers_are_shown_in_their_order(listing, make, client, rows):
    saw, drill, _bicycle = rows("SELECT id FROM listing_items ORDER BY id")
    make.picture(item_id=drill.id, position=1)
    make.picture(item_id=saw.id, position=2, alt="The blade")
    make.picture(item_id=saw.id, position=1)
    page = client.page(f"/listings/{listing.id}")
    gallery = page.find(".//div[@class='gallery']")
    assert [image.get("alt") for image in gallery.findall(".//nav//img")] == ["Saw", "The blade", "Drill"]
    assert gallery.find(".//img").get("alt") == "Saw"
    links = [a.get("href") for a in gallery.findall(".//nav//a")]
    assert links == [f"/listings/{listing.id}?picture={n}#pictures" for n in (1, 2, 3)]
    shown = client.page(links[1]).find(".//div[@class='gallery']")
    assert shown.find(".//img").get("alt") == "The blade"
    assert text_of(shown.find(".//a[@aria-current='true']")) == "Picture 2 of 3:"
    assert page.find(".//*[@class='gallery__drawing']") is None


@pytest.mark.parametrize("number", ["0", "4", "-1", "x", "", "٢", "1" * 400])
def test_a_picture_that_is_none_is_the_first(number, listing, make, client, rows):
    (saw, *_) = rows("SELECT id FROM listing_items ORDER BY id")
    for position in (1, 2, 3):
        make.picture(item_id=saw.id, position=position, alt=f"No. {position}")
    page = client.page(f"/listings/{listing.id}?picture={number}")
    assert page.find(".//div[@class='gallery']//img").get("alt") == "No. 1"


def test_without_a_picture_stands_the_drawing_of_the_category(listing, client):
    drawing = client.page(f"/listings/{listing.id}").find(".//*[@class='gallery__drawing']/img")
    assert "/general" in drawing.get("src")
    assert drawing.get("alt") == ""


@pytest.mark.parametrize("items", [1, 20])
@pytest.mark.parametrize("neighbours", [1, 30])
def test_it_takes_as_many_statements_for_one_item_and_neighbour_as_for_many(
    items, neighbours, make, tools, browser_of, client
):
    owner = make.member()
    listing = make.listing(owner_id=owner.id, category_id=tools.id, items=[{}] * items)
    for _ in range(neighbours):
        make.listing(category_id=tools.id, items=[{}] * items)
    counted = []
    for browser in (client, browser_of(make.member()), browser_of(owner)):
        browser.application.extensions["page_store"].clear()
        browser.page(f"/listings/{listing.id}")
        counted.append(len(browser.statements))
    assert counted == STATEMENTS


# For a visitor, a member, who is read from the session with what is unread and may watch it, and the owner.
STATEMENTS = [7, 8, 7]
