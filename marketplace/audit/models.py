"""The audit_log table. It has no foreign keys: what is recorded stays when those it names are gone."""

from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.database.base import Base, IdentityKey, Moment


class AuditEntry(Base):
    """One thing that somebody did by virtue of a role."""

    __tablename__ = "audit_log"
    __table_args__ = (
        CheckConstraint("char_length(btrim(action)) >= 1", name="action_not_blank"),
        Index("ix_audit_log_object", "object_kind", "object_id", text("id DESC")),
        {"comment": "What was done by virtue of a role. A trigger refuses to change or delete it."},
    )

    id: Mapped[IdentityKey]
    created_at: Mapped[Moment] = mapped_column(
        server_default=func.clock_timestamp(), comment="When it was done."
    )
    actor_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="The id of the member who did it; empty: the operator, by a command."
    )
    action: Mapped[str] = mapped_column(Text, comment="What was done, such as hide or grant.")
    object_kind: Mapped[str] = mapped_column(Text, comment="To what: listing, item, picture or member.")
    object_id: Mapped[int] = mapped_column(BigInteger, comment="Its id, also when it is gone.")
    member_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="The id of the member whom it concerned, also when they are gone."
    )
    reason: Mapped[str] = mapped_column(
        Text, server_default=text("''"), comment="Why, in the words of who did it."
    )
    before: Mapped[dict[str, Any]] = mapped_column(
        JSONB, server_default=text("'{}'"), comment="How it was before, as far as it was changed."
    )
