"""Reads of members."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from marketplace.accounts import rules, tokens
from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.own_data.parts import MEMBER_ID

# Without the hash of the password, which is of use only to those who would guess it.
OWN_ACCOUNT = select(
    User.id,
    User.username,
    User.email,
    User.email_verified_at,
    User.role,
    User.created_at,
    User.updated_at,
    User.last_login_at,
    User.suspended_until,
).where(User.id == MEMBER_ID)


def find_member_by_name(name: str) -> User | None:
    """Return the member with this username, whatever the case.

    When there is an @ in it, it is an address, and the member is the one who has proved to own it.
    """
    if "@" in name:
        return find_owner_of(name)
    return db.session.scalar(select(User).where(func.lower(User.username) == rules.standard_name(name)))


def find_owner_of(address: str) -> User | None:
    """Return the member who has proved to own this address, whatever the case."""
    return db.session.scalar(select(User).where(_has_address(address), User.email_verified_at.is_not(None)))


def find_member_to_write_to(address: str) -> User | None:
    """Return the active member who owns this address or, when nobody does, the last one who named it."""
    last_proved_first = (User.email_verified_at.is_(None), User.id.desc())
    return db.session.scalar(
        select(User).where(_has_address(address), User.is_active).order_by(*last_proved_first).limit(1)
    )


def find_member_by_token(purpose: str, text: str, for_update: bool = False) -> User | None:
    """Return the active member for whom a token for `purpose` still holds, or None.

    With `for_update`, nobody else changes the member until this request has ended, nor uses the token.
    """
    token = tokens.read_token(purpose, text)
    if token is None:
        return None
    statement = select(User).where(User.id == token.member_id, User.is_active)
    if for_update:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    member = db.session.scalar(statement)
    return member if member is not None and token.fits(member) else None


def members_with_roles() -> Sequence[Any]:
    """Return username and role of all who are more than members, administrators first."""
    statement = select(User.username, User.role).where(User.role != "member")
    return db.session.execute(statement.order_by(User.role, func.lower(User.username))).all()


def _has_address(address: str) -> ColumnElement[bool]:
    return func.lower(User.email) == rules.standard_name(address)
