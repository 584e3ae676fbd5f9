"""Writes to members."""

import secrets

from sqlalchemy import func

from marketplace.accounts import queries, rules
from marketplace.accounts.browsers import known_browser
from marketplace.accounts.models import User
from marketplace.database.violations import flushed
from marketplace.extensions import db
from marketplace.throttling import rules as limits
from marketplace.throttling.actions import count_attempt, forget_attempts
from marketplace.visitor_address import visitor_network


def register_member(username: str, email: str, password: str) -> User:
    """Make an account and return its member.

    Raises RuleBroken (`uq_users_username_lower`, `uq_users_email_lower`) when another member has the name,
    and (`pk_username_skeletons`) when the name looks like another one, or nobody may have it.
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

    It takes the same time whether or not the account exists. Raises Throttled, before it looks at the
    password, when there were too many attempts.
    """
    member = queries.find_member_by_name(name)
    counted = _count_log_in(rules.standard_name(name), known_browser(member))
    if not rules.password_matches(member.password_hash if member else None, password):
        return None
    if member is None or not member.is_active:
        return None
    for limit, whose in counted:
        forget_attempts(limit, *whose)
    member.last_login_at = func.now()
    return member


def _count_log_in(name: str, browser: str | None) -> list[tuple[limits.Limit, tuple[str, ...]]]:
    """Count an attempt to log in; return what is to be forgotten of it when it succeeds.

    Attempts are counted by what was typed and not by member: else the waits would tell which address of
    mail belongs to which name. An unknown name waits like a known one.
    """
    if browser is not None:
        count_attempt(limits.LOG_IN_AGAIN, browser)
        return [(limits.LOG_IN_AGAIN, (browser,))]
    network = visitor_network()
    # In this order: who is stopped by the first takes nothing of the others' share.
    count_attempt(limits.LOG_IN_FROM_ADDRESS, network)
    count_attempt(limits.LOG_IN_AS_FROM_ADDRESS, name, network)
    count_attempt(limits.LOG_IN_AS, name)
    return [(limits.LOG_IN_AS_FROM_ADDRESS, (name, network)), (limits.LOG_IN_AS, (name,))]
