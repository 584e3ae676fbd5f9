"""Number the reviews of swaps, so that one can be reported, and note whom each is about.

Rewrites exchange_reviews, which is locked meanwhile, and locks users for a moment; nothing has written a
review yet. Going down forgets the numbers, and whom each is about, which the swaps say.

"""

import sqlalchemy as sa
from alembic import op

revision = "0058_review_ids"
down_revision = "0057_validate_reported_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "exchange_reviews",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Names it in a report. Given by the database, never again.",
        ),
    )
    op.add_column(
        "exchange_reviews",
        sa.Column(
            "about_id",
            sa.BigInteger(),
            nullable=True,
            comment="The member it is about, the other side; empty when they have left.",
        ),
    )
    op.create_foreign_key(
        "fk_exchange_reviews_about_id_users",
        "exchange_reviews",
        "users",
        ["about_id"],
        ["id"],
        ondelete="SET NULL",
    )
    op.create_index(
        "ix_exchange_reviews_about_id",
        "exchange_reviews",
        ["about_id", sa.text("created_at DESC"), sa.text("id DESC")],
        unique=False,
    )
    op.create_unique_constraint("uq_exchange_reviews_id", "exchange_reviews", ["id"])


def downgrade() -> None:
    op.drop_column("exchange_reviews", "about_id")
    op.drop_column("exchange_reviews", "id")
