"""Keep the addresses that categories had, so that they lead to where these are now.

Going down loses them.

"""

import sqlalchemy as sa
from alembic import op

revision = "0037_former_category_paths"
down_revision = "0036_profiles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_category_paths",
        sa.Column(
            "path",
            sa.String(length=242),
            nullable=False,
            comment="Slugs from the root down, joined by slashes.",
        ),
        sa.Column(
            "category_id",
            sa.BigInteger(),
            nullable=False,
            comment="The category that had it or, when that was retired, the one its listings went to.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.CheckConstraint(
            "path ~ '^[a-z0-9]+([-/][a-z0-9]+)*$'", name=op.f("ck_former_category_paths_path_format")
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["categories.id"],
            name=op.f("fk_former_category_paths_category_id_categories"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_former_category_paths")),
        comment="Addresses that categories had before, each with the category it leads to.",
    )
    op.create_index(op.f("ix_former_category_paths_category_id"), "former_category_paths", ["category_id"])


def downgrade() -> None:
    op.drop_table("former_category_paths")
