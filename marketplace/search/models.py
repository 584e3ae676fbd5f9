"""What listings are found by. Triggers keep these tables; the application only reads them."""

from datetime import datetime

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, Moment


class SearchEntry(Base):
    """A listing that can be found, with all that it is found by.

    `document` holds the listing's words (title A, names of items B, names of categories C, descriptions D)
    and, as lexemes that no word can be, its facets: see `facets.py`.
    """

    __tablename__ = "search_entries"
    __table_args__ = (
        Index("ix_search_entries_newest", text("created_at DESC"), text("listing_id DESC")),
        Index(
            "ix_search_entries_category_newest",
            "category_id",
            text("created_at DESC"),
            text("listing_id DESC"),
        ),
        Index("ix_search_entries_value", "value", "listing_id"),
        Index("ix_search_entries_expires_at", "expires_at", "category_id"),
        Index("ix_search_entries_document", "document", postgresql_using="gin"),
        # Of the few whose owners are, or were, suspended.
        Index(
            "ix_search_entries_shown_from",
            "shown_from",
            postgresql_where=text("shown_from > '-infinity'"),
        ),
        {
            "comment": "The listings that can be found, and what they are found by. Kept by triggers.",
            "info": {"comes_and_goes": True},
        },
    )

    listing_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("listings.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="The listing, whose status is active and which is not hidden.",
    )
    owner_id: Mapped[int] = mapped_column(BigInteger, comment="The listing's owner.")
    category_id: Mapped[int] = mapped_column(BigInteger, comment="The listing's category.")
    created_at: Mapped[Moment] = mapped_column(comment="When the listing was posted.")
    expires_at: Mapped[datetime] = mapped_column(
        DateTime(timezone=True),
        server_default=text("'infinity'"),
        comment="Not to be shown from then on, swept or not.",
    )
    value: Mapped[int | None] = mapped_column(
        BigInteger, comment="The sum of the values of all things offered; empty when none has a value."
    )
    document: Mapped[str] = mapped_column(TSVECTOR, comment="Words and facets of the listing.")
    shown_from: Mapped[datetime] = mapped_column(
        DateTime(timezone=True),
        server_default=text("'-infinity'"),
        comment="Not to be shown before then: its owner is suspended, or is leaving: infinity.",
    )


class CategoryCount(Base):
    """How many search entries lie right in a category: the sum over all its slots."""

    __tablename__ = "category_counts"
    __table_args__ = (
        {
            "comment": "How many search entries each category has, in parts. Kept by triggers.",
            "info": {"comes_and_goes": True},
        },
    )

    category_id: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, comment="The category."
    )
    slot: Mapped[int] = mapped_column(
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="Of which server process this is the part: writers never wait for each other. 0: folded.",
    )
    entries: Mapped[int] = mapped_column(BigInteger, comment="The part of the count; may be negative.")


class SearchWord(Base):
    """A word that listings use, for "did you mean"."""

    __tablename__ = "search_words"
    __table_args__ = (
        Index("ix_search_words_fragments", "fragments", postgresql_using="gin"),
        {
            "comment": "The words of titles and items, from which misspelt ones are corrected.",
            "info": {"comes_and_goes": True},
        },
    )

    word: Mapped[str] = mapped_column(Text, primary_key=True, comment="In lower case, without accents.")
    uses: Mapped[int] = mapped_column(Integer, comment="In how many listings it occurs.")
    fragments: Mapped[list[str]] = mapped_column(
        ARRAY(Text), comment="The word, and the word without each one of its letters."
    )
