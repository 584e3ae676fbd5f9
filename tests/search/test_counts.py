"""What is counted beside the results is what is found behind the link."""

import re
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.search import counting
from tests.search import model, strategies
from tests.search.conftest import WAYS
from tests.support.html import text_of

COUNTS = ("filter-group__count", "empty-state__count", "category-tiles__count")
SEARCHES = st.sampled_from(
    (
        "/search",
        "/search?q=drill",
        "/search?q=dru+-tent",
        "/search?kind=offered",
        "/search?kind=wanted&type=temporary",
        "/search?type=temporary&days=8",
        "/search?min=1&max=64",
        "/search?condition=good&condition=worn",
        "/search?area=harbour",
        "/search?posted=7&picture=yes",
        "/categories/workshop",
        "/categories/workshop/power?kind=offered&condition=new",
    )
)


def total_on(page):
    """The number of listings that a page says it found, and whether it says “or more”."""
    words = text_of(page.find(".//*[@id='results']"))
    number, plus = re.match(r"([\d,]+|No)(\+?) listings?", words).groups()
    return 0 if number == "No" else int(number.replace(",", "")), plus == "+"


def counts_on(page):
    """The links that bear a count, by their addresses: the number, and whether it says “or more”.

    The link of an option that is on leads away from it.
    """
    counts = {}
    for name in COUNTS:
        for shown in page.findall(f".//*[@class='{name}']/.."):
            link = shown.find("./a")
            words = text_of(shown.find(f"./span[@class='{name}']"))
            number, plus = re.match(r"([\d,]+)(\+?) listing", words).groups()
            if link is not None and link.get("aria-current") is None:
                counts[link.get("href")] = int(number.replace(",", "")), plus == "+"
    return counts


def option_alone(url, path):
    """The address with the condition that the link adds in place of those that are on already.

    Each condition says how many things are in it, whichever others are looked for as well.
    """
    there, here = (urlsplit(each) for each in (url, path))
    asked, on = (parse_qsl(each.query) for each in (there, here))
    added = [pair for pair in asked if pair[0] != "condition" or pair not in on]
    return f"{there.path}?{urlencode(added)}" if any(name == "condition" for name, _ in added) else url


def check_counts(client, path):
    """Follow each link that bears a count, and return what the page and its links say."""
    page = client.page(path)
    found = {path: total_on(page), **counts_on(page)}
    for url, (number, is_more) in found.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(counting, "COUNTED_MAXIMUM", 1_000)
            client.application.extensions["page_store"].clear()
            exact, _ = total_on(client.page(option_alone(url, path)))
        assert exact >= number if is_more else exact == number, (path, url, number, exact)
    return found


def test_each_count_is_how_many_its_link_finds(client, app, filled, rules, ways):
    @rules
    @given(strategies.listings(), SEARCHES, st.sampled_from(tuple(WAYS)))
    def check(listings, path, way):
        with filled(listings):
            for _ in ways(way):
                app.extensions["page_store"].clear()
                check_counts(client, path)

    check()


@pytest.mark.parametrize(
    "path", ["/search", "/search?q=drill", "/search?kind=offered", "/categories/workshop"]
)
def test_as_many_as_are_counted_or_more_is_said_where_there_are_more(path, client, filled, monkeypatch, ways):
    monkeypatch.setattr(counting, "COUNTED_MAXIMUM", 5)
    monkeypatch.setattr(counting, "SAMPLED", 3)
    monkeypatch.setattr(counting, "ENOUGH", 2)
    for there in (5, 6):
        with filled([listing(number) for number in range(1, there + 1)]):
            for _ in ways("gather", "walk"):
                client.application.extensions["page_store"].clear()
                found = check_counts(client, path)
                # The exact number is known where nothing but a category is asked for.
                exact = "?" not in path
                assert found[path] == ((there, False) if exact or there == 5 else (5, True))


def test_what_is_counted_among_some_of_them_is_at_least_so_many(client, filled, ways):
    with filled([listing(number) for number in range(1, 7)]):
        for _ in ways("walk a little"):
            found = check_counts(client, "/search")
    assert found["/search"] == (6, False)
    assert found["/search?posted=1"] == (2, True)


def test_a_thousand_or_more_is_said_of_more_than_a_thousand(client, make, rows):
    member, category = make.member(), make.category(slug="tools")
    insert = (
        "INSERT INTO listings (owner_id, category_id, title) SELECT :owner, :category, 'A drill'"
        " FROM generate_series(1, CAST(:count AS integer)) RETURNING id"
    )
    rows(insert, owner=member.id, category=category.id, count=1000)
    assert total_on(client.page("/search?q=drill")) == (1000, False)
    rows(insert, owner=member.id, category=category.id, count=1)
    page = client.page("/search?q=drill")
    assert total_on(page) == (1000, True)
    assert "1,000+ listings" in text_of(page)
    assert total_on(client.page("/categories/tools")) == (1001, False)


def listing(number):
    """One of several that are alike, the higher the number the newer."""
    item = model.Item("offer", ("lamp",), "permanent", None, 5, "good")
    age = timedelta(minutes=90 - number)
    return model.Listing(number, "workshop", ("drill",), (), "active", age, None, "Harbour", (item,))
