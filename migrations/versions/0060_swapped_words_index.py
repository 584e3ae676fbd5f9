"""Find quickly for what value things of a name were swapped.

Made while the table is read and written. Going down loses nothing that anyone wrote.

"""

import sqlalchemy as sa
from alembic import op

revision = "0060_swapped_words_index"
down_revision = "0059_outcomes_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # One that was stopped half-way leaves an index that nobody uses.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_exchange_items_words")
        op.create_index(
            "ix_exchange_items_words",
            "exchange_items",
            [sa.text("to_tsvector('pg_catalog.english'::regconfig, search_text(name))")],
            unique=False,
            postgresql_using="gin",
            postgresql_where=sa.text("value IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_exchange_items_words", table_name="exchange_items")
