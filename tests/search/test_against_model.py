"""Each filter, and each two of them, with words and without, against the model on generated listings."""

from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from marketplace.categories.queries import load_tree
from marketplace.search import plan, queries
from marketplace.search.counting import Counting, count
from marketplace.search.sought import Sought
from tests.search import model, strategies

PAIRS = [*[(name,) for name in strategies.FILTERS], *combinations(strategies.FILTERS, 2)]
# The site is emptied again after each example.
RULES = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def all_ids(search):
    """The ids of all pages of the search, from the first to the last."""
    tree = load_tree()
    sought = Sought(search, [], tree)
    match = sought.match()
    place, ids = None, []
    while True:
        page = queries.page_of_matches(tree, match, plan.estimate([match])[0], place)
        ids += [card.id for card in page.cards]
        if page.after is None:
            return ids
        place = page.after


def total(search):
    match = Sought(search, [], load_tree()).match()
    return count([Counting(match)], plan.estimate([match]))[0].total


@pytest.mark.parametrize("names", PAIRS, ids="+".join)
def test_filters_find_what_the_model_finds(names, way, filled):
    @RULES
    @given(
        strategies.listings(),
        strategies.searches_with(*names),
        st.sampled_from(("", *strategies.TYPED)),
        strategies.orders,
    )
    def check(listings, search, typed, order):
        search = search.changed(words=typed, **order)
        with filled(listings):
            expected = model.found(search, listings)
            assert all_ids(search) == expected
            assert total(search).number == len(expected)
            assert not total(search).at_least

    check()
