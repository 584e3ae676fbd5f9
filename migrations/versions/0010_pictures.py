"""Let items have pictures.

Going down loses which pictures belong to which item, and their alternative texts; the files stay
in the media storage, where `flask media check` then names each of them as a stray.

"""

import sqlalchemy as sa
from alembic import op

revision = "0010_pictures"
down_revision = "0009_listing_drafts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pictures",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="Names the files; rows with the same picture share it."
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=True, comment="The member who uploaded it."),
        sa.Column("item_id", sa.BigInteger(), nullable=True, comment="The item that it shows."),
        sa.Column("draft_id", sa.Uuid(), nullable=True, comment="The draft for which it was uploaded."),
        sa.Column(
            "position",
            sa.SmallInteger(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Its place among the pictures of its item, from 1.",
        ),
        sa.Column(
            "alt",
            sa.String(length=200),
            server_default=sa.text("''"),
            nullable=False,
            comment="What it shows, for those who cannot see it.",
        ),
        sa.Column("width", sa.Integer(), nullable=False, comment="In pixels, upright, as it was uploaded."),
        sa.Column("height", sa.Integer(), nullable=False, comment="In pixels, upright, as it was uploaded."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.CheckConstraint("key ~ '^[0-9a-f]{32}$'", name=op.f("ck_pictures_key_format")),
        sa.CheckConstraint("position BETWEEN 1 AND 8", name=op.f("ck_pictures_position_range")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_pictures_size_positive")),
        sa.ForeignKeyConstraint(
            ["draft_id"],
            ["listing_drafts.id"],
            name=op.f("fk_pictures_draft_id_listing_drafts"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["listing_items.id"],
            name=op.f("fk_pictures_item_id_listing_items"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_pictures_owner_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
        sa.UniqueConstraint(
            "item_id",
            "position",
            deferrable=True,
            initially="DEFERRED",
            name=op.f("uq_pictures_item_id_position"),
        ),
        comment="Pictures of items and drafts; the files are in the media storage.",
    )
    op.create_index("ix_pictures_draft_id", "pictures", ["draft_id"], unique=False)
    op.create_index("ix_pictures_key", "pictures", ["key"], unique=False)
    op.create_index("ix_pictures_owner_id", "pictures", ["owner_id"], unique=False)


def downgrade() -> None:
    op.drop_table("pictures")
