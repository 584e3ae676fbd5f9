"""The report_cases and reports tables."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment

KINDS = ("listing", "item", "picture", "member", "message", "review")
# The last one is the site's own: it is not offered to members.
REASONS = ("spam", "forbidden", "wrong_category", "fraud", "insulting", "other", "screened")
DECISIONS = ("dismiss", "hide", "remove_picture", "warn", "suspend")
WORDS_LENGTH = 1000


class Case(Base):
    """All reports about one thing until a moderator has decided. Later reports are another case."""

    __tablename__ = "report_cases"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        CheckConstraint(f"decision IN {DECISIONS}", name="decision_known"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decided_with_decision"),
        Index(
            "uq_report_cases_open",
            "kind",
            "object_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index("ix_report_cases_queue", "id", postgresql_where=text("decided_at IS NULL")),
        Index("ix_report_cases_decided", text("decided_at DESC"), text("id DESC")),
        Index("ix_report_cases_member_id", "member_id"),
        Index("ix_report_cases_listing_id", "listing_id"),
        Index("ix_report_cases_decided_by", "decided_by"),
        {"comment": "What was reported, and what a moderator decided about it."},
    )

    id: Mapped[IdentityKey]
    kind: Mapped[str] = mapped_column(Text, comment="What was reported: listing, item, picture or member.")
    object_id: Mapped[int] = mapped_column(BigInteger, comment="Its id, also when it is gone.")
    listing_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("listings.id", ondelete="SET NULL"),
        comment="The listing that it is, or is part of; empty for a member, and when it is gone.",
    )
    member_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), comment="The member who is answerable for it."
    )
    name: Mapped[str] = mapped_column(Text, comment="What it was called when it was reported first.")
    created_at: Mapped[CreatedAt]
    version: Mapped[int] = mapped_column(
        server_default=text("0"), comment="Raised by each decision: who looks at an older one is told."
    )
    decision: Mapped[str | None] = mapped_column(Text, comment="What was decided; empty while it is open.")
    decided_at: Mapped[Moment | None] = mapped_column(comment="When it was decided.")
    decided_by: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="SET NULL"),
        comment="The moderator who decided it; empty when they have left.",
    )


class Report(Base):
    """What one member, or the site itself, has to say about a thing."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint(f"reason IN {REASONS}", name="reason_known"),
        CheckConstraint(f"char_length(words) <= {WORDS_LENGTH}", name="words_length"),
        CheckConstraint("(reason = 'screened') <= (reporter_id IS NULL)", name="screened_by_site"),
        Index(
            "uq_reports_case_id_reporter_id",
            "case_id",
            "reporter_id",
            unique=True,
            postgresql_where=text("reporter_id IS NOT NULL"),
        ),
        Index("ix_reports_case_id", "case_id", "id"),
        Index("ix_reports_reporter_id", "reporter_id", text("id DESC")),
        {"comment": "Reports of members, and of the site itself."},
    )

    id: Mapped[IdentityKey]
    case_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("report_cases.id", ondelete="CASCADE"), comment="The case it belongs to."
    )
    reporter_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="SET NULL"),
        comment="Who reported it; empty: the site, or a member who has left.",
    )
    reason: Mapped[str] = mapped_column(Text, comment="What is wrong with it; screened: the site asks.")
    words: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="More about it; may be empty."
    )
    created_at: Mapped[CreatedAt]
