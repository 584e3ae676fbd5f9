"""Every state of a search is an address: it is read as it was written, and what makes no sense is named."""

from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from marketplace.search import filters
from marketplace.search.filters import Search, read
from marketplace.search.words import TEXT_MAXIMUM
from tests.search import strategies
from tests.support.hostile import HOSTILE
from tests.support.html import text_of

NAMES = tuple(filters.NAMES.values())
SORTS = ({}, {"sort": "value", "near": 0}, {"sort": "value", "near": 63}, {"sort": "relevance"})
searches = st.builds(
    lambda search, words, sort: search.changed(words=words, **sort),
    st.lists(st.sampled_from(list(strategies.FILTERS)), unique=True).flatmap(
        lambda names: strategies.searches_with(*names)
    ),
    st.sampled_from(("", *strategies.TYPED, "Łódź & more", "50% -“off”")),
    st.sampled_from(SORTS),
)


def read_text(query, is_category=lambda path: True):
    return read(MultiDict(parse_qsl(query)), is_category)


def problems_on(page):
    return [text_of(notice) for notice in page.findall(".//*[@class='notice notice--warning']")]


@settings(deadline=None)
@given(searches)
def test_a_search_is_read_as_it_was_written(search):
    # White space is folded: that is no other search.
    search = search.changed(area=" ".join(search.area.split()))
    again, problems = read_text(search.query_string())
    assert (again, problems) == (search, [])
    assert again.query_string() == search.query_string()


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from((*NAMES, "x")), st.text(max_size=30)), max_size=8))
def test_whatever_is_asked_for_is_a_search_of_which_nothing_more_is_wrong(pairs):
    search, _ = read(MultiDict(pairs), lambda path: False)
    again, problems = read_text(search.query_string())
    assert (again, problems) == (search, [])


@pytest.mark.parametrize(
    ("query", "problem", "left"),
    [
        ("category=nowhere", "There is no category “nowhere”: all are searched.", ""),
        ("kind=offer", "“offer” is neither offered nor wanted: both are shown.", ""),
        ("type=gift", "“gift” is no kind of exchange: all are shown.", ""),
        ("days=0", "“0” is no whole number from 1 to 365: it was ignored.", ""),
        (
            "days=366&type=temporary",
            "“366” is no whole number from 1 to 365: it was ignored.",
            "type=temporary",
        ),
        ("days=7&type=permanent", "A number of days goes with loans only: it was ignored.", "type=permanent"),
        ("min=-1", "“-1” is no whole number from 0 to 1,000,000,000: it was ignored.", ""),
        ("max=1e3", "“1e3” is no whole number from 0 to 1,000,000,000: it was ignored.", ""),
        ("min=1.5", "“1.5” is no whole number from 0 to 1,000,000,000: it was ignored.", ""),
        ("min=9&max=8", "The value cannot be 9 or more and 8 or less: the second was ignored.", "min=9"),
        ("condition=shiny", "There is no condition “shiny”: it was ignored.", ""),
        ("condition=good&condition=x", "There is no condition “x”: it was ignored.", "condition=good"),
        ("area=!!!", "“!!!” is no area: all are shown.", ""),
        (
            "posted=2",
            "A listing can be looked for by the day it was posted within 1, 7 or 30 days, not “2”.",
            "",
        ),
        ("picture=no", "A picture is either needed (yes) or not, and not “no”.", ""),
        ("sort=best", "There is no order “best”: the newest come first.", ""),
        ("sort=value", "Say which value is to be closest: the newest come first.", ""),
        ("sort=relevance", "Without words there is no best match: the newest come first.", ""),
        ("near=x&sort=value&q=drill", "Say which value is to be closest: the newest come first.", "q=drill"),
        ("q=!!!", "There is no word in “!!!” that can be looked for.", ""),
    ],
)
def test_a_bad_value_is_ignored_and_named(query, problem, left, client):
    page = client.page(f"/search?{query}")
    assert problem in problems_on(page)
    canonical = urlsplit(page.find(".//link[@rel='canonical']").get("href"))
    assert canonical.query == left


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("min=1,000&max=2 000", "min=1000&max=2000"),
        ("days=7", "type=temporary&days=7"),
        ("q=++drill++saw+", "q=drill+saw"),
        ("kind=&kind=offered&kind=", "kind=offered"),
        ("kind=offered&kind=wanted", "kind=wanted"),
        ("near=5", ""),
        ("sort=newest", ""),
        ("condition=worn&condition=new&condition=worn", "condition=new&condition=worn"),
    ],
)
def test_what_is_meant_is_understood_without_a_word(query, left, client):
    page = client.page(f"/search?{query}")
    assert problems_on(page) == []
    assert urlsplit(page.find(".//link[@rel='canonical']").get("href")).query == left


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_hostile_value_breaks_a_page(text, client, make):
    make.listing()
    value = quote(text[: TEXT_MAXIMUM * 10])
    # No address has a NUL in it.
    status, beyond = (400, 400) if b"\x00" in text else (200, 404)
    for name in NAMES:
        response = client.get(f"/search?{name}={value}", follow_redirects=True)
        assert response.status_code == status, name
        assert client.get(f"/search.atom?{name}={value}").status_code == status, name
    for name in ("after", "before"):
        assert client.get(f"/search?{name}={value}").status_code == beyond


