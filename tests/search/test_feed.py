"""The feed of a search is Atom as RFC 4287 has it, and holds what the search finds."""

from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest

from tests.support.hostile import HOSTILE, SHOWN

ATOM = "{http://www.w3.org/2005/Atom}"
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
# What may stand in a feed and in an entry, with how often at least and at most (RFC 4287, 4.1.1 and 4.1.2).
MANY = 10_000
FEED = {"title": (1, 1), "id": (1, 1), "updated": (1, 1), "link": (1, MANY), "entry": (0, MANY)}
ENTRY = {
    "title": (1, 1),
    "id": (1, 1),
    "updated": (1, 1),
    "published": (0, 1),
    # Each entry has its own, for the feed has none.
    "author": (1, MANY),
    "category": (0, MANY),
    "link": (1, MANY),
    "summary": (0, 1),
}


def children(element, name):
    return element.findall(f"{ATOM}{name}")


def text(element, name):
    return element.findtext(f"{ATOM}{name}")


def check_parts(element, parts):
    names = [child.tag.removeprefix(ATOM) for child in element]
    assert set(names) <= set(parts)
    for name, (least, most) in parts.items():
        assert least <= names.count(name) <= most, name
    for name in ("id", *(["updated"])):
        assert text(element, name).strip() == text(element, name) != ""
    assert text(element, "id").startswith("http")
    for name in ("updated", "published"):
        for moment in children(element, name):
            assert datetime.fromisoformat(moment.text).tzinfo is not None
    links = [(link.get("rel"), link.get("type")) for link in children(element, "link")]
    # No two alternates of the same type; each an absolute address.
    assert len(links) == len(set(links))
    assert all(link.get("href").startswith("http") for link in children(element, "link"))


def read_feed(response):
    """Return the feed after holding it against the rules."""
    assert response.status_code == 200
    assert response.content_type == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(response.data)  # noqa: S314
    assert feed.tag == f"{ATOM}feed"
    check_parts(feed, FEED)
    (itself,) = [link for link in children(feed, "link") if link.get("rel") == "self"]
    assert itself.get("href") == text(feed, "id")
    entries = children(feed, "entry")
    for entry in entries:
        check_parts(entry, ENTRY)
        assert [text(author, "name").strip() for author in children(entry, "author")] != [""]
        assert all(category.get("term") for category in children(entry, "category"))
    ids = [text(entry, "id") for entry in entries]
    assert len(ids) == len(set(ids))
    if entries:
        assert text(feed, "updated") == max(text(entry, "updated") for entry in entries)
    return feed


def test_an_empty_feed_is_valid(client):
    assert children(read_feed(client.get("/search.atom")), "entry") == []


def test_an_entry_tells_what_the_card_tells(client, make):
    owner = make.member(username="wairisi")
    tools = make.category(name="Tools & more", slug="tools")
    items = [{"name": "Drill"}, {"name": "Saw"}, {"name": "A bike", "kind": "want"}]
    listing = make.listing(
        title="Drill <18 V>", owner_id=owner.id, category_id=tools.id, items=items, created_at=NOON
    )
    (entry,) = children(read_feed(client.get("/search.atom?q=drill")), "entry")
    assert text(entry, "title") == "Drill <18 V>"
    assert text(entry, "id") == f"http://localhost/listings/{listing.id}"
    assert text(entry, "summary") == "Offers: Drill, Saw. Wants: A bike."
    assert text(entry, "updated") == NOON.isoformat()
    assert entry.find(f"{ATOM}category").get("term") == "Tools & more"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "wairisi"


def test_it_holds_the_newest_that_the_search_finds_whatever_its_order(client, make):
    for number in range(30):
        items = [{"value": number}]
        make.listing(title=f"Drill {number}", created_at=NOON + timedelta(minutes=number), items=items)
        make.listing(title="A tent", created_at=NOON + timedelta(days=1))
    feed = read_feed(client.get("/search.atom?q=drill&max=27&sort=value&near=3"))
    titles = [text(entry, "title") for entry in children(feed, "entry")]
    assert titles == [f"Drill {number}" for number in range(27, 3, -1)]
    assert text(feed, "id") == "http://localhost/search.atom?q=drill&max=27"
    assert text(feed, "title") == "“drill”, Worth 27 or less – Kula"


@pytest.mark.parametrize(
    "path", ["/search?q=dr%C3%BCll&min=3&sort=value&near=7", "/search", "/categories/tools"]
)
def test_each_page_of_results_leads_to_its_feed(path, client, make):
    make.category(slug="tools")
    page = client.page(path)
    (link,) = page.findall(".//link[@type='application/atom+xml']")
    feed = read_feed(client.get(link.get("href")))
    (alternate,) = [each for each in children(feed, "link") if each.get("rel") == "alternate"]
    assert client.get(alternate.get("href")).status_code == 200
    assert link.get("href") in {each.get("href") for each in page.iter("a")}


@pytest.mark.parametrize("name", [*SHOWN, "controls", "noncharacters", "c1 controls"])
def test_no_text_breaks_it(name, client, make, rows):
    value = HOSTILE[name].decode().replace("\x00", "")[:100]
    listing = make.listing(title=value, items=[{"name": value}, {"name": value, "kind": "want"}])
    ((kept,),) = rows("SELECT title FROM listings WHERE id = :id", id=listing.id)
    (entry,) = children(read_feed(client.get("/search.atom")), "entry")
    assert text(entry, "id").endswith(str(listing.id))
    assert len(text(entry, "title")) <= len(kept)


def test_what_makes_no_sense_is_ignored(client, make):
    make.listing()
    feed = read_feed(client.get("/search.atom?min=x&sort=best&category=none&after=nonsense"))
    assert len(children(feed, "entry")) == 1
