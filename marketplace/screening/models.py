"""The screened_words table."""

from sqlalchemy import CheckConstraint, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey

OUTCOMES = ("refuse", "hold")
WORDS_LENGTH = 80
NOTE_LENGTH = 200


class ScreenedWord(Base):
    """A word, or several that stand beside each other, that listings are looked through for."""

    __tablename__ = "screened_words"
    __table_args__ = (
        UniqueConstraint("folded"),
        CheckConstraint("char_length(btrim(words)) >= 1", name="words_not_blank"),
        CheckConstraint("char_length(btrim(folded)) >= 1", name="folded_not_blank"),
        CheckConstraint(f"outcome IN {OUTCOMES}", name="outcome_known"),
        CheckConstraint(f"char_length(note) <= {NOTE_LENGTH}", name="note_length"),
        {"comment": "Words that listings are looked through for before they are on show."},
    )

    id: Mapped[IdentityKey]
    words: Mapped[str] = mapped_column(String(WORDS_LENGTH), comment="As an administrator wrote them.")
    folded: Mapped[str] = mapped_column(
        Text, comment="As they are compared: in lower case, without accents, one space between words."
    )
    outcome: Mapped[str] = mapped_column(
        Text, comment="refuse: the listing cannot have them; hold: a moderator looks at it first."
    )
    note: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="Why, for administrators; may be empty."
    )
    created_at: Mapped[CreatedAt]
