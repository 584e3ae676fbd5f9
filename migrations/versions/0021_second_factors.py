"""Let members log in with codes of an app beside the password.

Going down loses the secrets of their apps and their recovery codes: they log in by password alone again.

"""

import sqlalchemy as sa
from alembic import op

revision = "0021_second_factors"
down_revision = "0020_devices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("member_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Whose it is."),
        sa.Column(
            "sealed_secret",
            sa.Text(),
            nullable=False,
            comment="Encrypted with a key made of SECRET_KEY: with another one it cannot be read.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was turned on by a first code; empty while it is being set up.",
        ),
        sa.Column(
            "last_step",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="The half minute of the last code that was taken, counted from 1970: a code holds once.",
        ),
        sa.Column(
            "wrong_codes",
            sa.SmallInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How many wrong codes came since wrong_since.",
        ),
        sa.Column(
            "wrong_since",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the wrong codes began to be counted.",
        ),
        sa.CheckConstraint(
            "char_length(sealed_secret) BETWEEN 1 AND 500", name=op.f("ck_second_factors_sealed_length")
        ),
        sa.CheckConstraint("last_step >= 0", name=op.f("ck_second_factors_last_step_not_negative")),
        sa.CheckConstraint("wrong_codes >= 0", name=op.f("ck_second_factors_wrong_codes_not_negative")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_second_factors_member_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_second_factors")),
        comment="Secrets of members' apps that make codes for logging in.",
    )
    op.create_table(
        "recovery_codes",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("member_id", sa.BigInteger(), nullable=False, comment="Whose it is."),
        sa.Column(
            "code_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the code, which is random."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "used_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When it was used; empty until then.",
        ),
        sa.CheckConstraint("octet_length(code_hash) = 32", name=op.f("ck_recovery_codes_code_hash_length")),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["second_factors.member_id"],
            name=op.f("fk_recovery_codes_member_id_second_factors"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_codes")),
        comment="Codes that stand in for a member's app, each once.",
    )
    op.create_index(
        "uq_recovery_codes_member_id_code_hash", "recovery_codes", ["member_id", "code_hash"], unique=True
    )


def downgrade() -> None:
    op.drop_table("recovery_codes")
    op.drop_table("second_factors")
