"""Find quickly whom to remind next.

Made while the tables are read and written. Going down loses nothing that anyone wrote.

"""

import sqlalchemy as sa
from alembic import op

revision = "0051_reminders_indexes"
down_revision = "0050_exchange_reminders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for table in ("exchanges", "exchange_loans"):
            # One that was stopped half-way leaves an index that nobody uses.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS ix_{table}_remind_at")
            op.create_index(
                f"ix_{table}_remind_at",
                table,
                ["remind_at"],
                unique=False,
                postgresql_where=sa.text("remind_at IS NOT NULL"),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    op.drop_index("ix_exchange_loans_remind_at", table_name="exchange_loans")
    op.drop_index("ix_exchanges_remind_at", table_name="exchanges")
