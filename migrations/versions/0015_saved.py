"""Let members keep listings and searches.

Going down loses what they kept.

"""

import sqlalchemy as sa
from alembic import op

revision = "0015_saved"
down_revision = "0014_search_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_searches",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("owner_id", sa.BigInteger(), nullable=False, comment="The member who keeps it."),
        sa.Column("name", sa.String(length=120), nullable=False, comment="What the member calls it."),
        sa.Column(
            "query",
            sa.Text(),
            nullable=False,
            comment="The search as the query string of its address, in its standard form.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the member last looked: what came later is new.",
        ),
        sa.CheckConstraint("char_length(btrim(name)) >= 1", name=op.f("ck_saved_searches_name_not_blank")),
        sa.CheckConstraint("octet_length(query) <= 2000", name=op.f("ck_saved_searches_query_length")),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_saved_searches_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("owner_id", "query", name=op.f("uq_saved_searches_owner_id_query")),
        comment="Searches that members keep.",
    )
    op.create_table(
        "watched_listings",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Who watches."),
        sa.Column(
            "listing_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="What is watched."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_watched_listings_listing_id_listings"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_watched_listings_member_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "listing_id", name=op.f("pk_watched_listings")),
        comment="Listings that members want to come back to.",
    )
    op.create_index("ix_watched_listings_listing_id", "watched_listings", ["listing_id"], unique=False)


def downgrade() -> None:
    op.drop_table("saved_searches")
    op.drop_table("watched_listings")
