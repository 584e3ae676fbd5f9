"""Find quickly which pictures were sent with a message, and check that their messages are there.

Made while the table is read and written. Going down loses nothing that anyone wrote.

"""

import sqlalchemy as sa
from alembic import op

revision = "0054_message_pictures_index"
down_revision = "0053_message_pictures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE pictures VALIDATE CONSTRAINT fk_pictures_message_id_exchange_messages")
    with op.get_context().autocommit_block():
        # One that was stopped half-way leaves an index that nobody uses.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_pictures_message_id")
        op.create_index(
            "ix_pictures_message_id",
            "pictures",
            ["message_id"],
            unique=False,
            postgresql_where=sa.text("message_id IS NOT NULL"),
            postgresql_concurrently=True,
        )


def downgrade() -> None:
    op.drop_index("ix_pictures_message_id", table_name="pictures")
