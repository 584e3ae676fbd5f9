"""Create the items that a listing offers or wants, their exchange type included.

Going down drops the table: listings stay, without their items.
"""

import sqlalchemy as sa
from alembic import op

revision = "ecee305c0829"
down_revision = "50c3593832b4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listing_items",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("listing_id", sa.BigInteger(), nullable=False, comment="The listing it is part of."),
        sa.Column(
            "owner_id",
            sa.BigInteger(),
            nullable=False,
            comment="The listing's owner, kept here so that the database can prove who gives an item.",
        ),
        sa.Column(
            "kind",
            sa.String(length=10),
            nullable=False,
            comment="offer: to be given; want: looked for in return.",
        ),
        sa.Column("name", sa.String(length=120), nullable=False, comment="What the thing is."),
        sa.Column(
            "description",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Plain text; may be empty.",
        ),
        sa.Column(
            "exchange_type",
            sa.String(length=10),
            server_default=sa.text("'permanent'"),
            nullable=False,
            comment="permanent: swapped for good; temporary: lent for duration_days.",
        ),
        sa.Column(
            "duration_days",
            sa.SmallInteger(),
            nullable=True,
            comment="Longest loan in days; present exactly when temporary.",
        ),
        sa.Column(
            "value",
            sa.Integer(),
            nullable=True,
            comment="What the owner thinks it is worth, in whole currency units.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row last changed.",
        ),
        sa.CheckConstraint(
            "(exchange_type = 'temporary') = (duration_days IS NOT NULL)",
            name=op.f("ck_listing_items_duration_exactly_when_temporary"),
        ),
        sa.CheckConstraint(
            "exchange_type IN ('permanent', 'temporary')", name=op.f("ck_listing_items_exchange_type_known")
        ),
        sa.CheckConstraint("kind IN ('offer', 'want')", name=op.f("ck_listing_items_kind_known")),
        sa.CheckConstraint("char_length(btrim(name)) >= 1", name=op.f("ck_listing_items_name_not_blank")),
        sa.CheckConstraint(
            "char_length(description) <= 2000", name=op.f("ck_listing_items_description_length")
        ),
        sa.CheckConstraint("duration_days BETWEEN 1 AND 365", name=op.f("ck_listing_items_duration_range")),
        sa.CheckConstraint("value BETWEEN 0 AND 1000000000", name=op.f("ck_listing_items_value_range")),
        sa.ForeignKeyConstraint(
            ["listing_id", "owner_id"],
            ["listings.id", "listings.owner_id"],
            name=op.f("fk_listing_items_listing_id_owner_id_listings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_listing_items_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_items")),
        comment="The things that a listing offers or wants.",
    )
    op.create_index(
        "ix_listing_items_listing_id_owner_id", "listing_items", ["listing_id", "owner_id"], unique=False
    )
    op.create_index("ix_listing_items_owner_id", "listing_items", ["owner_id"], unique=False)


def downgrade() -> None:
    op.drop_table("listing_items")
