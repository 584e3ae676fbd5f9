"""Find quickly which members are to be deleted next.

Made while the table is read and written. Going down loses nothing that anyone wrote.

"""

import sqlalchemy as sa
from alembic import op

revision = "0034_leaving_at_index"
down_revision = "0033_leaving_members"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # One that was stopped half-way leaves an index that nobody uses.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_users_leaving_at")
        op.create_index(
            "ix_users_leaving_at",
            "users",
            ["leaving_at"],
            unique=False,
            postgresql_where=sa.text("leaving_at IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_users_leaving_at", table_name="users")
