"""Reads of devices. Whether one is signed in is decided by the database's clock, in each query anew."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Double,
    Text,
    and_,
    bindparam,
    case,
    column,
    func,
    select,
    text,
    true,
)

from marketplace.accounts.models import User
from marketplace.blocks.queries import KEEPS_APART
from marketplace.database.versions import STATEMENT, note_version
from marketplace.devices.models import Device
from marketplace.devices.rules import BRIEF, CONFIRMED_FOR, REMEMBERED, SEEN_EVERY, hash_of
from marketplace.extensions import db
from marketplace.notifications.queries import UNREAD
from marketplace.own_data.parts import MEMBER_ID


def _within(moment: Any, limit: str) -> ColumnElement[bool]:
    """Say that `moment` lies within a limit of the device's kind."""
    allowed = case((Device.remembered, getattr(REMEMBERED, limit)), else_=getattr(BRIEF, limit))
    return moment > func.now() - allowed


_NOT_ENDED = and_(
    Device.ended_at.is_(None),
    Device.session_epoch == User.session_epoch,
    User.is_active,
    _within(Device.created_at, "absolute"),
)
OWN_DEVICES = (
    select(Device.browser, Device.remembered, Device.created_at, Device.seen_at, Device.ended_at)
    .where(Device.member_id == MEMBER_ID)
    .order_by(Device.id)
)
_BEHIND = (
    select(
        User,
        Device.id.label("device_id"),
        Device.remembered,
        (Device.confirmed_at > func.now() - CONFIRMED_FOR).label("is_confirmed"),
        (Device.seen_at <= func.now() - SEEN_EVERY).label("is_stale"),
        KEEPS_APART.label("keeps_apart"),
        UNREAD.label("unread"),
    )
    .join(Device, Device.member_id == User.id)
    .where(
        Device.secret_hash == bindparam("secret_hash"),
        _NOT_ENDED,
        # The cookie, which is signed, says when it was last used to read.
        _within(func.greatest(Device.seen_at, func.to_timestamp(bindparam("used_at"))), "idle"),
    )
)
_VERSION = text(STATEMENT).columns(column("content", Text), column("now", Double)).subquery("version")
_BEHIND_AND_VERSION = _BEHIND.add_columns(*_VERSION.c).join(_VERSION, true())
_DEVICES = (
    select(Device)
    .join(User, User.id == Device.member_id)
    .where(Device.member_id == bindparam("member_id"), _NOT_ENDED)
    .order_by(Device.seen_at.desc(), Device.id.desc())
)


@dataclass(frozen=True)
class Behind:
    """Who is behind a session: the member and the device, and what has to be known of that."""

    member: User
    device_id: int
    is_remembered: bool
    is_confirmed: bool
    is_stale: bool


def find_behind(secret: str, used_at: float, *, and_version: bool = False) -> Behind | None:
    """Return who is signed in on the device with this secret, which was last used to read at `used_at`.

    None when nobody is: it was signed out, its time is over, or all of the member's sessions were ended.
    With `and_version` the request begins with the version that is read by the same statement.
    """
    statement = _BEHIND_AND_VERSION if and_version else _BEHIND
    row = db.session.execute(statement, {"secret_hash": hash_of(secret), "used_at": used_at}).first()
    if row is None:
        return None
    if and_version:
        note_version(row.content, row.now)
    row.User.keeps_apart, row.User.unread = row.keeps_apart, row.unread
    return Behind(row.User, row.device_id, row.remembered, row.is_confirmed, row.is_stale)


def devices_of(member_id: int) -> list[Device]:
    """Return the devices that the member has not signed out, the last one used first."""
    return list(db.session.scalars(_DEVICES, {"member_id": member_id}))


def get_device(device_id: int) -> Device:
    """Return the device, or end in 404."""
    return db.get_or_404(Device, device_id)
