"""Remember which listings were deleted, so that their addresses can say so.

Listings deleted before are not known. Going down forgets those that were deleted since.

"""

import sqlalchemy as sa
from alembic import op

revision = "0016_removed_listings"
down_revision = "0015_saved"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "removed_listings",
        sa.Column(
            "id", sa.BigInteger(), autoincrement=False, nullable=False, comment="The id that the listing had."
        ),
        sa.Column("category_id", sa.BigInteger(), nullable=False, comment="The category in which it lay."),
        sa.Column(
            "removed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was deleted.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed_listings")),
        comment="Listings that were deleted. Kept by a trigger.",
    )
    op.execute(
        """
        CREATE FUNCTION remember_removed_listings() RETURNS trigger
        LANGUAGE plpgsql
        AS $function$
        BEGIN
            INSERT INTO removed_listings (id, category_id) SELECT id, category_id FROM removed
            ON CONFLICT (id) DO NOTHING;
            RETURN NULL;
        END
        $function$
        """
    )
    op.execute(
        "CREATE TRIGGER remember_removed_listings_on_delete AFTER DELETE ON listings"
        " REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION remember_removed_listings()"
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER remember_removed_listings_on_delete ON listings")
    op.execute("DROP FUNCTION remember_removed_listings()")
    op.drop_table("removed_listings")
