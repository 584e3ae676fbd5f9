"""How many listings lie in each category: exact, from counters that each change keeps."""

from collections.abc import Mapping

from sqlalchemy import text

from marketplace.categories.tree import Node
from marketplace.extensions import db

# Those that have expired since the last sweep, and those of suspended members, are still in the counters.
_BY_CATEGORY = text("""
    SELECT part.category_id, CAST(sum(part.entries) AS bigint) AS entries
    FROM (
        SELECT category_id, entries FROM category_counts
        UNION ALL
        SELECT category_id, -count(*) FROM search_entries WHERE expires_at <= now() GROUP BY category_id
        UNION ALL
        SELECT category_id, -count(*) FROM search_entries
        WHERE shown_from > '-infinity' AND shown_from > now() AND expires_at > now() GROUP BY category_id
    ) AS part
    GROUP BY part.category_id
""")


def count_by_category() -> dict[int, int]:
    """Return how many listings that are shown lie right in each category."""
    return {row.category_id: row.entries for row in db.session.execute(_BY_CATEGORY)}


def count_below(node: Node, counts: Mapping[int, int]) -> int:
    """Return how many of `counts` lie in the category and all below it."""
    return sum(counts.get(below.id, 0) for below in node.subtree())
