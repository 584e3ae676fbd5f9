"""Check the rules of the two revisions before for existing rows.

Reads listings and listing_items once, while both can be read and written. Going down changes nothing:
the rules hold either way.

"""

from alembic import op

revision = "0008_validate_new_rules"
down_revision = "0007_item_condition"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE listings VALIDATE CONSTRAINT ck_listings_status_known")
    op.execute("ALTER TABLE listings VALIDATE CONSTRAINT ck_listings_lifetime_known")
    op.execute("ALTER TABLE listings VALIDATE CONSTRAINT ck_listings_expires_with_lifetime")
    op.execute("ALTER TABLE listings VALIDATE CONSTRAINT ck_listings_area_not_blank")
    op.execute("ALTER TABLE listing_items VALIDATE CONSTRAINT ck_listing_items_condition_known")


def downgrade() -> None:
    pass
