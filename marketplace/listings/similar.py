"""Similar listings: what else somebody may want who looks at one, or comes too late for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ARRAY, BigInteger, Integer, String, bindparam, text

from marketplace.blocks.queries import READER, apart_in_sql
from marketplace.categories.tree import Tree
from marketplace.database.versions import current_version
from marketplace.extensions import db
from marketplace.freshness import true_until
from marketplace.listings.cards import Card
from marketplace.listings.queries import cards_of

SHOWN = 4
# Only the newest listings of a category are compared, so that this takes no longer in a large one.
COMPARED = 200

# Those of the same category come first, and among them those of the same area, then those with most of the
# title's words in their titles and items. A category with few listings leaves room for its neighbours.
_SIMILAR = text(
    f"""
    WITH compared AS MATERIALIZED (
        SELECT entry.*
        FROM unnest(:category_ids, :compared) AS category (id, compared)
        CROSS JOIN LATERAL (
            SELECT listing_id, owner_id, category_id, created_at, expires_at, document
            FROM search_entries
            WHERE category_id = category.id AND expires_at > now() AND shown_from <= now()
                AND {apart_in_sql("owner_id")}
            ORDER BY created_at DESC, listing_id DESC
            LIMIT category.compared
        ) AS entry
    ), nearest AS (
        SELECT entry.listing_id, row_number() OVER (
            ORDER BY
                entry.category_id = :category_id DESC,
                coalesce(entry.document @@ CAST(quote_literal('area:' ||
                    regexp_replace(btrim(search_text(:area)), ' +', ' ', 'g')) AS tsquery), false) DESC,
                ts_rank('{{0, 0, 0.4, 1}}', entry.document, CAST(replace(CAST(plainto_tsquery(
                    'pg_catalog.english', search_text(:title)) AS text), '&', '|') AS tsquery)) DESC,
                entry.created_at DESC,
                entry.listing_id DESC
        ) AS place
        FROM compared AS entry
        WHERE entry.listing_id <> :listing_id AND entry.owner_id IS DISTINCT FROM :owner_id
        ORDER BY place
        LIMIT :shown
    )
    SELECT listings.id, title, category_id, listings.created_at, owner_id, area, username,
        users.is_active AS owner_is_active,
        (SELECT extract(epoch FROM least(min(expires_at), (
            SELECT min(shown_from) FROM search_entries
            WHERE shown_from > '-infinity' AND shown_from > now()
        )))::float8 FROM compared) AS next_end
    FROM nearest
    JOIN listings ON listings.id = nearest.listing_id
    JOIN users ON users.id = listings.owner_id
    ORDER BY place
    """  # noqa: S608 - nothing in it comes from outside.
).bindparams(
    bindparam("category_ids", type_=ARRAY(BigInteger)),
    bindparam("compared", type_=ARRAY(Integer)),
    bindparam("area", type_=String),
    bindparam("owner_id", type_=BigInteger),
    READER,
    shown=SHOWN,
)


@dataclass(frozen=True)
class Sought:
    """What others are compared with: a listing, or what is still known of one that was deleted."""

    listing_id: int
    category_id: int
    title: str = ""
    area: str | None = None
    owner_id: int | None = None


def similar_cards(tree: Tree, sought: Sought) -> list[Card]:
    """Return at most `SHOWN` listings of other members that come nearest to `sought`, the nearest first.

    Notes until when they are those.
    """
    neighbours = list(_neighbours(tree, sought.category_id))
    rows = db.session.execute(
        _SIMILAR,
        {
            "listing_id": sought.listing_id,
            "owner_id": sought.owner_id,
            "category_id": sought.category_id,
            "title": sought.title,
            "area": sought.area,
            "category_ids": [sought.category_id, *neighbours],
            "compared": [COMPARED, *([SHOWN + 1] * len(neighbours))],
        },
    ).all()
    # Others are compared as soon as one of those ends, or those of a suspended member come back.
    true_until(rows[0].next_end if rows else current_version().next_end)
    return cards_of(tree, rows)


def _neighbours(tree: Tree, category_id: int) -> Iterable[int]:
    """The categories below this one, and the others below its parent."""
    node = tree.find(category_id)
    if node is None:
        return ()
    around = node.parent.subtree() if node.parent else node.subtree()
    return (each.id for each in around if each.id != category_id)
