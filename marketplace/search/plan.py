"""How a search is answered: the one place that decides between walking and gathering; see `statements`.

The figures were measured with a million listings: a walked row costs about 0.6 µs, a gathered one 1 to 3 µs,
and looking at a listing's items 3 to 8 µs.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text

from marketplace.extensions import db
from marketplace.search.filters import VALUE
from marketplace.search.matching import Match, since, text_condition

# Up to so many matches are gathered. Where more match, a page is full after a few thousand rows at most.
GATHERED_MAXIMUM = 5_000
# So many rows are walked at most before it is clear that the newest listings hardly match at all.
WALKED_MAXIMUM = 10_000
# To look at the items of a match costs several times as much as the match itself, and fewer pass.
GATHERED_WITH_ITEMS = 2_000
WALKED_WITH_ITEMS = 30_000
# The listings closest to a value lie all over the table; walking them costs as much as gathering.
CLOSEST_GATHERED = 20_000
CLOSEST_WALKED_MAXIMUM = 5_000
# The index of words knows no time: it gives all that match, which are so many times those of the last days.
_INDEX_READING = 1_000
# A walk in the order of value must be cut off beforehand: so many times what a page should need.
_CLOSEST_MARGIN = 4


@dataclass(frozen=True)
class Estimate:
    """How many listings the planner expects a search to find, out of how many that are recent enough."""

    found: int
    total: int


# For what is found at once, however many listings that are.
EVERYTHING = Estimate(1, 1)


def estimate(matches: Sequence[Match]) -> list[Estimate]:
    """Ask the planner what to expect of each of `matches`; at most one statement for all of them."""
    asked = [match for match in matches if _depends_on_number(match)]
    if not asked:
        return [EVERYTHING] * len(matches)
    parameters: dict[str, Any] = {}
    for number, match in enumerate(asked):
        parameters |= match.parameters(number)
    plan = db.session.execute(_explain(len(asked)), parameters).scalar_one()
    branches = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plans"]
    rows = iter([int(branch["Plan Rows"]) for branch in branches])
    return [
        Estimate(next(rows), next(rows)) if _depends_on_number(match) else EVERYTHING for match in matches
    ]


def rows_to_walk(match: Match, expected: Estimate) -> int:
    """Return how many rows to walk before gathering: none when few matches are expected."""
    most, few = WALKED_MAXIMUM, GATHERED_MAXIMUM
    if match.checks_items:
        most, few = WALKED_WITH_ITEMS, GATHERED_WITH_ITEMS
    # The listings of the last days may be few enough to go through, whatever is asked of them.
    is_short = match.is_recent and expected.total <= most and expected.total < _INDEX_READING * expected.found
    return most if expected.found > few or is_short or not match.query else 0


def closest_to_walk(match: Match, expected: Estimate, page: int) -> int:
    """Return how many rows to walk on each side of a value: none when few matches are expected."""
    if match.query and expected.found <= CLOSEST_GATHERED:
        return 0
    wanted = _CLOSEST_MARGIN * page * expected.total // max(expected.found, 1)
    return min(max(wanted, page), CLOSEST_WALKED_MAXIMUM)


def _depends_on_number(match: Match) -> bool:
    """Tell whether how a search is answered depends on how many listings it finds.

    The newest listings of a category are found by an index of their own, those closest to a value are not.
    """
    return not match.is_plain or (match.search.sort == VALUE and match.category is not None)


@cache
def _explain(count: int) -> TextClause:
    # OFFSET 0 keeps each branch whole, and so in its place.
    branches = []
    for number in range(count):
        recent = f"SELECT FROM search_entries AS entry WHERE entry.created_at > {since(number)}"
        branches += [f"({recent} AND {text_condition(number)} OFFSET 0)", f"({recent} OFFSET 0)"]
    return text("EXPLAIN (FORMAT JSON) " + " UNION ALL ".join(branches))
