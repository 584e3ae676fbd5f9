"""The notifications and notification_choices tables."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, synonym

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment, UpdatedAt

KIND_LENGTH = 60
ONCE_LENGTH = 100
LETTERS = ("at_once", "daily")


class Notification(Base):
    """Something that happened, for one member."""

    __tablename__ = "notifications"
    __table_args__ = (
        UniqueConstraint("member_id", "once"),
        CheckConstraint("jsonb_typeof(details) = 'object'", name="details_object"),
        CheckConstraint("octet_length(details::text) <= 8000", name="details_length"),
        Index("ix_notifications_member_id_created_at_id", "member_id", "created_at", "id"),
        Index("ix_notifications_unread", "member_id", postgresql_where=sql("read_at IS NULL")),
        Index(
            "ix_notifications_waiting",
            "digest_at",
            "member_id",
            postgresql_where=sql("digest_at IS NOT NULL AND mailed_at IS NULL"),
        ),
        Index("ix_notifications_created_at", "created_at"),
        Index("ix_notifications_by_id", "by_id"),
        {"comment": "What happened that members should know."},
    )

    id: Mapped[IdentityKey]
    member_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), comment="The member who is to know."
    )
    kind: Mapped[str] = mapped_column(String(KIND_LENGTH), comment="What kind of thing happened.")
    once: Mapped[str] = mapped_column(
        String(ONCE_LENGTH), comment="What it is about: the member is told of it once."
    )
    by_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="SET NULL"),
        comment="The member who did it; empty: nobody did, or they have left.",
    )
    details: Mapped[dict[str, Any]] = mapped_column(
        JSONB,
        server_default=sql("'{}'"),
        comment="What its sentence and its address name; no names of members.",
    )
    created_at: Mapped[Moment] = mapped_column(comment="When it happened.")
    read_at: Mapped[Moment | None] = mapped_column(
        comment="When the member opened it, or marked it as read; empty: not yet."
    )
    digest_at: Mapped[Moment | None] = mapped_column(
        comment="From when on the letter of the day may tell of it; empty: that one never does."
    )
    mailed_at: Mapped[Moment | None] = mapped_column(
        comment="When a letter told of it, or it was no longer worth one; empty: none did."
    )
    owner_id: Mapped[int] = synonym("member_id")


class NotificationChoice(Base):
    """How a member wants letters about one kind of thing; without a row, as the kind says."""

    __tablename__ = "notification_choices"
    __table_args__ = (
        CheckConstraint(f"letters IN {LETTERS}", name="letters_known"),
        {"comment": "How members want letters about what happened."},
    )

    member_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="Whose choice it is.",
    )
    kind: Mapped[str] = mapped_column(
        String(KIND_LENGTH), primary_key=True, comment="What kind of thing it is about."
    )
    letters: Mapped[str] = mapped_column(
        Text, comment="at_once: one about each; daily: one a day. None at all: see unsubscribed_topics."
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
