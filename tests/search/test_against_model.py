"""Each filter, each two and several of them, with words and without, against the model."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.categories.queries import load_tree
from marketplace.search import plan, queries
from marketplace.search.counting import Count, Counting, count
from marketplace.search.sought import Sought
from tests.search import model, strategies

PAIRS = [*[(name,) for name in strategies.FILTERS], *combinations(strategies.FILTERS, 2)]


def found(search):
    """The ids on all pages of the search, from the first to the last, and how many are counted."""
    tree = load_tree()
    match = Sought(search, [], tree).match()
    expected = plan.estimate([match])
    total = count([Counting(match)], expected)[0].total
    place, ids = None, []
    while True:
        page = queries.page_of_matches(tree, match, expected[0], place)
        ids += [card.id for card in page.cards]
        if page.after is None:
            return ids, total
        place = page.after


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_filters_find_what_the_model_finds(names, ways, filled, rules):
    @rules
    @given(strategies.listings(), strategies.searches_with(*names), strategies.words, strategies.orders)
    def check(listings, search, typed, order):
        search = search.changed(words=typed, **order)
        expected = model.found(search, listings)
        with filled(listings):
            for _ in ways():
                assert found(search) == (expected, Count(len(expected)))

    check()


def test_several_filters_at_once_find_what_the_model_finds(ways, filled, rules):
    several = st.lists(st.sampled_from(list(strategies.FILTERS)), min_size=3, unique=True)

    @rules
    @given(
        strategies.listings(),
        several.flatmap(lambda names: strategies.searches_with(*names)),
        strategies.words,
        strategies.orders,
    )
    def check(listings, search, typed, order):
        search = search.changed(words=typed, **order)
        expected = model.found(search, listings)
        with filled(listings):
            for _ in ways():
                assert found(search) == (expected, Count(len(expected)))

    check()
