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
# A walk in the order of value must be cut off beforehand: so many times what a page should need.
_CLOSEST_MARGIN = 4


@dataclass(frozen=True)
class Estimate:
    """How many listings the planner expects a search to find, out of how many."""

    found: int
    total: int


def estimate(matches: Sequence[Match]) -> list[Estimate]:
    """Ask the planner what to expect of each of `matches`; one statement for all of them."""
    parameters: dict[str, Any] = {}
    for number, match in enumerate(matches):
        parameters |= match.parameters(number)
    plan = db.session.execute(_explain(len(matches)), parameters).scalar_one()
    branches = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plans"]
    total, *found = (int(branch["Plan Rows"]) for branch in branches)
    return [Estimate(each, total) for each in found]


def rows_to_walk(match: Match, expected: Estimate) -> int:
    """Return how many rows to walk before gathering: none when few matches are expected."""
    # The rows of the last days are few enough to go through.
    is_recent = match.search.posted is not None or match.since is not None
    if match.checks_items:
        return WALKED_WITH_ITEMS if is_recent or expected.found > GATHERED_WITH_ITEMS else 0
    return WALKED_MAXIMUM if is_recent or expected.found > GATHERED_MAXIMUM else 0


def closest_to_walk(match: Match, expected: Estimate, page: int) -> int:
    """Return how many rows to walk on each side of a value: none when few matches are expected."""
    if expected.found <= CLOSEST_GATHERED and match.query:
        return 0
    wanted = _CLOSEST_MARGIN * page * max(expected.total, 1) // max(expected.found, 1)
    return min(max(wanted, page), CLOSEST_WALKED_MAXIMUM)


@cache
def _explain(count: int) -> TextClause:
    # OFFSET 0 keeps each branch whole, and so in its place.
    branches = [
        f"(SELECT FROM search_entries AS entry WHERE entry.created_at > {since(n)} AND {text_condition(n)} OFFSET 0)"
        for n in range(count)
    ]
    everything = "(SELECT FROM search_entries OFFSET 0)"
    return text("EXPLAIN (FORMAT JSON) " + " UNION ALL ".join([everything, *branches]))
