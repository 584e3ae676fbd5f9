"""Let members block each other.

Going down forgets who has blocked whom.

"""

import sqlalchemy as sa
from alembic import op

revision = "0035_blocks"
down_revision = "0034_leaving_at_index"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blocks",
        sa.Column(
            "member_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Who has blocked."
        ),
        sa.Column(
            "blocked_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Who is blocked."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.CheckConstraint("member_id <> blocked_id", name=op.f("ck_blocks_not_oneself")),
        sa.ForeignKeyConstraint(
            ["blocked_id"], ["users.id"], name=op.f("fk_blocks_blocked_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_blocks_member_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "blocked_id", name=op.f("pk_blocks")),
        comment="Who has blocked whom.",
    )
    op.create_index("ix_blocks_blocked_id", "blocks", ["blocked_id", "member_id"], unique=False)


def downgrade() -> None:
    op.drop_table("blocks")
