"""Counters of which each server process keeps a part of its own, named by its process id."""

from sqlalchemy import text

from marketplace.extensions import db

# In one statement, so that at no moment a part is missing or counted twice. A new process with an old id
# waits for it, and begins a part of its own.
_FOLDS = (
    text("""
        WITH ended AS (
            DELETE FROM category_counts
            WHERE slot <> 0 AND slot NOT IN (SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL)
            RETURNING category_id, entries
        ),
        folded AS (
            INSERT INTO category_counts AS part (category_id, slot, entries)
            SELECT category_id, 0, sum(entries) FROM ended GROUP BY category_id ORDER BY category_id
            ON CONFLICT (category_id, slot) DO UPDATE SET entries = part.entries + excluded.entries
        )
        SELECT count(*) FROM ended
    """),
    text("""
        WITH ended AS (
            DELETE FROM content_versions
            WHERE slot <> 0 AND slot NOT IN (SELECT pid FROM pg_stat_activity WHERE pid IS NOT NULL)
            RETURNING listings, categories
        ),
        folded AS (
            INSERT INTO content_versions AS part (slot, listings, categories)
            SELECT 0, sum(listings), sum(categories) FROM ended HAVING count(*) > 0
            ON CONFLICT (slot) DO UPDATE SET
                listings = part.listings + excluded.listings,
                categories = part.categories + excluded.categories
        )
        SELECT count(*) FROM ended
    """),
)


def fold_ended_slots() -> int:
    """Add the parts of server processes that have ended to slot 0; return how many parts these were."""
    return sum(db.session.execute(fold).scalar_one() for fold in _FOLDS)
