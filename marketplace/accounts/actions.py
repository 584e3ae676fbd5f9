"""Writes to members."""

import secrets

from sqlalchemy import func

from marketplace.accounts import queries, rules
from marketplace.accounts.browsers import known_browser
from marketplace.accounts.models import User
from marketplace.database.request_transaction import keep_if_refused
from marketplace.database.violations import flushed
from marketplace.extensions import db
from marketplace.mail.actions import write_letter
from marketplace.throttling import rules as limits
from marketplace.throttling.actions import Throttled, count_attempt, forget_attempts
from marketplace.visitor_address import visitor_network


def register_member(username: str, email: str, password: str) -> User:
    """Make an account and return its member.

    Raises RuleBroken when another member has the name (`uq_users_username_lower`) or the address
    (`uq_users_email_lower`), when the name looks like another one (`pk_username_skeletons`), and when it
    stands for the site itself (`ck_users_username_not_reserved`).
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
    browser = known_browser(member)
    counted = _count_log_in(rules.standard_name(name), browser)
    if not rules.password_matches(member.password_hash if member else None, password):
        if member is not None and member.is_active and not browser and counted >= limits.WORTH_A_LETTER:
            _tell_of_attempts(member, counted)
        return None
    if member is None or not member.is_active:
        return None
    _forget_log_ins(rules.standard_name(name), browser)
    member.last_login_at = func.now()
    return member


def _count_log_in(name: str, browser: str | None) -> int:
    """Count an attempt to log in; return how many there were by this name, or in this known browser.

    They are counted by what was typed and not by member: else the waits would tell which address of mail
    belongs to which name. An unknown name waits like a known one.
    """
    if browser is not None:
        return count_attempt(limits.LOG_IN_AGAIN, browser)
    network = visitor_network()
    # In this order: who is stopped by one of them takes nothing of what the next ones leave to others.
    count_attempt(limits.LOG_IN_FROM_ADDRESS, network)
    count_attempt(limits.LOG_IN_AS_FROM_ADDRESS, name, network)
    return count_attempt(limits.LOG_IN_AS, name)


def _forget_log_ins(name: str, browser: str | None) -> None:
    """Forget the attempts that led to a right password. Those of the address may have been at other names."""
    if browser is not None:
        forget_attempts(limits.LOG_IN_AGAIN, browser)
    else:
        forget_attempts(limits.LOG_IN_AS_FROM_ADDRESS, name, visitor_network())
        forget_attempts(limits.LOG_IN_AS, name)


def _tell_of_attempts(member: User, attempts: int) -> None:
    """Write to the member, unless that was done within a day."""
    try:
        count_attempt(limits.LETTER_OF_LOG_INS, member.id)
    except Throttled:
        return
    write_letter("attempts_to_log_in", member.email, member.id, username=member.username, attempts=attempts)
    keep_if_refused()
