"""Keep what becomes of each lent thing.

It locks pictures against writing for a moment, to refer to it. Going down loses the course of all loans.

"""

import sqlalchemy as sa
from alembic import op

revision = "0042_exchange_loans"
down_revision = "0041_exchange_holds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_loans",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False, comment="The exchange it is part of."),
        sa.Column("exchange_item_id", sa.BigInteger(), nullable=False, comment="The thing that is lent."),
        sa.Column(
            "due_at", sa.DateTime(timezone=True), nullable=False, comment="Until when it is to be back."
        ),
        sa.Column(
            "renewals",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How often it was lent for longer.",
        ),
        sa.Column(
            "asked_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when the borrower asks to keep it; empty: does not ask.",
        ),
        sa.Column(
            "condition_before",
            sa.Text(),
            nullable=True,
            comment="In which condition it was when it was handed over.",
        ),
        sa.Column("picture_before_id", sa.BigInteger(), nullable=True, comment="A picture of it then."),
        sa.Column(
            "condition_after",
            sa.Text(),
            nullable=True,
            comment="In which condition it was when it came back.",
        ),
        sa.Column("picture_after_id", sa.BigInteger(), nullable=True, comment="A picture of it then."),
        sa.Column(
            "lender_handed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its owner said that the other one has it.",
        ),
        sa.Column(
            "borrower_handed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the other one said to have got it.",
        ),
        sa.Column(
            "borrower_returned_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the borrower said to have given it back.",
        ),
        sa.Column(
            "lender_returned_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its owner said to have got it back.",
        ),
        sa.CheckConstraint(
            "condition_after IN ('new', 'like_new', 'good', 'worn', 'broken')",
            name=op.f("ck_exchange_loans_condition_after_known"),
        ),
        sa.CheckConstraint(
            "condition_before IN ('new', 'like_new', 'good', 'worn', 'broken')",
            name=op.f("ck_exchange_loans_condition_before_known"),
        ),
        sa.CheckConstraint("asked_until > due_at", name=op.f("ck_exchange_loans_asked_beyond_due")),
        sa.CheckConstraint("renewals >= 0", name=op.f("ck_exchange_loans_renewals_range")),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_loans_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["exchange_item_id"],
            ["exchange_items.id"],
            name=op.f("fk_exchange_loans_exchange_item_id_exchange_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["picture_after_id"],
            ["pictures.id"],
            name=op.f("fk_exchange_loans_picture_after_id_pictures"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["picture_before_id"],
            ["pictures.id"],
            name=op.f("fk_exchange_loans_picture_before_id_pictures"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_loans")),
        sa.UniqueConstraint("exchange_item_id", name=op.f("uq_exchange_loans_exchange_item_id")),
        comment="Loans: each lent thing of an accepted exchange.",
    )
    op.create_index("ix_exchange_loans_exchange_id", "exchange_loans", ["exchange_id"], unique=False)
    op.create_index(
        "ix_exchange_loans_picture_after_id", "exchange_loans", ["picture_after_id"], unique=False
    )
    op.create_index(
        "ix_exchange_loans_picture_before_id", "exchange_loans", ["picture_before_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("exchange_loans")
