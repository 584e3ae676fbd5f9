"""The throttles table."""

from sqlalchemy import CheckConstraint, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, Moment


class Throttle(Base):
    """How often one thing was tried by one visitor, or on one account.

    The table is UNLOGGED: a count is not worth waiting for the disk, and a crash of the server may forget it.
    """

    __tablename__ = "throttles"
    __table_args__ = (
        CheckConstraint("octet_length(key) = 16", name="key_length"),
        CheckConstraint("attempts > 0", name="attempts_positive"),
        {
            "comment": "How often what is limited was tried. A crash of the server empties it.",
            "prefixes": ["UNLOGGED"],
            "info": {"comes_and_goes": True},
        },
    )

    purpose: Mapped[str] = mapped_column(Text, primary_key=True, comment="The name of the limit.")
    key: Mapped[bytes] = mapped_column(
        LargeBinary, primary_key=True, comment="Whose attempts these are, as a keyed hash."
    )
    attempts: Mapped[int] = mapped_column(Integer, comment="How many were let through.")
    blocked_until: Mapped[Moment | None] = mapped_column(
        comment="Until then no further one is let through; empty while they are free."
    )
    forgotten_at: Mapped[Moment] = mapped_column(comment="From then on the row means nothing.")
