"""The measures table."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment

KINDS = ("hidden", "picture_removed", "warned", "suspended", "shown_again", "lifted")
REASON_LENGTH = 1000
DAYS_MAXIMUM = 365


class Measure(Base):
    """What a moderator did, as the member whom it concerns is told."""

    __tablename__ = "measures"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind_known"),
        CheckConstraint("char_length(btrim(reason)) >= 1", name="reason_not_blank"),
        CheckConstraint(f"char_length(reason) <= {REASON_LENGTH}", name="reason_length"),
        CheckConstraint("(kind = 'suspended') = (ends_at IS NOT NULL)", name="ends_exactly_when_suspended"),
        Index("ix_measures_member_id", "member_id", text("id DESC")),
        Index("ix_measures_case_id", "case_id"),
        Index("ix_measures_listing_id", "listing_id", text("id DESC")),
        Index("ix_measures_decided_by", "decided_by"),
        {"comment": "What moderators did, and the reasons that the members are told."},
    )

    id: Mapped[IdentityKey]
    member_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), comment="The member whom it concerns."
    )
    case_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("report_cases.id", ondelete="SET NULL"), comment="The case that led to it."
    )
    listing_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("listings.id", ondelete="SET NULL"),
        comment="The listing that it concerns; empty when it is gone, or it concerns none.",
    )
    kind: Mapped[str] = mapped_column(Text, comment="What was done.")
    name: Mapped[str] = mapped_column(Text, comment="What it was about, as it was called.")
    reason: Mapped[str] = mapped_column(Text, comment="Why, as the member is told.")
    ends_at: Mapped[Moment | None] = mapped_column(comment="Until when a suspension was to last.")
    decided_by: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="SET NULL"),
        comment="The moderator; empty when they have left.",
    )
    created_at: Mapped[CreatedAt]
