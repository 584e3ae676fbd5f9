"""The order of closeness to a value: the value and all above it, those below it, and those without one.

Each side is an index walk from the value outwards; merged, they are in order.
"""

from itertools import product

from sqlalchemy import TextClause

from marketplace.database.base import MAX_BIGINT
from marketplace.search.matching import condition, since
from marketplace.search.places import ValuePlace
from marketplace.search.statements import cards

START = ValuePlace(0, 0, 0)

_DISTANCE = f"coalesce(abs(entry.value - :near), {MAX_BIGINT})"
_SIDE = "CASE WHEN entry.value >= :near THEN 0 WHEN entry.value < :near THEN 1 ELSE 2 END"
_RANK = "CASE WHEN entry.value >= :near THEN entry.listing_id ELSE -entry.listing_id END"
_COLUMNS = (
    "entry.listing_id, entry.owner_id, entry.category_id, entry.created_at,"
    " entry.expires_at, entry.shown_from"
)
_ORDER = "{0}.distance {1}, {0}.side {1}, {0}.rank {1}"


def bounds(place: ValuePlace, near: int, back: bool) -> dict[str, int]:
    """Return where the walk of each side begins, for the page after `place`, or before it.

    A side's walk begins after, or before, a pair of value and id. Sides that lie wholly on the other side of
    the place get a pair beyond all listings.
    """
    above, below = min(near + place.distance, MAX_BIGINT), max(near - place.distance, -1)
    return {
        "above_value": above if place.side < 2 else MAX_BIGINT,
        "above_id": place.listing_id if place.side == 0 else MAX_BIGINT,
        # The value itself lies above, never below.
        "below_value": (below if back else min(below, near - 1)) if place.side < 2 else -1,
        "below_id": (MAX_BIGINT, place.listing_id, 0)[place.side],
        "none_id": place.listing_id if place.side == 2 else MAX_BIGINT,
        "distance": place.distance,
        "side": place.side,
        "rank": place.listing_id if place.side == 0 else -place.listing_id,
    }


def _side(where: str, order: str) -> str:
    return f"""
        (SELECT {_COLUMNS}, entry.document, {_DISTANCE} AS distance, {_SIDE} AS side, {_RANK} AS rank
        FROM search_entries AS entry WHERE {where} ORDER BY {order} LIMIT :walk)
    """


def _closest(gathers: bool, back: bool) -> TextClause:
    pair, up, down = "(entry.value, entry.listing_id)", "{0}, {1}", "{0} DESC NULLS FIRST, {1} DESC"
    forth, order = ("<", "DESC") if back else (">", "ASC")
    outwards, inwards = (down, up) if back else (up, down)
    columns = ("entry.value", "entry.listing_id")
    above = f"{pair} {forth} (:above_value, :above_id) AND entry.value >= :near"
    below = f"{pair} {'>' if back else '<'} (:below_value, :below_id) AND entry.value < :near"
    none = f"entry.value IS NULL AND entry.listing_id {'>' if back else '<'} :none_id"
    sides = f"""
        SELECT * FROM (
            {_side(above, outwards.format(*columns))}
            UNION ALL {_side(below, inwards.format(*columns))}
            UNION ALL {_side(none, inwards.format(*columns))}
        ) AS side
        ORDER BY {_ORDER.format("side", order)} LIMIT :walk
    """
    if not gathers:
        found = f"""
            SELECT entry.listing_id, entry.distance, entry.side, entry.rank FROM ({sides}) AS entry
            WHERE {condition()} AND entry.created_at > {since()}
            ORDER BY {_ORDER.format("entry", order)} LIMIT :limit
        """
    else:
        found = f"""
            WITH gathered AS MATERIALIZED (
                SELECT entry.listing_id, {_DISTANCE} AS distance, {_SIDE} AS side, {_RANK} AS rank
                FROM search_entries AS entry WHERE {condition()} AND entry.created_at > {since()}
            )
            SELECT * FROM gathered WHERE (distance, side, rank) {forth} (:distance, :side, :rank)
            ORDER BY {_ORDER.format("gathered", order)} LIMIT :limit
        """
    return cards(found, "ORDER BY " + _ORDER.format("found", "ASC"), ", found.distance, found.side")


# By whether it gathers, and whether it goes back.
CLOSEST = {key: _closest(*key) for key in product((False, True), repeat=2)}
