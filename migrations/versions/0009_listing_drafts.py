"""Keep forms for listings as far as they were filled in.

Going down loses all drafts; listings stay as they are.

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009_listing_drafts"
down_revision = "0008_validate_new_rules"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "listing_drafts",
        sa.Column(
            "id",
            sa.Uuid(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Random; given by the database.",
        ),
        sa.Column(
            "owner_id",
            sa.BigInteger(),
            nullable=True,
            comment="Empty while nobody is signed in who could own it.",
        ),
        sa.Column(
            "listing_id",
            sa.BigInteger(),
            nullable=True,
            comment="The published listing that it changes; empty for a new one.",
        ),
        sa.Column(
            "form",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="The form's fields by name, as they were typed.",
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
        sa.CheckConstraint("jsonb_typeof(form) = 'object'", name=op.f("ck_listing_drafts_form_is_object")),
        sa.CheckConstraint("octet_length(form::text) <= 200000", name=op.f("ck_listing_drafts_form_length")),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_listing_drafts_listing_id_listings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_listing_drafts_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing_drafts")),
        comment="Forms for listings as far as they were filled in.",
    )
    op.create_index("ix_listing_drafts_listing_id", "listing_drafts", ["listing_id"], unique=False)
    op.create_index(
        "ix_listing_drafts_owner_id",
        "listing_drafts",
        ["owner_id", sa.literal_column("updated_at DESC")],
        unique=False,
    )
    op.create_index("ix_listing_drafts_updated_at", "listing_drafts", ["updated_at"], unique=False)


def downgrade() -> None:
    op.drop_table("listing_drafts")
