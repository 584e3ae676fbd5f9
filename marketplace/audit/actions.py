"""Writes to the audit log: entries are added, and never changed."""

from typing import Any

from sqlalchemy import insert

from marketplace.audit.models import AuditEntry
from marketplace.extensions import db


def record(
    actor_id: int | None,
    action: str,
    object_kind: str,
    object_id: int,
    *,
    member_id: int | None = None,
    reason: str = "",
    before: dict[str, Any] | None = None,
) -> None:
    """Note in this transaction what was done, by whom (None: by the operator), to what, and why.

    `member_id` is the member whom it concerns, and `before` what it changes, as it was.
    """
    db.session.execute(
        insert(AuditEntry).values(
            actor_id=actor_id,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            member_id=member_id,
            reason=reason,
            before=before or {},
        )
    )
