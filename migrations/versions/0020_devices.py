"""Keep a row for each browser in which a member is signed in, so that it can be signed out on the server.

Sessions from before name no device: their members log in again. Going down forgets the devices, so that
all members log in again.

"""

import sqlalchemy as sa
from alembic import op

revision = "0020_devices"
down_revision = "0019_verified_address"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "devices",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("member_id", sa.BigInteger(), nullable=False, comment="Who signed in."),
        sa.Column(
            "secret_hash",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the random secret that the session's cookie carries.",
        ),
        sa.Column(
            "session_epoch",
            sa.Integer(),
            nullable=False,
            comment="The member's session_epoch at the log-in: with another one the device is signed out.",
        ),
        sa.Column(
            "browser",
            sa.String(length=60),
            nullable=False,
            comment="Browser and system in plain words, as the browser names itself.",
        ),
        sa.Column(
            "remembered",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Whether the member asked to be kept signed in.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "seen_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the device last sent a form, to about ten minutes.",
        ),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the member last gave the password there.",
        ),
        sa.Column(
            "ended_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the device was signed out; empty until then.",
        ),
        sa.CheckConstraint("octet_length(secret_hash) = 32", name=op.f("ck_devices_secret_hash_length")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_devices_member_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_devices")),
        comment="Browsers in which members signed in, one row for each log-in.",
    )
    op.create_index("ix_devices_member_id", "devices", ["member_id"], unique=False)
    op.create_index("uq_devices_secret_hash", "devices", ["secret_hash"], unique=True)


def downgrade() -> None:
    op.drop_table("devices")
