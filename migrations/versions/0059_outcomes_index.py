"""Find quickly what became of a member's swaps, and how soon they answered.

Made while the table is read and written. Going down loses nothing that anyone wrote.

"""

import sqlalchemy as sa
from alembic import op

revision = "0059_outcomes_index"
down_revision = "0058_review_ids"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # One that was stopped half-way leaves an index that nobody uses.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_exchanges_proposer_outcome")
        op.create_index(
            "ix_exchanges_proposer_outcome",
            "exchanges",
            ["proposer_id", "state", sa.text("closed_at DESC"), sa.text("id DESC")],
            unique=False,
            postgresql_where=sa.text("state IN ('completed', 'cancelled')"),
            postgresql_concurrently=True,
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_exchanges_receiver_outcome")
        op.create_index(
            "ix_exchanges_receiver_outcome",
            "exchanges",
            ["receiver_id", "state", sa.text("closed_at DESC"), sa.text("id DESC")],
            unique=False,
            postgresql_where=sa.text("state IN ('completed', 'cancelled')"),
            postgresql_concurrently=True,
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_exchanges_receiver_latest")
        op.create_index(
            "ix_exchanges_receiver_latest",
            "exchanges",
            ["receiver_id", sa.text("id DESC")],
            unique=False,
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_exchanges_receiver_latest", table_name="exchanges")
    op.drop_index("ix_exchanges_receiver_outcome", table_name="exchanges")
    op.drop_index("ix_exchanges_proposer_outcome", table_name="exchanges")
