"""Take the single picture out of messages: pictures name their message, of which each can have several.

Locks exchange_messages for a moment. Nothing has written the column yet. Going down makes it again, empty.

"""

import sqlalchemy as sa
from alembic import op

revision = "0055_messages_name_no_picture"
down_revision = "0054_message_pictures_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("exchange_messages", "picture_id")


def downgrade() -> None:
    op.add_column(
        "exchange_messages",
        sa.Column("picture_id", sa.BigInteger(), nullable=True, comment="A picture, if there is one."),
    )
    op.create_foreign_key(
        "fk_exchange_messages_picture_id_pictures",
        "exchange_messages",
        "pictures",
        ["picture_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index("ix_exchange_messages_picture_id", "exchange_messages", ["picture_id"], unique=False)
