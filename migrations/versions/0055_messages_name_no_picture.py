"""Say that the single picture of a message is not used any more: pictures name their message.

Locks exchange_messages for a moment. The column stays for the release before, which still writes it. Going
down loses nothing.

"""

import sqlalchemy as sa
from alembic import op

revision = "0055_messages_name_no_picture"
down_revision = "0054_message_pictures_index"
branch_labels = None
depends_on = None

BEFORE = "A picture, if there is one."
SINCE = "Not used any more: pictures name their message. For a later release to drop."


def upgrade() -> None:
    op.alter_column(
        "exchange_messages",
        "picture_id",
        existing_type=sa.BigInteger(),
        existing_nullable=True,
        existing_comment=BEFORE,
        comment=SINCE,
    )


def downgrade() -> None:
    op.alter_column(
        "exchange_messages",
        "picture_id",
        existing_type=sa.BigInteger(),
        existing_nullable=True,
        existing_comment=SINCE,
        comment=BEFORE,
    )
