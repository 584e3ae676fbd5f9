"""The listings and listing_items tables."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.accounts.models import User
from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment, UpdatedAt

TITLE_LENGTH = 120
TITLE_MINIMUM = 3
DESCRIPTION_LENGTH = 5000
ITEM_NAME_LENGTH = 120
ITEM_DESCRIPTION_LENGTH = 2000
DURATION_MAXIMUM = 365
VALUE_MAXIMUM = 1_000_000_000
AREA_LENGTH = 80
# For how many days a listing can be shown; None stands for no end.
LIFETIMES = (30, 60, 90)
CONDITIONS = ("new", "like_new", "good", "worn", "broken")


class Listing(Base):
    """What one member puts up at one time: items offered, and things wanted in return."""

    __tablename__ = "listings"
    __table_args__ = (
        UniqueConstraint("id", "owner_id"),
        CheckConstraint(f"char_length(btrim(title)) >= {TITLE_MINIMUM}", name="title_length"),
        CheckConstraint(f"char_length(description) <= {DESCRIPTION_LENGTH}", name="description_length"),
        CheckConstraint("status IN ('active', 'expired', 'archived')", name="status_known"),
        CheckConstraint(f"lifetime_days IN {LIFETIMES}", name="lifetime_known"),
        CheckConstraint("(lifetime_days IS NULL) = (expires_at IS NULL)", name="expires_with_lifetime"),
        CheckConstraint("char_length(btrim(area)) >= 1", name="area_not_blank"),
        Index(
            "ix_listings_newest",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("status = 'active'"),
        ),
        Index(
            "ix_listings_category_newest",
            "category_id",
            text("created_at DESC"),
            text("id DESC"),
            postgresql_where=text("status = 'active'"),
        ),
        Index("ix_listings_owner_newest", "owner_id", text("created_at DESC"), text("id DESC")),
        {"comment": "What a member puts up: a set of items offered and wanted."},
    )

    id: Mapped[IdentityKey]
    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), comment="The member who posted it."
    )
    category_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("categories.id", ondelete="RESTRICT"), comment="Where it is found."
    )
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH), comment="A few words by which it is found.")
    description: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="Plain text; may be empty."
    )
    status: Mapped[str] = mapped_column(
        String(10),
        server_default=text("'active'"),
        comment="active: shown until expires_at; expired: was swept after it; archived: kept for its owner.",
    )
    area: Mapped[str | None] = mapped_column(
        String(AREA_LENGTH), comment="Where the things are, as the owner puts it; no address."
    )
    lifetime_days: Mapped[int | None] = mapped_column(
        SmallInteger, comment="For how many days it is shown, and again when renewed; empty: without end."
    )
    expires_at: Mapped[Moment | None] = mapped_column(comment="No longer shown from then on; empty: never.")
    hidden_at: Mapped[Moment | None] = mapped_column(
        comment="When a moderator hid it: only its owner and moderators see it. Empty: not hidden."
    )
    shown_from: Mapped[Moment | None] = mapped_column(
        comment=(
            "Not shown before then: its owner is suspended until then, or is leaving: infinity."
            " Empty: at once."
        )
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    owner: Mapped[User] = relationship(lazy="raise")
    items: Mapped[list["ListingItem"]] = relationship(
        back_populates="listing",
        cascade="all, delete-orphan",
        passive_deletes=True,
        order_by="ListingItem.id",
        lazy="raise",
        foreign_keys="[ListingItem.listing_id, ListingItem.owner_id]",
    )


class ListingItem(Base):
    """One thing that a listing offers or wants."""

    __tablename__ = "listing_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["listing_id", "owner_id"], ["listings.id", "listings.owner_id"], ondelete="CASCADE"
        ),
        CheckConstraint("kind IN ('offer', 'want')", name="kind_known"),
        CheckConstraint("char_length(btrim(name)) >= 1", name="name_not_blank"),
        CheckConstraint(f"char_length(description) <= {ITEM_DESCRIPTION_LENGTH}", name="description_length"),
        CheckConstraint("exchange_type IN ('permanent', 'temporary')", name="exchange_type_known"),
        CheckConstraint(
            "(exchange_type = 'temporary') = (duration_days IS NOT NULL)",
            name="duration_exactly_when_temporary",
        ),
        CheckConstraint(f"duration_days BETWEEN 1 AND {DURATION_MAXIMUM}", name="duration_range"),
        CheckConstraint(f"value BETWEEN 0 AND {VALUE_MAXIMUM}", name="value_range"),
        CheckConstraint(f"condition IN {CONDITIONS}", name="condition_known"),
        Index("ix_listing_items_listing_id_owner_id", "listing_id", "owner_id"),
        Index("ix_listing_items_owner_id", "owner_id"),
        {"comment": "The things that a listing offers or wants."},
    )

    id: Mapped[IdentityKey]
    listing_id: Mapped[int] = mapped_column(BigInteger, comment="The listing it is part of.")
    owner_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        comment="The listing's owner, kept here so that the database can prove who gives an item.",
    )
    kind: Mapped[str] = mapped_column(String(10), comment="offer: to be given; want: looked for in return.")
    name: Mapped[str] = mapped_column(String(ITEM_NAME_LENGTH), comment="What the thing is.")
    description: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="Plain text; may be empty."
    )
    exchange_type: Mapped[str] = mapped_column(
        String(10),
        server_default=text("'permanent'"),
        comment="permanent: swapped for good; temporary: lent for duration_days.",
    )
    duration_days: Mapped[int | None] = mapped_column(
        SmallInteger, comment="Longest loan in days; present exactly when temporary."
    )
    value: Mapped[int | None] = mapped_column(
        Integer, comment="What the owner thinks it is worth, in whole currency units."
    )
    condition: Mapped[str | None] = mapped_column(
        String(10), comment="How worn it is; of a wanted thing the worst that will do. Empty: not said."
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]

    listing: Mapped[Listing] = relationship(
        back_populates="items", lazy="raise", foreign_keys=[listing_id, owner_id]
    )


class RemovedListing(Base):
    """What is known of a listing that was deleted: enough to say so, and to show similar ones."""

    __tablename__ = "removed_listings"
    __table_args__ = ({"comment": "Listings that were deleted. Kept by a trigger."},)

    id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, comment="The id that the listing had."
    )
    category_id: Mapped[int] = mapped_column(BigInteger, comment="The category in which it lay.")
    removed_at: Mapped[Moment] = mapped_column(server_default=func.now(), comment="When it was deleted.")
