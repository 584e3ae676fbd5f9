"""The outbox and unsubscribed_topics tables."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment

NAME_LENGTH = 60
ADDRESS_LENGTH = 254
SUBJECT_LENGTH = 200
ONCE_LENGTH = 100


class Letter(Base):
    """A letter that is to be sent, or was."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("address ~ '^[^@[:space:]]+@[^@[:space:]]+$'", name="address_format"),
        CheckConstraint(r"subject ~ '\S' AND subject !~ '[[:cntrl:]]'", name="subject_one_line"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        CheckConstraint("sent_at IS NULL OR failed_at IS NULL", name="one_end"),
        CheckConstraint(
            "(sent_at IS NULL AND failed_at IS NULL) = (text IS NOT NULL AND html IS NOT NULL)",
            name="words_until_end",
        ),
        Index(
            "ix_outbox_due_at", "due_at", "id", postgresql_where=sql("sent_at IS NULL AND failed_at IS NULL")
        ),
        Index("ix_outbox_member_id", "member_id"),
        UniqueConstraint("name", "once"),
        {"comment": "Letters that are to be sent, or were."},
    )

    id: Mapped[IdentityKey]
    name: Mapped[str] = mapped_column(String(NAME_LENGTH), comment="Which letter it is: its template.")
    member_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        comment="The member whom it is for, if any.",
    )
    once: Mapped[str | None] = mapped_column(
        String(ONCE_LENGTH), comment="What it is about, where no second letter may be about the same."
    )
    address: Mapped[str] = mapped_column(String(ADDRESS_LENGTH), comment="Where it goes.")
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH), comment="Its subject, one line.")
    text: Mapped[str | None] = mapped_column(
        Text, comment="Its words; taken out when it is sent or given up, since they may let people in."
    )
    html: Mapped[str | None] = mapped_column(Text, comment="The same as HTML.")
    created_at: Mapped[CreatedAt]
    due_at: Mapped[Moment] = mapped_column(
        server_default=func.now(),
        comment="When it is tried next; while it is being sent, when it would be.",
    )
    useless_at: Mapped[Moment] = mapped_column(comment="When it is given up.")
    attempts: Mapped[int] = mapped_column(server_default=sql("0"), comment="How often it was tried.")
    ending_at: Mapped[Moment | None] = mapped_column(
        comment="When its last byte went out; from then on it may have arrived, and is not sent again."
    )
    sent_at: Mapped[Moment | None] = mapped_column(comment="When the mail server took it.")
    failed_at: Mapped[Moment | None] = mapped_column(comment="When it was given up.")
    error: Mapped[str | None] = mapped_column(Text, comment="Why it was not sent the last time, a sentence.")


class UnsubscribedTopic(Base):
    """Something that a member wants no letters about."""

    __tablename__ = "unsubscribed_topics"
    __table_args__ = ({"comment": "What members want no letters about."},)

    member_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="Who wants none.",
    )
    topic: Mapped[str] = mapped_column(
        String(NAME_LENGTH), primary_key=True, comment="What about: the letter's name."
    )
    created_at: Mapped[CreatedAt]
