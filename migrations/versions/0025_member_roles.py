"""Let members be moderators and administrators.

All members there are stay members. The rule is checked for them by a later revision. Going down forgets
who was more.

"""

import sqlalchemy as sa
from alembic import op

revision = "0025_member_roles"
down_revision = "0024_known_usernames"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column(
            "role",
            sa.Text(),
            server_default=sa.text("'member'"),
            nullable=False,
            comment="member; moderator: judges reports; administrator: that, and the log and the categories.",
        ),
    )
    op.execute(
        "ALTER TABLE users"
        " ADD CONSTRAINT ck_users_role_known"
        " CHECK (role IN ('member', 'moderator', 'administrator')) NOT VALID"
    )


def downgrade() -> None:
    op.drop_column("users", "role")
