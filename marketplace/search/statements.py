"""The SQL of a page of results, newest first or best first, in both directions. Built once.

Nothing here pages by OFFSET, nor compares a cursor with OR: a page far down costs what the first one does.

A search is answered in one of two ways. Walking: going through the newest listings, however they match,
until the page is full; quick where many match. Gathering: taking all that match by the index of words, and
sorting them; quick where few match. `plan` decides which; `queries` gathers where walking was not enough.
"""

from itertools import product

from sqlalchemy import TextClause, text

from marketplace.blocks.queries import READER
from marketplace.search.matching import ON_SHOW, condition, since

NEWEST_FIRST = "ORDER BY {0}.created_at DESC, {0}.listing_id DESC"
OLDEST_FIRST = "ORDER BY {0}.created_at, {0}.listing_id"
FOUND = "entry.listing_id, entry.owner_id, entry.category_id, entry.created_at"
_CARD = "listing.id, listing.title, listing.category_id, listing.created_at, listing.owner_id, listing.area"


def cards(found: str, order: str, more: str = "") -> TextClause:
    """Return the statement for the cards of what the query `found` finds, with `more` of its columns."""
    return text(f"""
        SELECT {_CARD}, member.username, member.is_active AS owner_is_active {more}
        FROM ({found}) AS found
        JOIN listings AS listing ON listing.id = found.listing_id
        JOIN users AS member ON member.id = listing.owner_id
        {order}
    """).bindparams(READER)


def walked(bounds: str, number: object = "", back: bool = False, columns: str = FOUND) -> str:
    """Return the query for the matches among the newest `walk` rows within `bounds`, at most `limit`."""
    n, order = number, (OLDEST_FIRST if back else NEWEST_FIRST).format("entry")
    return f"""
        SELECT {columns}
        FROM (
            SELECT * FROM search_entries AS entry WHERE {bounds} {order} LIMIT :walk{n}
        ) AS entry
        WHERE {condition(n)} {order} LIMIT :limit{n}
    """


def gathered(bounds: str, number: object = "", columns: str = FOUND) -> str:
    """Return the query for all matches within `bounds`, in no order."""
    return f"SELECT {columns} FROM search_entries AS entry WHERE {bounds} AND {condition(number)}"


def more_to_walk(bounds: str, number: object = "", back: bool = False) -> str:
    """Return the SQL condition that there are more rows within `bounds` than are walked."""
    order = (OLDEST_FIRST if back else NEWEST_FIRST).format("entry")
    return f"""
        EXISTS (SELECT FROM search_entries AS entry WHERE {bounds} {order} OFFSET :walk{number} LIMIT 1)
    """


def _bounds(back: bool) -> str:
    """The rows beyond the cursor, and no older than is asked for."""
    cursor = "(CAST(:moment AS timestamptz), CAST(:listing_id AS bigint))"
    return (
        f"(entry.created_at, entry.listing_id) {'>' if back else '<'} {cursor}"
        f" AND entry.created_at > {since()}"
    )


def _plain(back: bool) -> TextClause:
    """All listings that are shown."""
    order = (OLDEST_FIRST if back else NEWEST_FIRST).format("entry")
    found = f"""
        SELECT entry.listing_id, entry.created_at FROM search_entries AS entry
        WHERE {_bounds(back)} AND {ON_SHOW} {order} LIMIT :limit
    """
    return cards(found, NEWEST_FIRST.format("found"))


def in_categories(bounds: str, back: bool = False, number: object = "", columns: str = FOUND) -> str:
    """Return the query for all listings of some categories: a short walk for each of them, merged.

    Never slow, however old the listings of a category are.
    """
    order = OLDEST_FIRST if back else NEWEST_FIRST
    return f"""
        SELECT each.*
        FROM unnest(CAST(:category_ids{number} AS bigint[])) AS category (id)
        CROSS JOIN LATERAL (
            SELECT {columns} FROM search_entries AS entry
            WHERE entry.category_id = category.id AND {bounds} AND {ON_SHOW}
            {order.format("entry")} LIMIT :limit{number}
        ) AS each
        {order.format("each")} LIMIT :limit{number}
    """


def _in_categories(back: bool) -> TextClause:
    return cards(in_categories(_bounds(back), back), NEWEST_FIRST.format("found"))


def _newest(gathers: bool, back: bool) -> TextClause:
    """What a search finds, newest first: walks, or gathers where there is more to walk."""
    found, bounds = walked(_bounds(back), back=back), _bounds(back)
    if gathers:
        order = (OLDEST_FIRST if back else NEWEST_FIRST).format("gathered")
        found = f"""
            WITH gathered AS MATERIALIZED ({gathered(bounds)} AND {more_to_walk(bounds, back=back)})
            SELECT * FROM gathered {order} LIMIT :limit
        """
    return cards(found, NEWEST_FIRST.format("found"))


def _relevance(back: bool) -> TextClause:
    """The newest that a search finds, best first.

    What is ranked depends on where the window begins and not on the page: first a walk, and only where that
    does not find a page, all matches.
    """
    top = "(CAST(:top_moment AS timestamptz), CAST(:top_id AS bigint))"
    bounds = f"(entry.created_at, entry.listing_id) <= {top} AND entry.created_at > {since()}"
    order, beyond = ("ASC", ">") if back else ("DESC", "<")
    by_score = "ORDER BY {0}.score {1}, {0}.created_at {1}, {0}.listing_id {1}"
    found = f"""
        WITH walked AS MATERIALIZED ({walked(bounds)}),
        gate AS MATERIALIZED (
            SELECT (SELECT count(*) FROM walked) < :page AND {more_to_walk(bounds)} AS is_open
        ), gathered AS MATERIALIZED (
            {gathered(bounds)} AND (SELECT is_open FROM gate)
        ), window_of_newest AS MATERIALIZED (
            SELECT * FROM walked WHERE NOT (SELECT is_open FROM gate)
            UNION ALL (SELECT * FROM gathered {NEWEST_FIRST.format("gathered")} LIMIT :limit)
        ), top AS (
            SELECT newest.created_at, newest.listing_id, count(*) OVER () AS size
            FROM window_of_newest AS newest {NEWEST_FIRST.format("newest")} LIMIT 1
        ), ranked AS MATERIALIZED (
            SELECT newest.listing_id, newest.created_at, CAST(
                ts_rank(entry.document, CAST(:words AS tsquery)) * 1000000 AS integer) AS score
            FROM window_of_newest AS newest JOIN search_entries AS entry USING (listing_id)
        )
        SELECT ranked.*, top.created_at AS top_moment, top.listing_id AS top_id, top.size
        FROM ranked CROSS JOIN top
        WHERE (ranked.score, ranked.created_at, ranked.listing_id)
            {beyond} (CAST(:score AS integer), CAST(:moment AS timestamptz), CAST(:listing_id AS bigint))
        {by_score.format("ranked", order)} LIMIT :page
    """
    more = ", found.score, found.top_moment, found.top_id, found.size"
    return cards(found, by_score.format("found", "DESC"), more)


PLAIN = {back: _plain(back) for back in (False, True)}
IN_CATEGORIES = {back: _in_categories(back) for back in (False, True)}
RELEVANCE = {back: _relevance(back) for back in (False, True)}
# By whether it gathers, and whether it goes back.
NEWEST = {key: _newest(*key) for key in product((False, True), repeat=2)}
