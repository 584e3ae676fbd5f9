"""What the pages of a listing tell other sites."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from marketplace.listings.sharing import SUMMARY_LENGTH, summary
from tests.support.html import text_of

SITE = "https://kula.example.org"


@pytest.fixture(autouse=True)
def _own_address(app, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", SITE)


@pytest.fixture
def listing(make):
    tools = make.category(make.category(name="Tools", slug="tools"), name="Saws", slug="saws")
    return make.listing(
        owner_id=make.member(username="wairisi").id,
        category_id=tools.id,
        title='A "saw" & more',
        area="Harbour side",
        lifetime_days=30,
        expires_at=datetime(2099, 1, 2, tzinfo=UTC),
        items=[
            {"name": "Saw", "exchange_type": "temporary", "duration_days": 7, "condition": "like_new"},
            {"name": "Drill", "description": "Red."},
            {"name": "A bicycle", "kind": "want"},
        ],
    )


def meta(page):
    """The page's meta elements that have a name, and its canonical address."""
    head = page.find("head")
    found = {
        element.get("property") or element.get("name"): element.get("content")
        for element in head.iter("meta")
        if element.get("content")
    }
    return found | {"canonical": head.find("link[@rel='canonical']").get("href")}


def read(element):
    """Read microdata as the thing it describes."""
    thing = {"type": element.get("itemtype").removeprefix("https://schema.org/")}
    for child in element:
        value = read(child) if child.tag == "div" else child.get("href") or child.get("content")
        name = child.get("itemprop")
        thing[name] = (
            [*thing[name], value]
            if isinstance(thing.get(name), list)
            else ([thing[name], value] if name in thing else value)
        )
    return thing


def data_of(page):
    (top,) = [
        element
        for element in page.iter()
        if element.get("itemscope") is not None and not element.get("itemprop")
    ]
    assert top.get("hidden") is not None
    return read(top)


def test_a_shared_listing_shows_its_title_and_what_it_offers(listing, client):
    path = f"/listings/{listing.id}"
    found = meta(client.page(f"{path}?picture=2"))
    assert found["canonical"] == found["og:url"] == SITE + path
    assert found["og:title"] == 'A "saw" & more'
    assert found["og:description"] == found["description"] == "Saw, Drill. Wanted in return: A bicycle."
    assert found["twitter:card"] == "summary"
    assert "og:image" not in found


def test_a_shared_listing_shows_its_first_picture(listing, client, make, rows):
    (saw, *_) = rows("SELECT id FROM listing_items ORDER BY id")
    picture = make.picture(item_id=saw.id)
    found = meta(client.page(f"/listings/{listing.id}"))
    assert found["og:image"] == f"{SITE}/media/{picture.key}/1280.jpg"
    assert found["og:image:alt"] == "Saw"
    assert found["twitter:card"] == "summary_large_image"


def test_a_listing_is_described_as_what_a_person_offers_and_seeks(listing, client, rows):
    saw, _, bicycle = (id_ for (id_,) in rows("SELECT id FROM listing_items ORDER BY id"))
    data = data_of(client.page(f"/listings/{listing.id}"))
    assert data["type"] == "WebPage"
    assert data["name"] == 'A "saw" & more'
    assert data["expires"].startswith("2099-01-02")
    places = [(each["position"], each["item"]) for each in data["breadcrumb"]["itemListElement"]]
    assert places == [("1", f"{SITE}/categories/tools"), ("2", f"{SITE}/categories/tools/saws")]
    person = data["mainEntity"]
    assert (person["type"], person["name"], person["url"]) == ("Person", "wairisi", f"{SITE}/members/wairisi")
    lent, given = person["makesOffer"]
    assert lent["url"] == f"{SITE}/items/{saw}"
    assert lent["businessFunction"] == "http://purl.org/goodrelations/v1#LeaseOut"
    assert lent["itemOffered"] == {
        "type": "Product",
        "name": "Saw",
        "itemCondition": "https://schema.org/UsedCondition",
    }
    assert "businessFunction" not in given
    assert given["itemOffered"] == {"type": "Product", "name": "Drill", "description": "Red."}
    assert given["areaServed"] == "Harbour side"
    assert (person["seeks"]["type"], person["seeks"]["url"]) == ("Demand", f"{SITE}/items/{bicycle}")
    assert "price" not in str(data)


def test_an_item_is_described_alone(listing, client, rows):
    (bicycle,) = rows("SELECT id FROM listing_items WHERE kind = 'want'")
    page = client.page(f"/items/{bicycle.id}")
    data = data_of(page)
    assert "makesOffer" not in data["mainEntity"]
    assert data["mainEntity"]["seeks"]["itemOffered"]["name"] == "A bicycle"
    assert meta(page)["canonical"] == data["url"] == f"{SITE}/items/{bicycle.id}"


def test_the_address_can_be_copied_sent_and_printed(listing, client):
    share = client.page(f"/listings/{listing.id}").find(".//section[@class='share']")
    url = f"{SITE}/listings/{listing.id}"
    assert share.find(".//input").get("value") == url
    assert text_of(share.find(".//*[@class='share__printed']")) == url
    mail = share.find(".//a").get("href")
    assert mail.startswith(
        "mailto:?subject=A%20%22saw%22%20%26%20more&body=https%3A//kula.example.org/listings/"
    )


def test_what_is_gone_is_not_described(make, client):
    listing = make.listing(lifetime_days=30, expires_at=datetime.now(UTC) - timedelta(days=1))
    page = client.page(f"/listings/{listing.id}", 410)
    assert page.find(".//*[@itemtype]") is None
    assert page.find("head/link[@rel='canonical']") is None


def thing(kind, name):
    return SimpleNamespace(kind=kind, name=name)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([thing("offer", "Saw")], "Saw. Open to offers."),
        ([thing("want", "Saw")], "Wanted in return: Saw."),
        (
            [thing("want", "Bed"), thing("offer", "Saw"), thing("offer", "Drill")],
            "Saw, Drill. Wanted in return: Bed.",
        ),
        ([thing("offer", "x" * 300)], "x" * (SUMMARY_LENGTH - 1) + "…"),
    ],
)
def test_a_summary_is_a_line_of_what_goes_both_ways(items, words):
    assert summary(items) == words
