"""Writes to members."""

import secrets

from sqlalchemy import func

from marketplace.accounts import queries, rules
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.database.violations import flushed
from marketplace.extensions import db


def register_member(username: str, email: str, password: str) -> User:
    """Make an account and return its member.

    Raises RuleBroken (`uq_users_username_lower`, `uq_users_email_lower`) when another member has the name.
    """
    address = rules.standard_address(email) or email
    member = User(
        username=username,
        email=address,
        password_hash=rules.hash_password(password),
        # After a restored backup ids are given out again: an old session must not fit the new member.
        session_epoch=secrets.randbelow(2**30),
    )
    with flushed():
        db.session.add(member)
    return member


def check_credentials(name: str, password: str) -> User | None:
    """Return the active member with this name and password, and note the time; None for everyone else.

    It takes the same time whether or not the account exists.
    """
    member = queries.find_member_by_name(name)
    if not rules.password_matches(member.password_hash if member else None, password):
        return None
    if member is None or not member.is_active:
        return None
    member.last_login_at = func.now()
    return member


def grant_role(member: User, role: str) -> None:
    """Give the member one of ROLES, as the operator. What a former role allowed ends at once."""
    record(None, "grant", "member", member.id, member_id=member.id, before={"role": member.role})
    member.role = role
    db.session.flush()
