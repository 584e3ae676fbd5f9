"""Let items say in which condition they are.

Existing items say nothing. Locks listing_items for a moment only: the new rule is checked for
existing rows by the next revision. Going down loses the conditions.

"""

import sqlalchemy as sa
from alembic import op

revision = "0007_item_condition"
down_revision = "0006_listing_lifetime"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "listing_items",
        sa.Column(
            "condition",
            sa.String(length=10),
            nullable=True,
            comment="How worn it is; of a wanted thing the worst that will do. Empty: not said.",
        ),
    )
    op.execute(
        "ALTER TABLE listing_items ADD CONSTRAINT ck_listing_items_condition_known"
        " CHECK (condition IN ('new', 'like_new', 'good', 'worn', 'broken')) NOT VALID"
    )


def downgrade() -> None:
    op.drop_column("listing_items", "condition")