@pytest.mark.parametrize(
    "path", ["/search?after=x", "/search?before=", "/search?q=drill&sort=relevance&after=1-1"]
)
def test_a_place_that_is_none_leads_to_the_first_page(path, client):
    page = client.page(path, 404)
    first = page.find(".//main//a").get("href")
    assert "after" not in first
    assert "before" not in first
    assert client.get(first).status_code == 200


def test_words_in_too_many_listings_are_left_out_and_named(client, make):
    make.listing(title="The tent")
    page = client.page("/search?q=the")
    assert problems_on(page) == ["“the” is in too many listings to be looked for: it was left out."]
    # What was typed stays in the box.
    assert page.find(".//input[@name='q']").get("value") == "the"


def test_a_category_without_words_has_one_address(client, make):
    make.category(slug="tools")
    response = client.get("/search?category=tools&kind=offered&min=x")
    assert (response.status_code, response.location) == (302, "/categories/tools?kind=offered&min=x")
    response = client.get("/categories/tools?q=drill&kind=offered")
    assert (response.status_code, response.location) == (302, "/search?q=drill&kind=offered&category=tools")


def test_every_link_and_form_of_a_page_keeps_the_filters_that_are_on(client, make):
    tools = make.category(slug="tools", name="Tools")
    for _ in range(30):
        make.listing(title="A drill", category_id=tools.id, items=[{"value": 5, "condition": "good"}])
    on = {"q": "drill", "category": "tools", "min": "1", "condition": "good"}
    page = client.page(f"/search?{urlencode(on)}")
    kept = {f"{name}={value}" for name, value in on.items()}
    pager = page.find(".//*[@class='pager']/a")
    sorts = page.findall(".//*[@class='sort-links']//a")
    assert sorts
    for link in (pager, *sorts):
        assert kept <= set(urlsplit(link.get("href")).query.split("&")), link.get("href")
    for form in page.iter("form"):
        fields = {(each.get("name"), each.get("value")) for each in form.iter("input")}
        if form.get("method", "get") == "get":
            names = {name for name, _ in fields}
            assert {pair for pair in on.items() if pair[0] not in names} == set(), form.get("action")


def test_each_chip_takes_its_own_filter_off(client, make):
    make.category(slug="tools", name="Tools")
    on = Search(
        words="drill",
        category="tools",
        kind="offered",
        exchange_type="temporary",
        days=7,
        value_from=1,
        value_to=9,
        conditions=("new", "good"),
        area="Harbour",
        posted=7,
        picture=True,
    )
    page = client.page(f"/search?{on.query_string()}")
    chips = page.findall(".//*[@class='chip']")
    assert [text_of(chip.find("bdi")) for chip in chips] == [
        "“drill”",
        "Tools",
        "Offered",
        "Lend for a time, 7 days or more",
        "Worth 1 to 9",
        "New",
        "Good",
        "Area: Harbour",
        "Posted in the last 7 days",
        "With a picture",
    ]
    for chip in chips:
        without = client.page(chip.get("href"))
        left = [text_of(each.find("bdi")) for each in without.findall(".//*[@class='chip']")]
        assert left == [text_of(each.find("bdi")) for each in chips if each is not chip]
    assert page.find(".//*[@class='chips__clear']").get("href") == "/search"
