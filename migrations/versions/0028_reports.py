"""Let members report what should not be on the site, and moderators decide about it.

Going down loses reports, decisions, and the reasons that members were told.

"""

import sqlalchemy as sa
from alembic import op

revision = "0028_reports"
down_revision = "0027_audit_log"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "report_cases",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column(
            "kind", sa.Text(), nullable=False, comment="What was reported: listing, item, picture or member."
        ),
        sa.Column("object_id", sa.BigInteger(), nullable=False, comment="Its id, also when it is gone."),
        sa.Column(
            "listing_id",
            sa.BigInteger(),
            nullable=True,
            comment="The listing that it is, or is part of; empty for a member, and when it is gone.",
        ),
        sa.Column(
            "member_id", sa.BigInteger(), nullable=False, comment="The member who is answerable for it."
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="What it was called when it was reported first."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.Column(
            "version",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Raised by each decision: who looks at an older one is told.",
        ),
        sa.Column("decision", sa.Text(), nullable=True, comment="What was decided; empty while it is open."),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True, comment="When it was decided."),
        sa.Column(
            "decided_by",
            sa.BigInteger(),
            nullable=True,
            comment="The moderator who decided it; empty when they have left.",
        ),
        sa.CheckConstraint(
            "decision IN ('dismiss', 'hide', 'remove_picture', 'warn', 'suspend')",
            name=op.f("ck_report_cases_decision_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('listing', 'item', 'picture', 'member')", name=op.f("ck_report_cases_kind_known")
        ),
        sa.CheckConstraint(
            "(decision IS NULL) = (decided_at IS NULL)", name=op.f("ck_report_cases_decided_with_decision")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_report_cases_decided_by_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"],
            ["listings.id"],
            name=op.f("fk_report_cases_listing_id_listings"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_report_cases_member_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_cases")),
        comment="What was reported, and what a moderator decided about it.",
    )
    op.create_index(
        "ix_report_cases_decided",
        "report_cases",
        [sa.literal_column("decided_at DESC"), sa.literal_column("id DESC")],
        unique=False,
    )
    op.create_index("ix_report_cases_decided_by", "report_cases", ["decided_by"], unique=False)
    op.create_index("ix_report_cases_listing_id", "report_cases", ["listing_id"], unique=False)
    op.create_index("ix_report_cases_member_id", "report_cases", ["member_id"], unique=False)
    op.create_index(
        "ix_report_cases_queue",
        "report_cases",
        ["id"],
        unique=False,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_index(
        "uq_report_cases_open",
        "report_cases",
        ["kind", "object_id"],
        unique=True,
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "measures",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("member_id", sa.BigInteger(), nullable=False, comment="The member whom it concerns."),
        sa.Column("case_id", sa.BigInteger(), nullable=True, comment="The case that led to it."),
        sa.Column(
            "listing_id",
            sa.BigInteger(),
            nullable=True,
            comment="The listing that it concerns; empty when it is gone, or it concerns none.",
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="What was done."),
        sa.Column("name", sa.Text(), nullable=False, comment="What it was about, as it was called."),
        sa.Column("reason", sa.Text(), nullable=False, comment="Why, as the member is told."),
        sa.Column(
            "ends_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="Until when a suspension was to last.",
        ),
        sa.Column(
            "decided_by", sa.BigInteger(), nullable=True, comment="The moderator; empty when they have left."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.CheckConstraint(
            "(kind = 'suspended') = (ends_at IS NOT NULL)",
            name=op.f("ck_measures_ends_exactly_when_suspended"),
        ),
        sa.CheckConstraint(
            "kind IN ('hidden', 'picture_removed', 'warned', 'suspended', 'shown_again', 'lifted')",
            name=op.f("ck_measures_kind_known"),
        ),
        sa.CheckConstraint("char_length(btrim(reason)) >= 1", name=op.f("ck_measures_reason_not_blank")),
        sa.CheckConstraint("char_length(reason) <= 1000", name=op.f("ck_measures_reason_length")),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["report_cases.id"],
            name=op.f("fk_measures_case_id_report_cases"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["users.id"], name=op.f("fk_measures_decided_by_users"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["listing_id"], ["listings.id"], name=op.f("fk_measures_listing_id_listings"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["users.id"], name=op.f("fk_measures_member_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        comment="What moderators did, and the reasons that the members are told.",
    )
    op.create_index("ix_measures_case_id", "measures", ["case_id"], unique=False)
    op.create_index("ix_measures_decided_by", "measures", ["decided_by"], unique=False)
    op.create_index(
        "ix_measures_listing_id", "measures", ["listing_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "ix_measures_member_id", "measures", ["member_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_table(
        "reports",
        sa.Column(
            "id",
            sa.BigInteger(),
            sa.Identity(always=True),
            nullable=False,
            comment="Given by the database, never again.",
        ),
        sa.Column("case_id", sa.BigInteger(), nullable=False, comment="The case it belongs to."),
        sa.Column(
            "reporter_id",
            sa.BigInteger(),
            nullable=True,
            comment="Who reported it; empty: the site, or a member who has left.",
        ),
        sa.Column(
            "reason", sa.Text(), nullable=False, comment="What is wrong with it; screened: the site asks."
        ),
        sa.Column(
            "words",
            sa.Text(),
            server_default=sa.text("''"),
            nullable=False,
            comment="More about it; may be empty.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the row was made.",
        ),
        sa.CheckConstraint(
            "(reason = 'screened') <= (reporter_id IS NULL)", name=op.f("ck_reports_screened_by_site")
        ),
        sa.CheckConstraint(
            "reason IN ('spam', 'forbidden', 'wrong_category', 'fraud', 'insulting', 'other', 'screened')",
            name=op.f("ck_reports_reason_known"),
        ),
        sa.CheckConstraint("char_length(words) <= 1000", name=op.f("ck_reports_words_length")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["report_cases.id"], name=op.f("fk_reports_case_id_report_cases"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["users.id"], name=op.f("fk_reports_reporter_id_users"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        comment="Reports of members, and of the site itself.",
    )
    op.create_index("ix_reports_case_id", "reports", ["case_id", "id"], unique=False)
    op.create_index(
        "ix_reports_reporter_id", "reports", ["reporter_id", sa.literal_column("id DESC")], unique=False
    )
    op.create_index(
        "uq_reports_case_id_reporter_id",
        "reports",
        ["case_id", "reporter_id"],
        unique=True,
        postgresql_where=sa.text("reporter_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("reports")
    op.drop_table("measures")
    op.drop_table("report_cases")
