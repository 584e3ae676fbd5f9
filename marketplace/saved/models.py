"""The watched_listings and saved_searches tables."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey, Moment

SEARCH_NAME_LENGTH = 120
QUERY_LENGTH = 2000


class WatchedListing(Base):
    """A listing that a member wants to come back to."""

    __tablename__ = "watched_listings"
    __table_args__ = (
        Index("ix_watched_listings_listing_id", "listing_id"),
        {"comment": "Listings that members want to come back to."},
    )

    member_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="Who watches.",
    )
    listing_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("listings.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="What is watched.",
    )
    created_at: Mapped[CreatedAt]


class SavedSearch(Base):
    """A search that a member keeps, to see what is new in it."""

    __tablename__ = "saved_searches"
    __table_args__ = (
        UniqueConstraint("owner_id", "query"),
        CheckConstraint("char_length(btrim(name)) >= 1", name="name_not_blank"),
        CheckConstraint(f"octet_length(query) <= {QUERY_LENGTH}", name="query_length"),
        {"comment": "Searches that members keep."},
    )

    id: Mapped[IdentityKey]
    owner_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="CASCADE"), comment="The member who keeps it."
    )
    name: Mapped[str] = mapped_column(String(SEARCH_NAME_LENGTH), comment="What the member calls it.")
    query: Mapped[str] = mapped_column(
        Text, comment="The search as the query string of its address, in its standard form."
    )
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[Moment] = mapped_column(
        server_default=func.now(), comment="When the member last looked: what came later is new."
    )
