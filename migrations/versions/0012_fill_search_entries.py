"""Give the listings that are there already their search entries.

Works in batches, each a transaction of its own, while the site is read and written; one that was stopped
can be run again. Going down changes nothing: the revision before drops the entries with their table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012_fill_search_entries"
down_revision = "0011_search_entries"
branch_labels = None
depends_on = None

BATCH = 5_000
MAX_BIGINT = 2**63 - 1

# Whoever changes a listing meanwhile comes before its lock, and has made the entry, or after it, and
# changes the entry that is made here.
FILL = """
INSERT INTO search_entries (listing_id, owner_id, category_id, created_at, expires_at, value, document)
SELECT listing_id, owner_id, category_id, created_at, expires_at, value, document
FROM listing_documents
WHERE listing_id IN (
    SELECT id FROM listings WHERE id BETWEEN {first} AND {last} AND status = 'active' FOR SHARE
)
ON CONFLICT (listing_id) DO NOTHING
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for first, last in ranges():
            op.execute(FILL.format(first=first, last=last))


def ranges() -> list[tuple[int, int]]:
    """Ranges of ids that cover all listings; as SQL for a file it is one, since nothing can be read."""
    if op.get_context().as_sql:
        return [(1, MAX_BIGINT)]
    newest = op.get_bind().execute(sa.text("SELECT coalesce(max(id), 0) FROM listings")).scalar_one()
    return [(first, first + BATCH - 1) for first in range(1, newest + 1, BATCH)]


def downgrade() -> None:
    pass
