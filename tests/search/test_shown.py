"""What is not on show is found nowhere: not in lists, counts, feeds, suggestions nor the sitemap."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.html import text_of

YESTERDAY = datetime.now(UTC) - timedelta(days=1)
ENDED = {"lifetime_days": 30, "expires_at": YESTERDAY}
GONE = {
    "archived": {"status": "archived"},
    "past its time": ENDED,
    "swept": {"status": "expired", **ENDED},
    "removed": {},
    "hidden by a moderator": {"hidden_at": YESTERDAY},
    "hidden by a moderator, and archived": {"hidden_at": YESTERDAY, "status": "archived"},
    "of a suspended member": {"shown_from": YESTERDAY + timedelta(days=9)},
    "of a member who is leaving": {"shown_from": "infinity"},
}
WORD = "theremin"


@pytest.fixture
def tools(make):
    return make.category(name="Tools", slug="tools")


@pytest.fixture(params=GONE)
def gone(request, make, tools, rows):
    """A listing that is not on show any more, with everything by which one could find it."""
    listing = make.listing(
        title=f"A {WORD}",
        category_id=tools.id,
        area="Harbour",
        items=[{"name": WORD, "value": 7, "condition": "good"}],
        **GONE[request.param],
    )
    make.picture(item_id=rows("SELECT max(id) FROM listing_items")[0][0])
    if request.param == "removed":
        rows("DELETE FROM listings WHERE id = :id RETURNING id", id=listing.id)
    return listing


@pytest.mark.parametrize(
    "path",
    [
        "/search",
        f"/search?q={WORD}",
        f"/search?q={WORD}&sort=relevance",
        "/search?kind=offered&condition=good&min=7&max=7&area=harbour&posted=30&picture=yes",
        "/search?sort=value&near=7",
        "/search?category=tools&q=there",
        "/categories/tools",
        "/categories/tools?kind=offered&sort=value&near=7",
    ],
)
def test_no_search_finds_or_counts_it(path, gone, client):
    page = client.page(client.get(path).location or path)
    assert text_of(page.find(".//*[@id='results']")) == "No listings"
    assert WORD not in text_of(page.find(".//main")).replace(f"“{WORD}”", "")
    counts = {text_of(shown) for shown in page.findall(".//*[@class='filter-group__count']")}
    assert counts <= {"0 listings"}
    assert page.findall(".//*[@class='empty-state__count']") == []


@pytest.mark.parametrize("path", ["/", "/search.atom", f"/search.atom?q={WORD}", "/sitemaps/pages.xml"])
def test_no_list_has_it(path, gone, client):
    assert WORD not in client.get(path).text.replace(f"“{WORD}”", "").replace(f"q={WORD}", "")
    assert f"/listings/{gone.id}" not in client.get(path).text


def test_no_category_counts_it(gone, client):
    counts = [text_of(each) for each in client.page("/").findall(".//*[@class='category-tiles__count']")]
    assert counts == ["0 listings"]


def test_no_similar_listing_and_no_member_shows_it(gone, tools, make, client, rows):
    other = make.listing(title="Another", category_id=tools.id)
    assert WORD not in client.get(f"/listings/{other.id}").text
    ((owner,),) = rows("SELECT username FROM users WHERE id = :id", id=gone.owner_id)
    assert "0 listings on show" in text_of(client.page(f"/members/{owner}"))


def test_no_sitemap_names_it(gone, client, make):
    other = make.listing()
    index = client.get("/sitemap.xml").text
    told = "".join(client.get(path).text for path in re.findall(r"/sitemaps/\d+\.xml", index))
    assert f"/listings/{gone.id}<" not in told
    assert f"/listings/{other.id}<" in told


def test_it_is_nothing_new_in_a_search_that_is_kept(gone, make, browser_of):
    member = make.member()
    make.saved_search(member, query=f"q={WORD}", seen_at=YESTERDAY - timedelta(days=9))
    make.saved_search(member, query="category=tools", seen_at=YESTERDAY - timedelta(days=9))
    words = text_of(browser_of(member).page("/my/saved"))
    assert words.count("Nothing new since you last looked") == 2


def test_its_words_are_no_suggestion(gone, learn, rows, client):
    learn()
    assert rows("SELECT word FROM search_words") == []
    assert "Did you mean" not in client.get("/search?q=teremin").text


def test_words_that_were_learned_before_are_no_suggestion_either(make, learn, rows, client):
    make.listing(title=f"A {WORD}")
    learn()
    assert "Did you mean" in client.get("/search?q=teremin").text
    rows("UPDATE listings SET status = 'archived' RETURNING id")
    assert "Did you mean" not in client.get("/search?q=teremin").text
