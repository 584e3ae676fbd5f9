"""Let listings be shown for a number of days, and say in which area the things are.

Existing listings stay without an end and without an area. Locks listings for a moment only: the new
rules are checked for existing rows by a later revision. Going down loses areas and lifetimes, and
archives the listings that were swept as expired.

"""

import sqlalchemy as sa
from alembic import op

revision = "0006_listing_lifetime"
down_revision = "cbfc66708806"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "listings",
        sa.Column(
            "area",
            sa.String(length=80),
            nullable=True,
            comment="Where the things are, as the owner puts it; no address.",
        ),
    )
    op.add_column(
        "listings",
        sa.Column(
            "lifetime_days",
            sa.SmallInteger(),
            nullable=True,
            comment="For how many days it is shown, and again when renewed; empty: without end.",
        ),
    )
    op.add_column(
        "listings",
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="No longer shown from then on; empty: never.",
        ),
    )
    op.drop_constraint(op.f("ck_listings_status_known"), "listings", type_="check")
    op.execute(
        "ALTER TABLE listings"
        " ADD CONSTRAINT ck_listings_status_known"
        " CHECK (status IN ('active', 'expired', 'archived')) NOT VALID,"
        " ADD CONSTRAINT ck_listings_lifetime_known CHECK (lifetime_days IN (30, 60, 90)) NOT VALID,"
        " ADD CONSTRAINT ck_listings_expires_with_lifetime"
        " CHECK ((lifetime_days IS NULL) = (expires_at IS NULL)) NOT VALID,"
        " ADD CONSTRAINT ck_listings_area_not_blank CHECK (char_length(btrim(area)) >= 1) NOT VALID"
    )
    op.alter_column(
        "listings",
        "status",
        comment="active: shown until expires_at; expired: was swept after it; archived: kept for its owner.",
        existing_comment="active: shown; archived: kept for its owner.",
    )


def downgrade() -> None:
    op.execute("UPDATE listings SET status = 'archived' WHERE status = 'expired'")
    op.drop_constraint(op.f("ck_listings_status_known"), "listings", type_="check")
    op.create_check_constraint(
        op.f("ck_listings_status_known"), "listings", "status IN ('active', 'archived')"
    )
    op.alter_column(
        "listings",
        "status",
        comment="active: shown; archived: kept for its owner.",
        existing_comment=(
            "active: shown until expires_at; expired: was swept after it; archived: kept for its owner."
        ),
    )
    op.drop_column("listings", "expires_at")
    op.drop_column("listings", "lifetime_days")
    op.drop_column("listings", "area")
