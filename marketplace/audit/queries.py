"""Reads of the audit log, newest first."""

from sqlalchemy import select
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.audit.models import AuditEntry
from marketplace.extensions import db
from marketplace.listings.paging import Part, Place, part_of

PAGE_SIZE = 50

_actor, _member = aliased(User), aliased(User)
_LOG = (
    select(
        AuditEntry.id,
        AuditEntry.created_at,
        AuditEntry.actor_id,
        AuditEntry.action,
        AuditEntry.object_kind,
        AuditEntry.object_id,
        AuditEntry.member_id,
        AuditEntry.reason,
        AuditEntry.before,
        # A name may change and go; what was recorded is the id.
        _actor.username.label("actor"),
        _member.username.label("member"),
    )
    .outerjoin(_actor, _actor.id == AuditEntry.actor_id)
    .outerjoin(_member, _member.id == AuditEntry.member_id)
    .limit(PAGE_SIZE + 1)
)


def page_of_log(place: Place) -> Part:
    """Return the page of the log at `place`, newest first."""
    # The order is that of the ids, which nobody chooses.
    cursor = place.parameters()["id"]
    if place.back:
        statement = _LOG.where(AuditEntry.id > cursor).order_by(AuditEntry.id)
    else:
        statement = _LOG.where(AuditEntry.id < cursor).order_by(AuditEntry.id.desc())
    return part_of(db.session.execute(statement).all(), PAGE_SIZE, place)
