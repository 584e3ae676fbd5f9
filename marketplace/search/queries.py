"""Reads of what a search finds: pages of cards."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, text

from marketplace.categories.tree import Tree
from marketplace.database.base import MAX_BIGINT
from marketplace.extensions import db
from marketplace.listings.cards import Card
from marketplace.listings.queries import cards_of
from marketplace.search import plan
from marketplace.search.closeness import CLOSEST, START, bounds
from marketplace.search.facets import whole_words_only
from marketplace.search.filters import RELEVANCE as BY_RELEVANCE
from marketplace.search.filters import VALUE as BY_VALUE
from marketplace.search.matching import Match
from marketplace.search.places import (
    NewestPlace,
    Place,
    RelevancePlace,
    ValuePlace,
    microseconds,
    moment_of,
)
from marketplace.search.plan import Estimate
from marketplace.search.statements import IN_CATEGORIES, NEWEST, PLAIN, RELEVANCE
from marketplace.search.words import Words

PAGE_SIZE = 24
# Only so many of the newest matches are ranked: to rank all that have a common word would take seconds.
RANKED_MAXIMUM = 1_000

_PARSE = text("""
    SELECT CAST(to_tsquery('pg_catalog.english', typed.query) AS text)
    FROM unnest(CAST(:queries AS text[])) WITH ORDINALITY AS typed (query, number)
    ORDER BY typed.number
""")

Rows = Sequence[Any]


@dataclass(frozen=True)
class Page:
    """A page of results. `before` and `after` are the places of the pages beside it, where there are any.

    `ranked`, in the order of relevance, is the number of the newest results that were put in that order.
    """

    cards: list[Card]
    before: Place | None
    after: Place | None
    ranked: int | None = None


def parse_words(several: Sequence[Words]) -> list[str]:
    """Return the text of the tsquery for each of `several`; empty when all its words are too common.

    Sends one statement, or none when there are no words at all.
    """
    if not any(words.terms for words in several):
        return [""] * len(several)
    parsed = db.session.execute(_PARSE, {"queries": [words.query() for words in several]}).scalars()
    return [whole_words_only(query) for query in parsed]


def page_of_matches(
    tree: Tree, match: Match, expected: Estimate, place: Place | None, back: bool = False
) -> Page:
    """Return the page after `place`, or the one before it when `back`; the first page without a place.

    `expected` is what `plan` estimates. `place` is of the kind that the search's order has: see
    `places.kind_of_place`.
    """
    key: Callable[[Any], Place]
    if match.search.sort == BY_VALUE:
        rows, key = _closest(match, expected, place, back), _value_place
    elif match.search.sort == BY_RELEVANCE and match.words:
        rows, key = _ranked(match, expected, place, back), _relevance_place
    else:
        rows, key = _newest(match, expected, place, back, PAGE_SIZE + 1), _newest_place
    has_more = len(rows) > PAGE_SIZE
    # The row too many is the farthest from the place: the first one on the way back.
    shown = rows[-PAGE_SIZE:] if back else rows[:PAGE_SIZE]
    return Page(
        cards=cards_of(tree, shown),
        before=key(shown[0]) if shown and (has_more if back else place is not None) else None,
        after=key(shown[-1]) if shown and (back or has_more) else None,
        ranked=rows[0].size if rows and key is _relevance_place else None,
    )


def newest_cards(tree: Tree, match: Match, limit: int) -> list[Card]:
    """Return the `limit` newest listings that a search finds, whatever its order."""
    return cards_of(tree, _newest(match, plan.estimate([match])[0], None, False, limit))


def _newest(match: Match, expected: Estimate, place: Place | None, back: bool, limit: int) -> Rows:
    assert place is None or isinstance(place, NewestPlace)
    parameters = match.parameters() | {
        "moment": moment_of(place.moment) if place else "infinity",
        "listing_id": place.listing_id if place else MAX_BIGINT,
        "limit": limit,
    }
    if match.is_plain:
        statement = IN_CATEGORIES if match.category else PLAIN
        return db.session.execute(statement[back], parameters).all()
    walk = plan.rows_to_walk(match, expected)
    return _walk_or_gather(NEWEST, back, parameters, walk, limit)


def _ranked(match: Match, expected: Estimate, place: Place | None, back: bool) -> Rows:
    assert place is None or isinstance(place, RelevancePlace)
    parameters = match.parameters() | {
        "words": match.words,
        "score": place.score if place else 2**31 - 1,
        "moment": moment_of(place.moment) if place else "infinity",
        "listing_id": place.listing_id if place else MAX_BIGINT,
        "top_moment": moment_of(place.top_moment) if place else "infinity",
        "top_id": place.top_id if place else MAX_BIGINT,
        "limit": RANKED_MAXIMUM,
        "page": PAGE_SIZE + 1,
    }
    parameters["walk"] = plan.rows_to_walk(match, expected)
    return db.session.execute(RELEVANCE[back], parameters).all()


def _closest(match: Match, expected: Estimate, place: Place | None, back: bool) -> Rows:
    assert place is None or isinstance(place, ValuePlace)
    assert match.search.near is not None
    near = {"near": match.search.near, "limit": PAGE_SIZE + 1}
    parameters = match.parameters() | bounds(place or START, match.search.near, back) | near
    walk = plan.closest_to_walk(match, expected, PAGE_SIZE + 1)
    return _walk_or_gather(CLOSEST, back, parameters, walk, PAGE_SIZE + 1)


def _walk_or_gather(
    statements: Mapping[tuple[bool, ...], TextClause],
    back: bool,
    parameters: dict[str, Any],
    walk: int,
    enough: int,
) -> Rows:
    """Walk as far as is said; gather where that is nowhere, or was not enough and there is more."""
    parameters = parameters | {"walk": walk}
    rows: Rows = db.session.execute(statements[False, back], parameters).all() if walk else []
    if len(rows) < enough:
        # What is gathered includes what was walked; nothing, when all there is had been walked already.
        rows = db.session.execute(statements[True, back], parameters).all() or rows
    return rows


def _newest_place(row: Any) -> Place:
    return NewestPlace(microseconds(row.created_at), row.id)


def _relevance_place(row: Any) -> Place:
    top = microseconds(row.top_moment), row.top_id
    return RelevancePlace(row.score, microseconds(row.created_at), row.id, *top)


def _value_place(row: Any) -> Place:
    return ValuePlace(row.distance, row.side, row.id)
