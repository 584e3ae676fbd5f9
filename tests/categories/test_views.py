"""The category pages."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from tests.support.html import text_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def tree(make):
    tools = make.category(name="Tools", slug="tools")
    hand = make.category(tools, name="Hand tools", slug="hand")
    saws = make.category(hand, name="Saws", slug="saws")
    books = make.category(name="Books", slug="books")
    return {"tools": tools, "hand": hand, "saws": saws, "books": books}


def titles(page):
    return [text_of(title) for title in page.findall(".//*[@class='card__title']")]


def counts(page):
    """The number of listings beside each category of the home page."""
    links = page.findall(".//*[@class='category-tiles__link']")
    numbers = page.findall(".//*[@class='category-tiles__count']")
    return {text_of(link): text_of(number) for link, number in zip(links, numbers, strict=True)}


def categories_beside(page):
    """The categories beside the results, with their counts: none for those above, nor the page's own."""
    group = page.find(".//section[@class='filter-group']")
    return {
        text_of(option.find(".//bdi")): text_of(number) if number is not None else None
        for option in group.findall(".//li")
        for number in [option.find(".//*[@class='filter-group__count']")]
    }


def walk(client, path):
    """Yield each page of a category, from the newest on."""
    while path:
        page = client.page(path)
        yield page
        older = [
            a.get("href") for a in page.findall(".//*[@class='pager']/a") if text_of(a) == "Older listings"
        ]
        path = older[0] if older else None


def test_a_category_shows_its_place_and_the_listings_of_its_subtree(tree, client, make):
    for name in ("tools", "hand", "saws", "books"):
        make.listing(category_id=tree[name].id, title=f"In {name}")
    make.listing(category_id=tree["saws"].id, title="Archived", status="archived")
    page = client.page("/categories/tools/hand")
    assert text_of(page.find(".//h1")) == "Hand tools"
    trail = [(text_of(a), a.get("href")) for a in page.findall(".//*[@class='breadcrumbs']//a")]
    assert trail == [("All categories", "/"), ("Tools", "/categories/tools")]
    assert titles(page) == ["In saws", "In hand"]
    assert "2 listings" in text_of(page)
    assert categories_beside(page) == {"Tools": None, "Hand tools": None, "Saws": "1 listing"}
    assert counts(client.page("/")) == {"Tools": "3 listings", "Books": "1 listing"}


def test_an_inactive_category_is_hidden_with_what_is_below(tree, client, make, connection):
    make.listing(category_id=tree["saws"].id, title="In saws")
    make.listing(category_id=tree["tools"].id, title="In tools")
    connection.execute(text("UPDATE categories SET is_active = false WHERE slug = 'hand'"))
    client.page("/categories/tools/hand", 404)
    client.page("/categories/tools/hand/saws", 404)
    page = client.page("/categories/tools")
    assert titles(page) == ["In tools"]
    assert categories_beside(page) == {"Tools": None}
    assert counts(client.page("/")) == {"Tools": "1 listing", "Books": "0 listings"}


def test_an_empty_category_says_so_and_leads_on(tree, client):
    page = client.page("/categories/tools/hand")
    assert "Nothing here yet" in text_of(page)
    links = {text_of(a): a.get("href") for a in page.findall(".//*[@class='empty-state']//a")}
    assert links["Post what you want"] == "/listings/new"


@pytest.mark.parametrize("step", [timedelta(0), timedelta(microseconds=1), timedelta(days=1)], ids=str)
def test_paging_visits_each_of_sixty_listings_once_newest_first(step, tree, client, make):
    for number in range(60):
        category = tree[("tools", "hand", "saws")[number % 3]]
        make.listing(category_id=category.id, title=f"No. {number}", created_at=NOON + number * step)
    pages = list(walk(client, "/categories/tools"))
    assert [len(titles(page)) for page in pages] == [24, 24, 12]
    assert [title for page in pages for title in titles(page)] == [f"No. {n}" for n in reversed(range(60))]


def test_listings_that_arrive_or_go_between_two_pages_shift_nothing(tree, client, make, connection):
    def post(number):
        make.listing(category_id=tree["tools"].id, title=f"No. {number}", created_at=NOON)

    for number in range(60):
        post(number)
    seen = []
    for number, page in enumerate(walk(client, "/categories/tools"), start=100):
        seen += titles(page)
        post(number)
        connection.execute(text("DELETE FROM listings WHERE title = :last"), {"last": seen[-1]})
    assert seen == [f"No. {n}" for n in reversed(range(60))]


def test_an_empty_category_leads_to_the_one_above_with_its_count(tree, client, make):
    make.listing(category_id=tree["tools"].id)
    page = client.page("/categories/tools/hand")
    ways = {text_of(a): a.get("href") for a in page.findall(".//*[@class='empty-state']//a")}
    assert ways["Tools"] == "/categories/tools"
    assert "1 listing" in text_of(page.find(".//*[@class='empty-state']"))


def test_an_older_page_leads_back_to_the_newest(tree, client, make):
    for _ in range(25):
        make.listing(category_id=tree["tools"].id)
    _, last = walk(client, "/categories/tools")
    links = {text_of(a): a.get("href") for a in last.findall(".//*[@class='pager']/a")}
    assert links["Back to the newest"] == "/categories/tools"
    newer = client.page(links["Newer listings"])
    assert len(titles(newer)) == 24


def test_exactly_one_page_has_no_second(tree, client, make):
    for _ in range(24):
        make.listing(category_id=tree["tools"].id)
    assert len(list(walk(client, "/categories/tools"))) == 1
