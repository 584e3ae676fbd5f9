"""Find quickly which suspensions end next, and which listings are not to be shown yet.

Made while the table is read and written. Going down loses nothing that anyone wrote.

"""

import sqlalchemy as sa
from alembic import op

revision = "0030_shown_from_index"
down_revision = "0029_hidden_listings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # One that was stopped half-way leaves an index that nobody uses.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_search_entries_shown_from")
        op.create_index(
            "ix_search_entries_shown_from",
            "search_entries",
            ["shown_from"],
            unique=False,
            postgresql_where=sa.text("shown_from > '-infinity'"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_search_entries_shown_from", table_name="search_entries")
