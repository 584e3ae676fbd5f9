"""Keep why a moderator was asked to look at a swap.

It locks exchanges against writing for a moment, to refer to it. Going down loses what was said about it.

"""

import sqlalchemy as sa
from alembic import op

revision = "0052_exchange_disputes"
down_revision = "0051_reminders_indexes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_disputes",
        sa.Column(
            "exchange_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The exchange."
        ),
        sa.Column("side", sa.Text(), nullable=False, comment="Which side asked."),
        sa.Column("words", sa.Text(), nullable=False, comment="What is wrong, in their words."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When they asked.",
        ),
        sa.CheckConstraint("char_length(words) <= 1000", name=op.f("ck_exchange_disputes_words_length")),
        sa.CheckConstraint("side IN ('proposer', 'receiver')", name=op.f("ck_exchange_disputes_side_known")),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_disputes_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("exchange_id", name=op.f("pk_exchange_disputes")),
        comment="Why a moderator was asked to look at an exchange.",
    )


def downgrade() -> None:
    op.drop_table("exchange_disputes")
