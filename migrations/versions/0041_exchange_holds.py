"""Let no thing be promised twice for the same time.

It locks listing_items against writing for a moment, to refer to it. Going down loses what is promised.

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0041_exchange_holds"
down_revision = "0040_exchange_items"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "exchange_holds",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("exchange_id", sa.BigInteger(), nullable=False, comment="The exchange that holds it."),
        sa.Column("item_id", sa.BigInteger(), nullable=False, comment="The thing."),
        sa.Column("giver", sa.Text(), nullable=False, comment="Which side gives it."),
        sa.Column(
            "during",
            postgresql.TSTZRANGE(),
            nullable=False,
            comment="The days of a loan; without end for what is swapped for good.",
        ),
        sa.Column(
            "released_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it became free again; empty: it is still promised, or gone for good.",
        ),
        postgresql.ExcludeConstraint(
            (sa.text("int8range(item_id, item_id, '[]')"), "&&"),
            (sa.column("during"), "&&"),
            where=sa.text("released_at IS NULL"),
            using="gist",
            name="ex_exchange_holds_one_promise",
        ),
        sa.CheckConstraint("giver IN ('proposer', 'receiver')", name=op.f("ck_exchange_holds_giver_known")),
        sa.CheckConstraint("NOT isempty(during)", name=op.f("ck_exchange_holds_during_not_empty")),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_exchange_holds_exchange_id_exchanges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["listing_items.id"],
            name=op.f("fk_exchange_holds_item_id_listing_items"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_holds")),
        comment="Which things are promised, and for which time: nobody else gets them then.",
    )
    op.create_index("ix_exchange_holds_exchange_id", "exchange_holds", ["exchange_id"], unique=False)
    op.create_index("ix_exchange_holds_item_id", "exchange_holds", ["item_id"], unique=False)


def downgrade() -> None:
    op.drop_table("exchange_holds")
