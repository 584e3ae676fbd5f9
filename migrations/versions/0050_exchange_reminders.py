"""Keep when the sides of a swap are reminded next: of the hand-over, and of what is lent.

Adds columns without values: both tables are locked for a moment, and no row is rewritten. Going down loses
when reminders are due; what is under way then is not reminded of again after coming up.

"""

import sqlalchemy as sa
from alembic import op

revision = "0050_exchange_reminders"
down_revision = "0049_profile_time_zone"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "exchanges",
        sa.Column(
            "remind_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the side that has not confirmed is reminded next; empty: no more.",
        ),
    )
    op.add_column(
        "exchange_loans",
        sa.Column(
            "remind_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the borrower is reminded next that it is due; empty: no more.",
        ),
    )


def downgrade() -> None:
    op.drop_column("exchange_loans", "remind_at")
    op.drop_column("exchanges", "remind_at")
