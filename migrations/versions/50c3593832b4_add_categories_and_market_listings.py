"""Add the tree of categories, and the listings in it.

Going down drops both tables: every listing and every category is lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "50c3593832b4"
down_revision = "cf5a32f4e1d5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("parent_id", sa.BigInteger(), nullable=True, comment="Empty for a root."),
        sa.Column("level", sa.SmallInteger(), nullable=False, comment="1 for a root, 3 at most."),
        sa.Column(
            "parent_level",
            sa.SmallInteger(),
            sa.Computed("nullif(level - 1, 0)", persisted=True),
            nullable=True,
            comment="The level that the parent must have.",
        ),
        sa.Column("name", sa.String(length=80), nullable=False, comment="As people read it."),
        sa.Column(
            "slug",
            sa.String(length=80),
            nullable=False,
            comment="The name in addresses; unique among siblings.",
        ),
        sa.Column(
            "position",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Siblings are shown in this order, then by name.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="False: no longer offered nor shown.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.CheckConstraint("slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_categories_slug_format")),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (level = 1)", name=op.f("ck_categories_only_roots_lack_a_parent")
        ),
        sa.CheckConstraint("char_length(btrim(name)) >= 1", name=op.f("ck_categories_name_not_blank")),
        sa.CheckConstraint("level BETWEEN 1 AND 3", name=op.f("ck_categories_level_range")),
        sa.ForeignKeyConstraint(
            ["parent_id", "parent_level"],
            ["categories.id", "categories.level"],
            name=op.f("fk_categories_parent_id_parent_level_categories"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("id", "level", name=op.f("uq_categories_id_level")),
        sa.UniqueConstraint(
            "parent_id", "slug", name=op.f("uq_categories_parent_id_slug"), postgresql_nulls_not_distinct=True
        ),
        comment="The tree of categories, at most three levels deep.",
    )
    op.create_table(
        "listings",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=False, comment="The member who posted it."),
        sa.Column("category_id", sa.BigInteger(), nullable=False, comment="Where it is found."),
        sa.Column(
            "title", sa.String(length=120), nullable=False, comment="A few words by which it is found."
        ),
        sa.Column(
            "description",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="Plain text; may be empty.",
        ),
        sa.Column(
            "status",
            sa.String(length=10),
            server_default=sa.text("'active'"),
            nullable=False,
            comment="active: shown; archived: kept for its owner.",
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
        sa.CheckConstraint("status IN ('active', 'archived')", name=op.f("ck_listings_status_known")),
        sa.CheckConstraint("char_length(btrim(title)) >= 3", name=op.f("ck_listings_title_length")),
        sa.CheckConstraint("char_length(description) <= 5000", name=op.f("ck_listings_description_length")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_listings_category_id_categories"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_listings_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listings")),
        sa.UniqueConstraint("id", "owner_id", name=op.f("uq_listings_id_owner_id")),
        comment="What a member puts up: a set of items offered and wanted.",
    )
    op.create_index(
        "ix_listings_category_newest",
        "listings",
        ["category_id", sa.text("created_at DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_listings_newest",
        "listings",
        [sa.text("created_at DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("status = 'active'"),
    )
    op.create_index(
        "ix_listings_owner_newest",
        "listings",
        ["owner_id", sa.text("created_at DESC"), sa.text("id DESC")],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("listings")
    op.drop_table("categories")
