"""The blocks table."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt


class Block(Base):
    """A member who has blocked another one. It keeps both from each other's things."""

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint("member_id <> blocked_id", name="not_oneself"),
        Index("ix_blocks_blocked_id", "blocked_id", "member_id"),
        {"comment": "Who has blocked whom."},
    )

    member_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="Who has blocked.",
    )
    blocked_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        comment="Who is blocked.",
    )
    created_at: Mapped[CreatedAt]
