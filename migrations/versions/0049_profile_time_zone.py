"""Keep in which time zone a member lives, so that letters come in the member's morning.

Adds a column with a constant default: the table is locked for a moment, and no row is rewritten. Going down
loses the time zones.

"""

import sqlalchemy as sa
from alembic import op

revision = "0049_profile_time_zone"
down_revision = "0048_notification_choices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "profiles",
        sa.Column(
            "time_zone",
            sa.String(length=60),
            server_default=sa.text("'UTC'"),
            nullable=False,
            comment="The member's time zone by its name in the tz database; shown to nobody else.",
        ),
    )


def downgrade() -> None:
    op.drop_column("profiles", "time_zone")
