"""Let the two sides of a swap write to each other.

It locks pictures against writing for a moment, to refer to it. Going down loses all that was written.

"""

import sqlalchemy as sa
from alembic import op

revision = "0044_exchange_messages"
down_revision = "0043_exchange_events"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_messages",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False, comment="The exchange it is part of."),
        sa.Column("author", sa.Text(), nullable=False, comment="Which side wrote it."),
        sa.Column(
            "words",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Plain text; may be empty beside a picture.",
        ),
        sa.Column("picture_id", sa.BigInteger(), nullable=True, comment="A picture, if there is one."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was sent.",
        ),
        sa.CheckConstraint(
            "author IN ('proposer', 'receiver')", name=op.f("ck_exchange_messages_author_known")
        ),
        sa.CheckConstraint("char_length(words) <= 2000", name=op.f("ck_exchange_messages_words_length")),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_messages_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"],
            ["pictures.id"],
            name=op.f("fk_exchange_messages_picture_id_pictures"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_messages")),
        comment="What the two sides of an exchange write to each other.",
    )
    op.create_index(
        "ix_exchange_messages_exchange_id", "exchange_messages", ["exchange_id", "id"], unique=False
    )
    op.create_index("ix_exchange_messages_picture_id", "exchange_messages", ["picture_id"], unique=False)
    op.create_table(
        "exchange_reads",
        sa.Column(
            "exchange_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The exchange."
        ),
        sa.Column("side", sa.Text(), nullable=False, comment="Which side has read."),
        sa.Column("message_id", sa.BigInteger(), nullable=False, comment="The last message they have seen."),
        sa.CheckConstraint("side IN ('proposer', 'receiver')", name=op.f("ck_exchange_reads_side_known")),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_reads_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("exchange_id", "side", name=op.f("pk_exchange_reads")),
        comment="How far each side has read what the other one wrote.",
    )


def downgrade() -> None:
    op.drop_table("exchange_reads")
    op.drop_table("exchange_messages")
