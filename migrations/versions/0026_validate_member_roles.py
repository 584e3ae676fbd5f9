"""Check the rule of roles for the members there are.

Reads users once, while the table can be read and written. Going down changes nothing: the rule holds
either way.

"""

from alembic import op

revision = "0026_validate_member_roles"
down_revision = "0025_member_roles"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE users VALIDATE CONSTRAINT ck_users_role_known")


def downgrade() -> None:
    pass
