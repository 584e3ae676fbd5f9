"""Keep what each proposal is about.

It locks listing_items against writing for a moment, to refer to it. Going down loses which things were
proposed.

"""

import sqlalchemy as sa
from alembic import op

revision = "0040_exchange_items"
down_revision = "0039_exchange_versions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_items",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False, comment="The exchange it is part of."),
        sa.Column("version", sa.Integer(), nullable=False, comment="The number of the proposal."),
        sa.Column("giver", sa.Text(), nullable=False, comment="Which side gives it."),
        sa.Column(
            "item_id", sa.BigInteger(), nullable=True, comment="The thing; empty when it is no longer listed."
        ),
        sa.Column("name", sa.String(length=120), nullable=False, comment="What it was called."),
        sa.Column(
            "exchange_type",
            sa.Text(),
            nullable=False,
            comment="permanent: swapped for good; temporary: lent on the days named.",
        ),
        sa.Column("value", sa.Integer(), nullable=True, comment="What its owner thought it was worth."),
        sa.Column("condition", sa.Text(), nullable=True, comment="In which condition it was said to be."),
        sa.Column("lent_from", sa.DateTime(timezone=True), nullable=True, comment="From when it is lent."),
        sa.Column("lent_until", sa.DateTime(timezone=True), nullable=True, comment="Until when it is lent."),
        sa.CheckConstraint(
            "(exchange_type = 'temporary') = (lent_from IS NOT NULL)"
            " AND (lent_from IS NULL) = (lent_until IS NULL)",
            name=op.f("ck_exchange_items_lent_exactly_when_temporary"),
        ),
        sa.CheckConstraint(
            "condition IN ('new', 'like_new', 'good', 'worn', 'broken')",
            name=op.f("ck_exchange_items_condition_known"),
        ),
        sa.CheckConstraint(
            "exchange_type IN ('permanent', 'temporary')", name=op.f("ck_exchange_items_exchange_type_known")
        ),
        sa.CheckConstraint("giver IN ('proposer', 'receiver')", name=op.f("ck_exchange_items_giver_known")),
        sa.CheckConstraint("lent_from < lent_until", name=op.f("ck_exchange_items_lent_for_some_time")),
        sa.CheckConstraint("value BETWEEN 0 AND 1000000000", name=op.f("ck_exchange_items_value_range")),
        sa.ForeignKeyConstraint(
            ["exchange_id", "version"],
            ["exchange_versions.exchange_id", "exchange_versions.number"],
            name=op.f("fk_exchange_items_exchange_id_version_exchange_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["listing_items.id"],
            name=op.f("fk_exchange_items_item_id_listing_items"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_items")),
        sa.UniqueConstraint(
            "exchange_id", "version", "item_id", name=op.f("uq_exchange_items_exchange_id_version_item_id")
        ),
        comment="What each proposal is about.",
    )
    op.create_index("ix_exchange_items_item_id", "exchange_items", ["item_id"], unique=False)


def downgrade() -> None:
    op.drop_table("exchange_items")
