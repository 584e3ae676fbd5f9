"""Keep what happened that members should know.

Going down loses it: what was not read yet, and what waited for a letter.

"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0047_notifications"
down_revision = "0046_holds_are_content"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("member_id", sa.BigInteger(), nullable=False, comment="The member who is to know."),
        sa.Column("kind", sa.String(length=60), nullable=False, comment="What kind of thing happened."),
        sa.Column(
            "once",
            sa.String(length=100),
            nullable=False,
            comment="What it is about: the member is told of it once.",
        ),
        sa.Column(
            "by_id",
            sa.BigInteger(),
            nullable=True,
            comment="The member who did it; empty: nobody did, or they have left.",
        ),
        sa.Column(
            "details",
            postgresql.JSONB(),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="What its sentence and its address name; no names of members.",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="When it happened."),
        sa.Column(
            "read_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When the member opened it, or marked it as read; empty: not yet.",
        ),
        sa.Column(
            "digest_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="From when on the letter of the day may tell of it; empty: that one never does.",
        ),
        sa.Column(
            "mailed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When a letter told of it, or it was no longer worth one; empty: none did.",
        ),
        sa.CheckConstraint("jsonb_typeof(details) = 'object'", name=op.f("ck_notifications_details_object")),
        sa.CheckConstraint(
            "octet_length(details::text) <= 8000", name=op.f("ck_notifications_details_length")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_notifications_member_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["by_id"], ["users.id"], name=op.f("fk_notifications_by_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("member_id", "once", name=op.f("uq_notifications_member_id_once")),
        comment="What happened that members should know.",
    )
    op.create_index(
        op.f("ix_notifications_member_id_created_at_id"),
        "notifications",
        ["member_id", "created_at", "id"],
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["member_id"],
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        "ix_notifications_waiting",
        "notifications",
        ["digest_at", "member_id"],
        postgresql_where=sa.text("digest_at IS NOT NULL AND mailed_at IS NULL"),
    )
    op.create_index(op.f("ix_notifications_created_at"), "notifications", ["created_at"])
    op.create_index(op.f("ix_notifications_by_id"), "notifications", ["by_id"])


def downgrade() -> None:
    op.drop_table("notifications")
