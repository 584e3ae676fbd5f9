"""Let pictures belong to a message.

Adds a column without a default: pictures and exchange_messages are locked for a moment, and no row is
rewritten. That the messages are there is checked for earlier rows by a later revision. Going down forgets
which pictures were sent with which message.

"""

import sqlalchemy as sa
from alembic import op

revision = "0053_message_pictures"
down_revision = "0052_exchange_disputes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "pictures",
        sa.Column(
            "message_id", sa.BigInteger(), nullable=True, comment="The message with which it was sent."
        ),
    )
    op.create_foreign_key(
        "fk_pictures_message_id_exchange_messages",
        "pictures",
        "exchange_messages",
        ["message_id"],
        ["id"],
        ondelete="SET NULL",
        postgresql_not_valid=True,
    )


def downgrade() -> None:
    op.drop_column("pictures", "message_id")
