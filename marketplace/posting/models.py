"""The listing_drafts table: forms as far as they were filled in."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, CreatedAt, UpdatedAt

FORM_LENGTH = 200_000


class ListingDraft(Base):
    """A form for a listing as far as it was filled in, right or wrong.

    Its id cannot be guessed: whoever typed into a form after the session had ended gets back to it by
    the id alone, and it becomes the draft of the first member who saves it.
    """

    __tablename__ = "listing_drafts"
    __table_args__ = (
        CheckConstraint("jsonb_typeof(form) = 'object'", name="form_is_object"),
        CheckConstraint(f"octet_length(form::text) <= {FORM_LENGTH}", name="form_length"),
        Index("ix_listing_drafts_owner_id", "owner_id", text("updated_at DESC")),
        Index("ix_listing_drafts_listing_id", "listing_id"),
        Index("ix_listing_drafts_updated_at", "updated_at"),
        {
            "comment": "Forms for listings as far as they were filled in.",
            "info": {"comes_and_goes": True},
        },
    )

    id: Mapped[UUID] = mapped_column(
        server_default=text("gen_random_uuid()"), primary_key=True, comment="Random; given by the database."
    )
    owner_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("users.id", ondelete="CASCADE"),
        comment="Empty while nobody is signed in who could own it.",
    )
    listing_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("listings.id", ondelete="CASCADE"),
        comment="The published listing that it changes; empty for a new one.",
    )
    form: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), comment="The form's fields by name, as they were typed."
    )
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[UpdatedAt]
