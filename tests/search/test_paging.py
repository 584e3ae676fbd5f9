"""Pages never skip nor repeat a listing, in any order and direction, while listings come and go."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.categories.queries import load_tree
from marketplace.database.base import MAX_BIGINT
from marketplace.search import plan, queries
from marketplace.search.filters import RELEVANCE, VALUE, Search
from marketplace.search.places import NewestPlace, RelevancePlace, ValuePlace, kind_of_place
from marketplace.search.sought import Sought
from tests.search import model, strategies

SEARCHES = (
    Search(),
    Search(category="workshop"),
    Search(words="drill"),
    Search(exchange_type="permanent", value_from=1),
    Search(sort=VALUE, near=40),
    Search(words="-tent", sort=VALUE, near=16),
    Search(category="workshop", sort=VALUE, near=0),
)
PAGE = 3
DELETE = "DELETE FROM listings WHERE id = :id RETURNING id"
BY_SCORE = """
    SELECT listing_id FROM search_entries
    WHERE document @@ CAST(:query AS tsquery) AND expires_at > now()
    ORDER BY CAST(ts_rank(document, CAST(:query AS tsquery)) * 1000000 AS integer) DESC, created_at DESC,
        listing_id DESC
"""


@pytest.fixture(autouse=True)
def small_pages(monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", PAGE)


def page_of(search, place=None, back=False):
    tree = load_tree()
    match = Sought(search, [], tree).match()
    # The place has been in an address.
    place = None if place is None else kind_of_place(search.sort).parse(str(place))
    return queries.page_of_matches(tree, match, plan.estimate([match])[0], place, back)


def ids_of(page):
    return [card.id for card in page.cards]


def walk(search, between=lambda: None):
    """All pages of the search forwards; `between` happens between each two."""
    pages = [page_of(search)]
    while pages[-1].after is not None:
        between()
        pages.append(page_of(search, pages[-1].after))
    return pages


def walk_back(search, last):
    """All pages from the first to `last`, gone through from there."""
    pages = [last]
    while pages[0].before is not None:
        pages.insert(0, page_of(search, pages[0].before, back=True))
    return pages


def all_ids(pages):
    return [id_ for page in pages for id_ in ids_of(page)]


@pytest.mark.parametrize("search", SEARCHES, ids=Search.query_string)
def test_pages_are_full_and_lead_there_and_back(search, ways, filled, rules):
    @rules
    @given(strategies.listings(most=14))
    def check(listings):
        expected = model.found(search, listings)
        with filled(listings):
            for _ in ways():
                pages = walk(search)
                assert all_ids(pages) == expected
                assert all(len(page.cards) == PAGE for page in pages[:-1])
                assert pages[0].before is None
                back = walk_back(search, pages[-1])
                assert all_ids(back) == expected
                assert all(len(page.cards) == PAGE for page in back[1:-1])

    check()


@pytest.mark.parametrize("search", SEARCHES, ids=Search.query_string)
def test_what_was_there_all_the_time_is_seen_once_while_others_come_and_go(search, ways, filled, rows, rules):
    @rules
    @given(strategies.listings(most=14), strategies.listings(most=6), st.data())
    def check(listings, arriving, data):
        arriving = [replace(listing, id=listing.id + 100) for listing in arriving]
        leaving = data.draw(st.lists(st.sampled_from(listings), max_size=4)) if listings else []
        expected = model.found(search, [listing for listing in listings if listing not in leaving])

        def check_pages(pages):
            ids = all_ids(pages)
            assert len(ids) == len(set(ids))
            stayed = {listing.id for listing in listings if listing not in leaving}
            assert [id_ for id_ in ids if id_ in stayed] == expected

        for _ in ways():
            with filled(listings) as site:
                changes = [partial(site.add, [listing]) for listing in arriving]
                changes += [partial(rows, DELETE, id=listing.id) for listing in leaving]
                pages = walk(search, lambda changes=changes: changes and changes.pop()())
                check_pages(pages)
                # What arrived on the way before the page that one is on is met on the way back.
                # A page of which all have left since is none to go back from.
                page, back = next((each for each in reversed(pages) if each.cards), pages[0]), []
                last = ids_of(page)
                while page.before is not None:
                    _ = changes and changes.pop()()
                    page = page_of(search, page.before, back=True)
                    back = ids_of(page) + back
                assert len(back) == len(set(back))
                stayed = [id_ for id_ in expected if id_ not in last]
                assert [id_ for id_ in back if id_ in expected] == stayed

    check()


@pytest.mark.parametrize("typed", ["drill", "dru", "lamp -tent", "drill lamp"])
def test_the_best_match_comes_first_and_the_newest_of_equal_ones(typed, ways, filled, rows, rules):
    search = Search(words=typed, sort=RELEVANCE)

    @rules
    @given(strategies.listings(most=14))
    def check(listings):
        with filled(listings):
            query = Sought(search, [], load_tree()).match().words
            scored = [id_ for (id_,) in rows(BY_SCORE, query=query)]
            for _ in ways():
                pages = walk(search)
                assert all_ids(pages) == scored
                assert all_ids(walk_back(search, pages[-1])) == scored
                assert pages[0].ranked in (None, len(scored))

    check()


def test_only_the_newest_are_ranked_and_that_stays_so_while_others_arrive(filled, monkeypatch, rows):
    monkeypatch.setattr(queries, "RANKED_MAXIMUM", 5)
    hour = timedelta(hours=1)
    plain = model.Listing(0, "kitchen", ("drill",), (), "active", hour, None, None)
    best = model.Listing(0, "kitchen", ("drill", "drill", "drill"), (), "active", hour, None, None)
    old_and_good = replace(best, id=1, age=90 * hour)
    listings = [old_and_good, *(replace(plain, id=id_, age=(50 - id_) * hour) for id_ in range(2, 10))]
    search = Search(words="drill", sort=RELEVANCE)
    with filled(listings) as site:
        pages = walk(search)
        assert [id_ for page in pages for id_ in ids_of(page)] == [9, 8, 7, 6, 5]
        assert pages[0].ranked == 5
        arriving = [replace(best, id=id_, age=hour / id_) for id_ in range(20, 24)]
        pages = walk(search, lambda: site.add([arriving.pop()]))
        assert [id_ for page in pages for id_ in ids_of(page)] == [9, 8, 7, 6, 5]
        assert ids_of(page_of(search))[0] == 23


def test_a_listing_that_expires_is_gone_at_that_moment_swept_or_not(filled, rows):
    day = timedelta(days=1)
    listing = model.Listing(1, "kitchen", ("drill",), (), "active", day, day, None)
    for search in (Search(), Search(category="kitchen"), Search(words="drill"), Search(sort=VALUE, near=1)):
        with filled([listing]):
            assert ids_of(page_of(search)) == [1]
            rows("UPDATE listings SET expires_at = now() WHERE id = 1 RETURNING id")
            assert ids_of(page_of(search)) == []


@pytest.mark.parametrize("kind", [NewestPlace, RelevancePlace, ValuePlace])
def test_a_place_is_read_as_it_was_written(kind):
    for place in (kind(*[0] * len(kind.highest)), kind(*kind.highest)):
        assert kind.parse(str(place)) == place


@pytest.mark.parametrize("kind", [NewestPlace, RelevancePlace, ValuePlace])
@pytest.mark.parametrize(
    "text", ["", "-", "a-b", "1", "1-1-1-1-1-1", f"{MAX_BIGINT + 1}-1", "-1-1", "١-1", "1-1 ", "9" * 5000]
)
def test_nonsense_is_no_place(kind, text):
    assert kind.parse(text) is None


def test_the_edges_of_every_order_are_pages(filled):
    listing = model.Listing(1, "kitchen", ("drill",), (), "active", timedelta(hours=1), None, None)
    with filled([listing]):
        for search in (
            Search(words="drill"),
            Search(sort=VALUE, near=40),
            Search(words="drill", sort=RELEVANCE),
        ):
            kind = kind_of_place(search.sort)
            for place in (kind(*[0] * len(kind.highest)), kind(*kind.highest)):
                for back in (False, True):
                    assert len(page_of(search, place, back).cards) <= 1
