"""Let an address be one member's alone once that member has proved to own it, and not before.

Whoever registers with somebody else's address neither keeps its owner out nor finds out that the owner is
a member. The indexes are built beside the site's writes; a build that was stopped is begun again.
Going down gives members an address of nobody, if theirs is not proved and another member has it, too.

"""

import sqlalchemy as sa
from alembic import op

revision = "0019_verified_address"
down_revision = "0018_verify_earlier_members"
branch_labels = None
depends_on = None

OLD_COMMENT = "Never shown to others; unique whatever its case."
NEW_COMMENT = "Never shown to others; one member's alone, whatever its case, once it is verified."
GIVE_WAY = """
UPDATE users SET email = 'member-' || id || '@address-of-another.invalid'
WHERE email_verified_at IS NULL AND EXISTS (
    SELECT FROM users AS other
    WHERE lower(other.email) = lower(users.email) AND other.id <> users.id
    AND (other.email_verified_at IS NOT NULL OR other.id < users.id)
)
"""


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS uq_users_email_verified")
        op.create_index(
            "uq_users_email_verified",
            "users",
            [sa.text("lower(email)")],
            unique=True,
            postgresql_where=sa.text("email_verified_at IS NOT NULL"),
            postgresql_concurrently=True,
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_users_email_lower")
        op.create_index(
            "ix_users_email_lower",
            "users",
            [sa.text("lower(email)")],
            unique=False,
            postgresql_concurrently=True,
        )
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS uq_users_email_lower")
        op.alter_column("users", "email", comment=NEW_COMMENT, existing_comment=OLD_COMMENT)


def downgrade() -> None:
    op.execute("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
    op.execute(GIVE_WAY)
    op.create_index("uq_users_email_lower", "users", [sa.text("lower(email)")], unique=True)
    op.drop_index("ix_users_email_lower", table_name="users")
    op.drop_index("uq_users_email_verified", table_name="users")
    op.alter_column("users", "email", comment=OLD_COMMENT, existing_comment=NEW_COMMENT)
