"""Keep how members want letters about what happened: each at once, or all of a day in one.

That they want none is in unsubscribed_topics. Going down loses how they want them.

"""

import sqlalchemy as sa
from alembic import op

revision = "0048_notification_choices"
down_revision = "0047_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "notification_choices",
        sa.Column(
            "member_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Whose choice it is."
        ),
        sa.Column("kind", sa.String(length=60), nullable=False, comment="What kind of thing it is about."),
        sa.Column(
            "letters",
            sa.Text(),
            nullable=False,
            comment="at_once: one about each; daily: one a day. None at all: see unsubscribed_topics.",
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
        sa.CheckConstraint(
            "letters IN ('at_once', 'daily')", name=op.f("ck_notification_choices_letters_known")
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["users.id"],
            name=op.f("fk_notification_choices_member_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", "kind", name=op.f("pk_notification_choices")),
        comment="How members want letters about what happened.",
    )


def downgrade() -> None:
    op.drop_table("notification_choices")
