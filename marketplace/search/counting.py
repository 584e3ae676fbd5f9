"""How many listings searches find, and how many more filters would leave: from the conditions of the results.

Counting stops at COUNTED_MAXIMUM, and the options of a filter are then counted among the first of the matches
only. Where it stopped, a count says so: at least so many.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text

from marketplace.blocks.queries import READER
from marketplace.extensions import db
from marketplace.freshness import true_until
from marketplace.listings.conditions import CONDITION_WORDS
from marketplace.search import plan
from marketplace.search.filters import KINDS, POSTED_DAYS, TYPES
from marketplace.search.matching import Match, item_condition, since
from marketplace.search.plan import Estimate
from marketplace.search.statements import FOUND, gathered, in_categories, more_to_walk, walked

COUNTED_MAXIMUM = 1_000
# Where more match than are counted, the options are counted among so many.
SAMPLED = 200
# Fewer than these among the newest listings, and all that match are gathered instead.
ENOUGH = 25

_OF_ITEMS = {
    "kind": {name: f"item.kind = '{kind}'" for name, kind in KINDS.items()},
    "exchange_type": {name: f"item.exchange_type = '{name}'" for name in TYPES},
    "conditions": {name: f"item.condition = '{name}'" for name in CONDITION_WORDS},
}
_OF_LISTINGS = {
    "posted": {str(days): f"sample.created_at > now() - interval '{days} days'" for days in POSTED_DAYS},
    "picture": {"yes": "sample.has_picture"},
}
_COLUMNS = FOUND + ", entry.document @@ CAST('''picture:yes''' AS tsquery) AS has_picture"
# The filters whose options are counted.
COUNTED = (*_OF_ITEMS, *_OF_LISTINGS)


@dataclass(frozen=True)
class Count:
    """A number of listings; `at_least`: there may be more."""

    number: int
    at_least: bool = False

    def __str__(self) -> str:
        """The count as a page shows it: 1,000+."""
        return f"{self.number:,}{'+' if self.at_least else ''}"


@dataclass(frozen=True)
class Counting:
    """What to count of a search: its matches, and with `options` the options of these filters among them.

    `places`: its categories and areas, too. `known` is the exact number of matches, where that is known.
    """

    match: Match
    options: tuple[str, ...] = ()
    places: bool = False
    known: int | None = None


@dataclass(frozen=True)
class Counts:
    """What was counted. A count that is not there is none that is known."""

    total: Count
    options: dict[tuple[str, str], Count] = field(default_factory=dict)
    categories: dict[int, Count] = field(default_factory=dict)
    areas: dict[str, Count] = field(default_factory=dict)


@dataclass(frozen=True)
class _Shape:
    """All that the SQL for one counting depends on. `way` is walk, gather or categories."""

    way: str
    options: tuple[str, ...]
    places: bool


def count(countings: Sequence[Counting], expected: Sequence[Estimate]) -> list[Counts]:
    """Count all of `countings` with one statement, and the odd ones again with a second.

    `expected` is what `plan` estimates of each.
    """
    walks = [plan.rows_to_walk(each.match, one) for each, one in zip(countings, expected, strict=True)]
    counts = _run(countings, walks)
    again = [
        number
        for number, (counted, walk) in enumerate(zip(counts, walks, strict=True))
        if walk and counted.total.at_least and counted.total.number < ENOUGH
    ]
    if again:
        gathered_ = _run([countings[number] for number in again], [0] * len(again))
        for number, counted in zip(again, gathered_, strict=True):
            counts[number] = counted
    return counts


def _run(countings: Sequence[Counting], walks: Sequence[int]) -> list[Counts]:
    parameters: dict[str, Any] = {"few": SAMPLED, "most": COUNTED_MAXIMUM}
    shapes = []
    for number, (counting, walk) in enumerate(zip(countings, walks, strict=True)):
        match = counting.match
        way = "categories" if match.is_plain and match.category else "walk" if walk else "gather"
        shapes.append(_Shape(way, counting.options, counting.places))
        is_many = counting.known is not None and counting.known > COUNTED_MAXIMUM
        limits = {f"walk{number}": walk, f"limit{number}": SAMPLED if is_many else COUNTED_MAXIMUM + 1}
        parameters |= match.parameters(number) | limits
    found: list[list[Any]] = [[] for _ in countings]
    for row in db.session.execute(_statement(tuple(shapes)), parameters):
        found[row.number].append(row)
    return [_counts(rows, counting.known) for rows, counting in zip(found, countings, strict=True)]


def _counts(rows: list[Any], known: int | None) -> Counts:
    sizes = {row.what: row.counted for row in rows if row.what in ("total", "more")}
    size = sizes["total"] if known is None else known
    # Where counting stopped because there were enough rows, or because enough had been walked.
    is_capped = size > COUNTED_MAXIMUM or sizes.get("more", 0) > 0
    total = Count(min(size, COUNTED_MAXIMUM), is_capped) if known is None else Count(known)
    counts = Counts(total)
    for row in rows:
        if row.what == "ages":
            true_until(row.counted if row.counted is not None else math.inf)
            continue
        # That there are at least none says nothing.
        if row.what in sizes or (is_capped and row.counted == 0):
            continue
        counted = Count(row.counted, is_capped)
        if row.what == "category":
            counts.categories[int(row.name)] = counted
        elif row.what == "area":
            counts.areas[row.name] = counted
        else:
            counts.options[row.what, row.name] = counted
    return counts


@cache
def _statement(shapes: tuple[_Shape, ...]) -> TextClause:
    samples, queries = [], []
    for number, shape in enumerate(shapes):
        sample, counted = _one(number, shape)
        samples += sample
        queries += counted
    return text(f"WITH {', '.join(samples)} {' UNION ALL '.join(queries)}").bindparams(READER)


def _one(n: int, shape: _Shape) -> tuple[list[str], list[str]]:
    """Return the CTEs for one search, and the queries that count in them."""
    bounds = f"entry.created_at > {since(n)}"
    if shape.way == "walk":
        sample = walked(bounds, n, columns=_COLUMNS)
    elif shape.way == "categories":
        sample = in_categories(bounds, number=n, columns=_COLUMNS)
    else:
        # A query that nothing is asked of at once is read no further than the limit.
        sample = f"""
            WITH gathered AS MATERIALIZED ({gathered(bounds, n, columns=_COLUMNS)})
            SELECT * FROM gathered LIMIT :limit{n}
        """
    samples = [f"sample{n} AS MATERIALIZED ({sample})"]
    queries = [_query(n, "total", "NULL", "count(*)", f"sample{n}")]
    if shape.way == "walk":
        queries.append(_query(n, "more", "NULL", f"CASE WHEN {more_to_walk(bounds, n)} THEN 1 ELSE 0 END"))
    if shape.places or shape.options:
        few = f"(SELECT CASE WHEN count(*) > :most THEN CAST(:few AS bigint) END FROM sample{n})"
        samples.append(f"few{n} AS MATERIALIZED (SELECT * FROM sample{n} LIMIT {few})")
    if shape.places:
        queries.append(_query(n, "category", "category_id", "count(*)", f"sample{n} GROUP BY category_id"))
        queries.append(_by_area(n))
    if shape.options:
        queries.append(_by_option(n, shape.options))
    if "posted" in shape.options:
        queries.append(_next_to_age(n))
    return samples, queries


def _query(n: int, what: str, name: str, counted: str, source: str = "") -> str:
    where = f" FROM {source}" if source else ""
    return (
        f"SELECT {n} AS number, '{what}' AS what, CAST({name} AS text) AS name, {counted} AS counted{where}"
    )


def _by_area(n: int) -> str:
    source = f"""
        few{n} AS sample JOIN listings AS listing ON listing.id = sample.listing_id
        WHERE listing.area IS NOT NULL GROUP BY listing.area
    """
    return _query(n, "area", "listing.area", "count(*)", source)


def _next_to_age(n: int) -> str:
    """When the first of the listings will be too old for one of the options that count it now."""
    moments = [
        f"min(sample.created_at) FILTER (WHERE {sql}) + interval '{days} days'"
        for days, sql in _OF_LISTINGS["posted"].items()
    ]
    first = f"CAST(floor(extract(epoch FROM least({', '.join(moments)}))) AS bigint)"
    return _query(n, "ages", "NULL", first, f"few{n} AS sample")


def _by_option(n: int, filters: tuple[str, ...]) -> str:
    """One item must be what the option says, and whatever else the search asks of an item."""
    of_items = [(each, name, sql) for each in filters for name, sql in _OF_ITEMS.get(each, {}).items()]
    of_listings = [(each, name, sql) for each in filters for name, sql in _OF_LISTINGS.get(each, {}).items()]
    flags = [f"bool_or({sql}) AS flag{number}" for number, (_, _, sql) in enumerate(of_items)]
    items = f"""
        CROSS JOIN LATERAL (
            SELECT {", ".join(flags)} FROM listing_items AS item
            WHERE item.listing_id = sample.listing_id AND item.owner_id = sample.owner_id
            AND {item_condition(n)}
        ) AS items
    """
    tests = [f"items.flag{number}" for number in range(len(of_items))] + [sql for _, _, sql in of_listings]
    columns = [f"count(*) FILTER (WHERE {sql}) AS counted{number}" for number, sql in enumerate(tests)]
    values = [
        f"('{each}', '{name}', options.counted{number})"
        for number, (each, name, _) in enumerate(of_items + of_listings)
    ]
    return f"""
        SELECT {n}, option.what, option.name, option.counted
        FROM (
            SELECT {", ".join(columns)} FROM few{n} AS sample {items if of_items else ""}
        ) AS options
        CROSS JOIN LATERAL (VALUES {", ".join(values)}) AS option (what, name, counted)
    """
