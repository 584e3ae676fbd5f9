"""The tables of swaps: each exchange and its proposals. See course_models.py, too."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    Computed,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, IdentityKey, Moment
from marketplace.listings.models import CONDITIONS, ITEM_NAME_LENGTH, VALUE_MAXIMUM

SIDES = ("proposer", "receiver")

# Who can have brought something about.
ACTORS = (*SIDES, "moderator", "time")

STATES = (
    "question",
    "proposed",
    "accepted",
    "lent",
    "disputed",
    "completed",
    "declined",
    "withdrawn",
    "lapsed",
    "cancelled",
    "closed",
)

# An answer is waited for.
OPEN = ("question", "proposed")

# It was agreed on.
AGREED = ("accepted", "lent", "disputed", "completed", "cancelled", "closed")

# Nothing can happen any more.
ENDED = ("completed", "declined", "withdrawn", "lapsed", "cancelled", "closed")

# No proposal has more things of one member.
ITEMS_MAXIMUM = 20

NOTE_LENGTH = 1000

REASON_LENGTH = 500

PLACE_LENGTH = 200

# What a page of swaps is looked up by: whose answer is waited for, or that it is under way or has ended.
_DESK = (
    "CASE WHEN closed_at IS NOT NULL THEN 'ended' WHEN awaits IS NOT NULL THEN awaits ELSE 'under_way' END"
)


class Exchange(Base):
    """All that goes on between two members about some things."""

    __tablename__ = "exchanges"
    __table_args__ = (
        CheckConstraint("proposer_id <> receiver_id", name="two_members"),
        CheckConstraint(f"state IN {STATES}", name="state_known"),
        CheckConstraint(f"awaits IN {SIDES}", name="awaits_known"),
        CheckConstraint(f"(awaits IS NOT NULL) = (state IN {OPEN})", name="awaits_while_open"),
        CheckConstraint(
            "version >= 0 AND (state <> 'question' OR version = 0)"
            " AND (version > 0 OR state IN ('question', 'declined', 'withdrawn', 'lapsed'))",
            name="version_of_proposals",
        ),
        CheckConstraint(f"(accepted_at IS NOT NULL) = (state IN {AGREED})", name="accepted_when_agreed"),
        CheckConstraint(f"accepted_by IN {SIDES}", name="accepted_by_known"),
        CheckConstraint("(accepted_at IS NULL) = (accepted_by IS NULL)", name="accepted_by_somebody"),
        CheckConstraint(f"(closed_at IS NOT NULL) = (state IN {ENDED})", name="closed_when_ended"),
        CheckConstraint(f"closed_by IN {ACTORS}", name="closed_by_known"),
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed_by_somebody"),
        CheckConstraint(
            "(completed_at IS NOT NULL) = (state = 'completed')", name="completed_with_its_moment"
        ),
        CheckConstraint("state <> 'disputed' OR disputed_at IS NOT NULL", name="disputed_with_its_moment"),
        CheckConstraint(
            "accepted_at IS NOT NULL OR (handover_place IS NULL AND handover_at IS NULL"
            " AND proposer_handed_at IS NULL AND receiver_handed_at IS NULL AND disputed_at IS NULL)",
            name="nothing_before_acceptance",
        ),
        CheckConstraint(f"char_length(reason) <= {REASON_LENGTH}", name="reason_length"),
        CheckConstraint(f"char_length(handover_place) <= {PLACE_LENGTH}", name="handover_place_length"),
        # One open proposal between two members about the same things, whoever made it.
        Index(
            "uq_exchanges_same_things",
            literal_column("LEAST(proposer_id, receiver_id)"),
            literal_column("GREATEST(proposer_id, receiver_id)"),
            "item_ids",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
        ),
        Index("ix_exchanges_proposer_id", "proposer_id", "desk", text("updated_at DESC"), text("id DESC")),
        Index("ix_exchanges_receiver_id", "receiver_id", "desk", text("updated_at DESC"), text("id DESC")),
        # What time ends next: of all, and of one member's.
        Index("ix_exchanges_open_until", "open_until", postgresql_where=text("awaits IS NOT NULL")),
        Index(
            "ix_exchanges_proposer_open_until",
            "proposer_id",
            "open_until",
            postgresql_where=text("awaits IS NOT NULL"),
        ),
        Index(
            "ix_exchanges_receiver_open_until",
            "receiver_id",
            "open_until",
            postgresql_where=text("awaits IS NOT NULL"),
        ),
        # What became of a member's swaps, and the latest that others proposed to them.
        *(
            Index(
                f"ix_exchanges_{side}_outcome",
                f"{side}_id",
                "state",
                text("closed_at DESC"),
                text("id DESC"),
                postgresql_where=text("state IN ('completed', 'cancelled')"),
            )
            for side in SIDES
        ),
        Index("ix_exchanges_receiver_latest", "receiver_id", text("id DESC")),
        Index("ix_exchanges_under_way", "updated_at", postgresql_where=text("desk = 'under_way'")),
        Index("ix_exchanges_remind_at", "remind_at", postgresql_where=text("remind_at IS NOT NULL")),
        {"comment": "What two members agree on: from a question or a proposal to its end."},
    )

    id: Mapped[IdentityKey]
    proposer_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="SET NULL"),
        comment="Who began it; empty when they have left.",
    )
    receiver_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="SET NULL"),
        comment="The other one; empty when they have left.",
    )
    state: Mapped[str] = mapped_column(Text, comment="How far it is; see docs/SWAPS.md.")
    version: Mapped[int] = mapped_column(
        Integer, server_default=text("0"), comment="The number of the latest proposal; 0: a question."
    )
    item_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger),
        server_default=text("'{}'"),
        comment="The things of the latest proposal in order of their ids, also when they are gone.",
    )
    awaits: Mapped[str | None] = mapped_column(
        Text, comment="Whose answer is waited for: proposer or receiver; empty: nobody's."
    )
    open_until: Mapped[Moment] = mapped_column(comment="Until when the question or proposal can be answered.")
    accepted_at: Mapped[Moment | None] = mapped_column(comment="When it was accepted.")
    accepted_by: Mapped[str | None] = mapped_column(Text, comment="Which side accepted it.")
    handover_place: Mapped[str | None] = mapped_column(
        Text, comment="Where the things change hands, as it was agreed on."
    )
    handover_at: Mapped[Moment | None] = mapped_column(comment="When they change hands.")
    proposer_handed_at: Mapped[Moment | None] = mapped_column(
        comment="When the proposer said that the things have changed hands."
    )
    receiver_handed_at: Mapped[Moment | None] = mapped_column(
        comment="When the receiver said that the things have changed hands."
    )
    remind_at: Mapped[Moment | None] = mapped_column(
        comment="When the side that has not confirmed is reminded next; empty: no more."
    )
    disputed_at: Mapped[Moment | None] = mapped_column(comment="When a moderator was asked to look at it.")
    completed_at: Mapped[Moment | None] = mapped_column(comment="When all was done.")
    closed_at: Mapped[Moment | None] = mapped_column(comment="When it ended, however it did.")
    closed_by: Mapped[str | None] = mapped_column(
        Text, comment="Who ended it: proposer, receiver, moderator or time."
    )
    reason: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="Why it ended, in the words of who ended it; may be empty."
    )
    desk: Mapped[str] = mapped_column(
        Text,
        Computed(_DESK, persisted=True),
        comment="On which list it is: of what awaits proposer or receiver, is under_way, or has ended.",
    )
    created_at: Mapped[Moment] = mapped_column(server_default=func.now(), comment="When it was begun.")
    updated_at: Mapped[Moment] = mapped_column(
        server_default=func.now(), comment="When something happened in it last."
    )


class ExchangeVersion(Base):
    """A proposal as it was sent. It does not change any more."""

    __tablename__ = "exchange_versions"
    __table_args__ = (
        CheckConstraint("number >= 1", name="number_range"),
        CheckConstraint(f"author IN {SIDES}", name="author_known"),
        CheckConstraint(f"char_length(note) <= {NOTE_LENGTH}", name="note_length"),
        {"comment": "The proposals that were made in an exchange, one after the other."},
    )

    exchange_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("exchanges.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="The exchange it is part of.",
    )
    number: Mapped[int] = mapped_column(
        Integer, primary_key=True, autoincrement=False, comment="Counts up from 1 in each exchange."
    )
    author: Mapped[str] = mapped_column(Text, comment="Which side made it.")
    note: Mapped[str] = mapped_column(Text, server_default=text("''"), comment="What they wrote with it.")
    open_until: Mapped[Moment] = mapped_column(comment="Until when it could be answered.")
    created_at: Mapped[Moment] = mapped_column(server_default=func.now(), comment="When it was sent.")


class ExchangeItem(Base):
    """One thing of a proposal, as it was called then. It does not change any more."""

    __tablename__ = "exchange_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["exchange_id", "version"],
            ["exchange_versions.exchange_id", "exchange_versions.number"],
            ondelete="CASCADE",
        ),
        UniqueConstraint("exchange_id", "version", "item_id"),
        CheckConstraint(f"giver IN {SIDES}", name="giver_known"),
        CheckConstraint("exchange_type IN ('permanent', 'temporary')", name="exchange_type_known"),
        CheckConstraint(f"value BETWEEN 0 AND {VALUE_MAXIMUM}", name="value_range"),
        CheckConstraint(f"condition IN {CONDITIONS}", name="condition_known"),
        CheckConstraint(
            "(exchange_type = 'temporary') = (lent_from IS NOT NULL)"
            " AND (lent_from IS NULL) = (lent_until IS NULL)",
            name="lent_exactly_when_temporary",
        ),
        CheckConstraint("lent_from < lent_until", name="lent_for_some_time"),
        Index("ix_exchange_items_item_id", "item_id"),
        # By what something was called, what it was worth when it was swapped.
        Index(
            "ix_exchange_items_words",
            text("to_tsvector('english'::regconfig, search_text(name::text))"),
            postgresql_using="gin",
            postgresql_where=text("value IS NOT NULL"),
        ),
        {"comment": "What each proposal is about."},
    )

    id: Mapped[IdentityKey]
    exchange_id: Mapped[int] = mapped_column(BigInteger, comment="The exchange it is part of.")
    version: Mapped[int] = mapped_column(Integer, comment="The number of the proposal.")
    giver: Mapped[str] = mapped_column(Text, comment="Which side gives it.")
    item_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("listing_items.id", ondelete="SET NULL"),
        comment="The thing; empty when it is no longer listed.",
    )
    name: Mapped[str] = mapped_column(String(ITEM_NAME_LENGTH), comment="What it was called.")
    exchange_type: Mapped[str] = mapped_column(
        Text, comment="permanent: swapped for good; temporary: lent on the days named."
    )
    value: Mapped[int | None] = mapped_column(Integer, comment="What its owner thought it was worth.")
    condition: Mapped[str | None] = mapped_column(Text, comment="In which condition it was said to be.")
    lent_from: Mapped[Moment | None] = mapped_column(comment="From when it is lent.")
    lent_until: Mapped[Moment | None] = mapped_column(comment="Until when it is lent.")


# The type of each moment that is bound to a statement of exchanges.
MOMENT = DateTime(timezone=True)
