"""Create the users table, for authentication.

Going down drops the table and every account in it.
"""

import sqlalchemy as sa
from alembic import op

revision = "cf5a32f4e1d5"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column(
            "username",
            sa.String(length=30),
            nullable=False,
            comment="Shown to everyone; unique whatever its case.",
        ),
        sa.Column(
            "email",
            sa.String(length=254),
            nullable=False,
            comment="Never shown to others; unique whatever its case.",
        ),
        sa.Column("password_hash", sa.Text(), nullable=False, comment="argon2id, in its own text form."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="False: the member cannot log in.",
        ),
        sa.Column(
            "email_verified_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the member proved to own the address; empty until then.",
        ),
        sa.Column(
            "session_epoch",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Raised to end all sessions of the member.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row last changed.",
        ),
        sa.Column(
            "last_login_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the member last logged in.",
        ),
        sa.CheckConstraint("email ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name=op.f("ck_users_email_format")),
        sa.CheckConstraint(
            "username ~ '^[A-Za-z0-9][A-Za-z0-9._-]{2,29}$'", name=op.f("ck_users_username_format")
        ),
        sa.CheckConstraint(
            "char_length(password_hash) BETWEEN 1 AND 255", name=op.f("ck_users_password_hash_length")
        ),
        sa.CheckConstraint("session_epoch >= 0", name=op.f("ck_users_session_epoch_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        comment="Members: who can log in.",
    )
    op.create_index("uq_users_email_lower", "users", [sa.text("lower(email)")], unique=True)
    op.create_index("uq_users_username_lower", "users", [sa.text("lower(username)")], unique=True)


def downgrade() -> None:
    op.drop_table("users")
