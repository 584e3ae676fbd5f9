"""The tables of what becomes of an exchange: what is promised, loans, events, messages and reviews."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Text,
    UniqueConstraint,
    column,
    func,
    literal_column,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, TSTZRANGE, ExcludeConstraint, Range
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, IdentityKey, Moment
from marketplace.exchanges.models import ACTORS, SIDES
from marketplace.listings.models import CONDITIONS

THUMBS = ("good", "mixed", "bad")

MESSAGE_LENGTH = 2000

REVIEW_LENGTH = 1000

DISPUTE_LENGTH = 1000


class ExchangeHold(Base):
    """A thing that is promised in an accepted exchange."""

    __tablename__ = "exchange_holds"
    __table_args__ = (
        ExcludeConstraint(
            (func.int8range(column("item_id"), column("item_id"), literal_column("'[]'")), "&&"),
            (column("during"), "&&"),
            where=text("released_at IS NULL"),
            using="gist",
            name="ex_exchange_holds_one_promise",
        ),
        CheckConstraint(f"giver IN {SIDES}", name="giver_known"),
        CheckConstraint("NOT isempty(during)", name="during_not_empty"),
        Index("ix_exchange_holds_exchange_id", "exchange_id"),
        Index("ix_exchange_holds_item_id", "item_id"),
        {"comment": "Which things are promised, and for which time: nobody else gets them then."},
    )

    id: Mapped[IdentityKey]
    exchange_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("exchanges.id", ondelete="CASCADE"), comment="The exchange that holds it."
    )
    item_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("listing_items.id", ondelete="CASCADE"), comment="The thing."
    )
    giver: Mapped[str] = mapped_column(Text, comment="Which side gives it.")
    during: Mapped[Range[datetime]] = mapped_column(
        TSTZRANGE, comment="The days of a loan; without end for what is swapped for good."
    )
    released_at: Mapped[Moment | None] = mapped_column(
        comment="When it became free again; empty: it is still promised, or gone for good."
    )


class ExchangeLoan(Base):
    """What becomes of one lent thing of an accepted exchange, from its owner and back."""

    __tablename__ = "exchange_loans"
    __table_args__ = (
        UniqueConstraint("exchange_item_id"),
        CheckConstraint("renewals >= 0", name="renewals_range"),
        CheckConstraint("asked_until > due_at", name="asked_beyond_due"),
        CheckConstraint(f"condition_before IN {CONDITIONS}", name="condition_before_known"),
        CheckConstraint(f"condition_after IN {CONDITIONS}", name="condition_after_known"),
        Index("ix_exchange_loans_exchange_id", "exchange_id"),
        Index("ix_exchange_loans_remind_at", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        Index("ix_exchange_loans_picture_before_id", "picture_before_id"),
        Index("ix_exchange_loans_picture_after_id", "picture_after_id"),
        {"comment": "Loans: each lent thing of an accepted exchange."},
    )

    id: Mapped[IdentityKey]
    exchange_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("exchanges.id", ondelete="CASCADE"), comment="The exchange it is part of."
    )
    exchange_item_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("exchange_items.id", ondelete="CASCADE"), comment="The thing that is lent."
    )
    due_at: Mapped[Moment] = mapped_column(comment="Until when it is to be back.")
    renewals: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("0"), comment="How often it was lent for longer."
    )
    asked_until: Mapped[Moment | None] = mapped_column(
        comment="Until when the borrower asks to keep it; empty: does not ask."
    )
    condition_before: Mapped[str | None] = mapped_column(
        Text, comment="In which condition it was when it was handed over."
    )
    picture_before_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("pictures.id", ondelete="SET NULL"), comment="A picture of it then."
    )
    condition_after: Mapped[str | None] = mapped_column(
        Text, comment="In which condition it was when it came back."
    )
    picture_after_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("pictures.id", ondelete="SET NULL"), comment="A picture of it then."
    )
    lender_handed_at: Mapped[Moment | None] = mapped_column(
        comment="When its owner said that the other one has it."
    )
    borrower_handed_at: Mapped[Moment | None] = mapped_column(
        comment="When the other one said to have got it."
    )
    borrower_returned_at: Mapped[Moment | None] = mapped_column(
        comment="When the borrower said to have given it back."
    )
    lender_returned_at: Mapped[Moment | None] = mapped_column(
        comment="When its owner said to have got it back."
    )
    remind_at: Mapped[Moment | None] = mapped_column(
        comment="When the borrower is reminded next that it is due; empty: no more."
    )


class ExchangeEvent(Base):
    """What happened in an exchange. Rows are added, and never changed."""

    __tablename__ = "exchange_events"
    __table_args__ = (
        CheckConstraint(f"actor IN {ACTORS}", name="actor_known"),
        CheckConstraint("char_length(event) BETWEEN 1 AND 30", name="event_length"),
        Index("ix_exchange_events_exchange_id", "exchange_id", "id"),
        {"comment": "The history of exchanges, as both sides read it."},
    )

    id: Mapped[IdentityKey]
    exchange_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("exchanges.id", ondelete="CASCADE"), comment="The exchange it happened in."
    )
    event: Mapped[str] = mapped_column(Text, comment="What happened, by the name in exchanges/rules.py.")
    actor: Mapped[str] = mapped_column(Text, comment="Who did it: proposer, receiver, moderator or time.")
    version: Mapped[int] = mapped_column(Integer, comment="The proposal that it was about; 0: a question.")
    details: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), comment="More about it; no words of members."
    )
    at: Mapped[Moment] = mapped_column(server_default=func.now(), comment="When it happened.")


class ExchangeDispute(Base):
    """Why one side asked a moderator to look at an exchange. That is once at most."""

    __tablename__ = "exchange_disputes"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side_known"),
        CheckConstraint(f"char_length(words) <= {DISPUTE_LENGTH}", name="words_length"),
        {"comment": "Why a moderator was asked to look at an exchange."},
    )

    exchange_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("exchanges.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="The exchange.",
    )
    side: Mapped[str] = mapped_column(Text, comment="Which side asked.")
    words: Mapped[str] = mapped_column(Text, comment="What is wrong, in their words.")
    created_at: Mapped[Moment] = mapped_column(server_default=func.now(), comment="When they asked.")


class ExchangeMessage(Base):
    """What one side writes to the other."""

    __tablename__ = "exchange_messages"
    __table_args__ = (
        CheckConstraint(f"author IN {SIDES}", name="author_known"),
        CheckConstraint(f"char_length(words) <= {MESSAGE_LENGTH}", name="words_length"),
        Index("ix_exchange_messages_exchange_id", "exchange_id", "id"),
        # The release before still writes it; this one does not, so that a later one can drop it.
        Column(
            "picture_id",
            BigInteger,
            ForeignKey("pictures.id", ondelete="SET NULL", use_alter=True),
            comment="Not used any more: pictures name their message. For a later release to drop.",
        ),
        Index("ix_exchange_messages_picture_id", "picture_id"),
        {"comment": "What the two sides of an exchange write to each other."},
    )

    __mapper_args__ = {"exclude_properties": ("picture_id",)}  # noqa: RUF012 - the mapper's own.

    id: Mapped[IdentityKey]
    exchange_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("exchanges.id", ondelete="CASCADE"), comment="The exchange it is part of."
    )
    author: Mapped[str] = mapped_column(Text, comment="Which side wrote it.")
    words: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="Plain text; may be empty beside a picture."
    )
    created_at: Mapped[Moment] = mapped_column(server_default=func.now(), comment="When it was sent.")


class ExchangeRead(Base):
    """How far one side has read the messages."""

    __tablename__ = "exchange_reads"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side_known"),
        {"comment": "How far each side has read what the other one wrote."},
    )

    exchange_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("exchanges.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="The exchange.",
    )
    side: Mapped[str] = mapped_column(Text, primary_key=True, comment="Which side has read.")
    message_id: Mapped[int] = mapped_column(BigInteger, comment="The last message they have seen.")


class ExchangeReview(Base):
    """What one side says about the other when it is over."""

    __tablename__ = "exchange_reviews"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side_known"),
        CheckConstraint(f"thumbs IN {THUMBS}", name="thumbs_known"),
        CheckConstraint(f"char_length(words) <= {REVIEW_LENGTH}", name="words_length"),
        UniqueConstraint("id"),
        Index("ix_exchange_reviews_about_id", "about_id", text("created_at DESC"), text("id DESC")),
        {"comment": "What the two sides say about each other afterwards."},
    )

    exchange_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("exchanges.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="The exchange.",
    )
    side: Mapped[str] = mapped_column(Text, primary_key=True, comment="Which side says it.")
    thumbs: Mapped[str] = mapped_column(Text, comment="good, mixed or bad.")
    words: Mapped[str] = mapped_column(Text, server_default=text("''"), comment="More about it.")
    created_at: Mapped[Moment] = mapped_column(server_default=func.now(), comment="When it was written.")
    id: Mapped[int] = mapped_column(
        BigInteger,
        Identity(always=True),
        comment="Names it in a report. Given by the database, never again.",
    )
    # Of a member with many swaps, those that somebody has reviewed are not to be searched for.
    about_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="SET NULL"),
        comment="The member it is about, the other side; empty when they have left.",
    )
