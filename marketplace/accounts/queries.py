"""Reads of members."""

from sqlalchemy import func, select

from marketplace.accounts import rules
from marketplace.accounts.models import User
from marketplace.extensions import db


def find_member_by_name(name: str) -> User | None:
    """Return the member with this username, or e-mail address when there is an @ in it, whatever the case."""
    if "@" in name:
        matches = func.lower(User.email) == (rules.standard_address(name) or name).lower()
    else:
        matches = func.lower(User.username) == name.lower()
    return db.session.scalar(select(User).where(matches))
