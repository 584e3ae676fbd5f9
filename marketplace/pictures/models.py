"""The pictures table. The files themselves lie in the media storage, named by `key`."""

from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, IdentityKey

ALT_LENGTH = 200
PICTURES_MAXIMUM = 8


class Picture(Base):
    """One picture of an item, of a message, or of a draft that is still being written.

    It outlives its item, draft and owner, so that the sweep finds the files that are to go.
    """

    __tablename__ = "pictures"
    __table_args__ = (
        UniqueConstraint("item_id", "position", deferrable=True, initially="DEFERRED"),
        CheckConstraint(f"position BETWEEN 1 AND {PICTURES_MAXIMUM}", name="position_range"),
        CheckConstraint("key ~ '^[0-9a-f]{32}$'", name="key_format"),
        CheckConstraint("width > 0 AND height > 0", name="size_positive"),
        Index("ix_pictures_key", "key"),
        Index("ix_pictures_owner_id", "owner_id"),
        Index("ix_pictures_draft_id", "draft_id"),
        Index("ix_pictures_message_id", "message_id", postgresql_where=text("message_id IS NOT NULL")),
        {"comment": "Pictures of items and drafts; the files are in the media storage."},
    )

    id: Mapped[IdentityKey]
    key: Mapped[str] = mapped_column(Text, comment="Names the files; rows with the same picture share it.")
    owner_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("users.id", ondelete="SET NULL"), comment="The member who uploaded it."
    )
    item_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("listing_items.id", ondelete="SET NULL"), comment="The item that it shows."
    )
    draft_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("listing_drafts.id", ondelete="SET NULL"), comment="The draft for which it was uploaded."
    )
    message_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("exchange_messages.id", ondelete="SET NULL"),
        comment="The message with which it was sent.",
    )
    position: Mapped[int] = mapped_column(
        SmallInteger, server_default=text("1"), comment="Its place among the pictures of its item, from 1."
    )
    alt: Mapped[str] = mapped_column(
        String(ALT_LENGTH),
        server_default=text("''"),
        comment="What it shows, for those who cannot see it.",
    )
    width: Mapped[int] = mapped_column(Integer, comment="In pixels, upright, as it was uploaded.")
    height: Mapped[int] = mapped_column(Integer, comment="In pixels, upright, as it was uploaded.")
    created_at: Mapped[CreatedAt]
