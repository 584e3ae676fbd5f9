"""Let the two sides of a swap say how it went.

Going down loses all that was said.

"""

import sqlalchemy as sa
from alembic import op

revision = "0045_exchange_reviews"
down_revision = "0044_exchange_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_reviews",
        sa.Column(
            "exchange_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The exchange."
        ),
        sa.Column("side", sa.Text(), nullable=False, comment="Which side says it."),
        sa.Column("thumbs", sa.Text(), nullable=False, comment="good, mixed or bad."),
        sa.Column("words", sa.Text(), server_default=sa.text("''"), nullable=False, comment="More about it."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was written.",
        ),
        sa.CheckConstraint("side IN ('proposer', 'receiver')", name=op.f("ck_exchange_reviews_side_known")),
        sa.CheckConstraint(
            "thumbs IN ('good', 'mixed', 'bad')", name=op.f("ck_exchange_reviews_thumbs_known")
        ),
        sa.CheckConstraint("char_length(words) <= 1000", name=op.f("ck_exchange_reviews_words_length")),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_reviews_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("exchange_id", "side", name=op.f("pk_exchange_reviews")),
        comment="What the two sides say about each other afterwards.",
    )


def downgrade() -> None:
    op.drop_table("exchange_reviews")
