"""Keep letters until they are sent, and what members want no letters about.

Going down loses the letters that were not sent yet, and what members want no letters about.

"""

import sqlalchemy as sa
from alembic import op

revision = "0017_outbox"
down_revision = "0016_removed_listings"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("name", sa.String(length=60), nullable=False, comment="Which letter it is: its template."),
        sa.Column("member_id", sa.BigInteger(), nullable=True, comment="The member whom it is for, if any."),
        sa.Column(
            "once",
            sa.String(length=100),
            nullable=True,
            comment="What it is about, where no second letter may be about the same.",
        ),
        sa.Column("address", sa.String(length=254), nullable=False, comment="Where it goes."),
        sa.Column("subject", sa.String(length=200), nullable=False, comment="Its subject, one line."),
        sa.Column(
            "text",
            sa.Text(),
            nullable=True,
            comment="Its words; taken out when it is sent or given up, since they may let people in.",
        ),
        sa.Column("html", sa.Text(), nullable=True, comment="The same as HTML."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it is tried next; while it is being sent, when it would be.",
        ),
        sa.Column("useless_at", sa.DateTime(timezone=True), nullable=False, comment="When it is given up."),
        sa.Column(
            "attempts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="How often it was tried.",
        ),
        sa.Column(
            "ending_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="When its last byte went out; from then on it may have arrived, and is not sent again.",
        ),
        sa.Column(
            "sent_at", sa.DateTime(timezone=True), nullable=True, comment="When the mail server took it."
        ),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True, comment="When it was given up."),
        sa.Column(
            "error", sa.Text(), nullable=True, comment="Why it was not sent the last time, a sentence."
        ),
        sa.CheckConstraint(
            "address ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name=op.f("ck_outbox_address_format")
        ),
        sa.CheckConstraint(
            "subject ~ '\\S' AND subject !~ '[[:cntrl:]]'", name=op.f("ck_outbox_subject_one_line")
        ),
        sa.CheckConstraint(
            "(sent_at IS NULL AND failed_at IS NULL) = (text IS NOT NULL AND html IS NOT NULL)",
            name=op.f("ck_outbox_words_until_end"),
        ),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_attempts_not_negative")),
        sa.CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name=op.f("ck_outbox_one_end")),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_outbox_member_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("name", "once", name=op.f("uq_outbox_name_once")),
        comment="Letters that are to be sent, or were.",
    )
    op.create_index(
        "ix_outbox_due_at",
        "outbox",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("sent_at IS NULL AND failed_at IS NULL"),
    )
    op.create_index("ix_outbox_member_id", "outbox", ["member_id"], unique=False)
    op.create_table(
        "unsubscribed_topics",
        sa.Column(
            "member_id", sa.BigInteger(), autoincrement=False, nullable=False, comment="Who wants none."
        ),
        sa.Column("topic", sa.String(length=60), nullable=False, comment="What about: the letter's name."),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"],
            ["users.id"],
            name=op.f("fk_unsubscribed_topics_member_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("member_id", "topic", name=op.f("pk_unsubscribed_topics")),
        comment="What members want no letters about.",
    )


def downgrade() -> None:
    op.drop_table("unsubscribed_topics")
    op.drop_table("outbox")
