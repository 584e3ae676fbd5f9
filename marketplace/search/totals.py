"""How many listings lie in each category: exact, from counters that each change keeps."""

from collections.abc import Mapping

from sqlalchemy import text

from marketplace.blocks.queries import OTHERS_IN_SQL, READER
from marketplace.categories.tree import Node
from marketplace.extensions import db

# Those that have expired since the last sweep, those of suspended members, and those of members from whom the
# reader is kept apart are still in the counters.
_BY_CATEGORY = text(f"""
    SELECT part.category_id, CAST(sum(part.entries) AS bigint) AS entries
    FROM (
        SELECT category_id, entries FROM category_counts
        UNION ALL
        SELECT category_id, -count(*) FROM search_entries WHERE expires_at <= now() GROUP BY category_id
        UNION ALL
        SELECT category_id, -count(*) FROM search_entries
        WHERE shown_from > '-infinity' AND shown_from > now() AND expires_at > now() GROUP BY category_id
        UNION ALL
        SELECT entry.category_id, -count(*)
        FROM listings AS listing JOIN search_entries AS entry ON entry.listing_id = listing.id
        WHERE CAST(:apart AS bigint) IS NOT NULL AND listing.owner_id IN ({OTHERS_IN_SQL})
            AND entry.expires_at > now() AND entry.shown_from <= now()
        GROUP BY entry.category_id
    ) AS part
    GROUP BY part.category_id
""").bindparams(READER)


def count_by_category() -> dict[int, int]:
    """Return how many listings that are shown to the reader lie right in each category."""
    return {row.category_id: row.entries for row in db.session.execute(_BY_CATEGORY)}


def count_below(node: Node, counts: Mapping[int, int]) -> int:
    """Return how many of `counts` lie in the category and all below it."""
    return sum(counts.get(below.id, 0) for below in node.subtree())
