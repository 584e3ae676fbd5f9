"""Reads of members."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from marketplace.accounts import rules
from marketplace.accounts.models import User
from marketplace.database.base import MAX_BIGINT
from marketplace.extensions import db


def find_member_by_session(session_name: str) -> User | None:
    """Return the active member whom `User.get_id` gave this name, unless the name has been revoked since."""
    member_id, _, epoch = session_name.partition(".")
    if not (member_id.isdecimal() and epoch.isdecimal()) or int(member_id) > MAX_BIGINT:
        return None
    member = db.session.get(User, int(member_id))
    if member is None or not member.is_active or member.session_epoch != int(epoch):
        return None
    return member


def find_member_by_name(name: str) -> User | None:
    """Return the member with this username, or e-mail address when there is an @ in it, whatever the case."""
    if "@" in name:
        matches = func.lower(User.email) == (rules.standard_address(name) or name).lower()
    else:
        matches = func.lower(User.username) == name.lower()
    return db.session.scalar(select(User).where(matches))


def members_with_roles() -> Sequence[Any]:
    """Return username and role of all who are more than members, administrators first."""
    statement = select(User.username, User.role).where(User.role != "member")
    return db.session.execute(statement.order_by(User.role, func.lower(User.username))).all()
