"""Writes to members."""

import secrets

from sqlalchemy import func, select

from marketplace.accounts import queries, rules, tokens
from marketplace.accounts.browsers import known_browser
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.database.request_transaction import keep_if_refused
from marketplace.database.violations import RuleBroken, flushed
from marketplace.extensions import db
from marketplace.mail.actions import write_letter
from marketplace.throttling import rules as limits
from marketplace.throttling.actions import Throttled, count_attempt, forget_attempts
from marketplace.visitor_address import visitor_network

# No password has it.
_NO_HASH = "!"
# What a token is bound to when there is nobody.
_NOBODY = {"id": 0, "username": "nobody", "password_hash": _NO_HASH, "session_epoch": 0}


def register_member(username: str, email: str, password: str) -> User:
    """Make an account, write to its address, and return its member.

    It is the same whether or not the address is another member's already: the letter alone says so, and
    nobody can prove to own the address but who reads it.

    Raises RuleBroken when another member has the name (`uq_users_username_lower`), when the name looks like
    another one (`pk_username_skeletons`), and when it stands for the site (`ck_users_username_not_reserved`).
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
    ask_for_proof(member)
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


def ask_for_proof(member: User) -> None:
    """Write to the member's address, so that its reader can prove to own it.

    Raises Throttled when that was asked for too often.
    """
    count_attempt(limits.LETTERS_ASKED_FOR, member.id)
    _write_to_claimed(member, member.email, "verify_address", tokens.VERIFY)


def verify_address(token: str) -> User | None:
    """Note that the member owns the address to which the token was sent, and return the member.

    None when the token does not hold, or another member has proved to own the address meanwhile.
    """
    member = queries.find_member_by_token(tokens.VERIFY, token, for_update=True)
    return member if member is not None and _note_proof(member) else None


def ask_for_reset(address: str) -> None:
    """Write to the member with this address how to choose another password.

    Whether or not there is one, the same is done and takes the same time; only that a letter to nobody is
    taken back before anybody sees it. Raises Throttled when that was asked for too often, of either.
    """
    count_attempt(limits.RESET_FROM_ADDRESS, visitor_network())
    count_attempt(limits.RESET_OF, rules.standard_name(address))
    member = queries.find_member_to_write_to(address)
    reader = member or User(**_NOBODY, email=address)
    with db.session.begin_nested() as letter:
        write_letter(
            "reset_password",
            reader.email,
            member.id if member else None,
            username=reader.username,
            token=tokens.make_token(tokens.RESET, reader),
        )
        if member is None:
            letter.rollback()


def reset_password(token: str, password: str) -> User | None:
    """Give the member to whom the token was sent another password, and return the member.

    All sessions of the member end. The address is proved by it, too. None when the token does not hold.
    """
    member = queries.find_member_by_token(tokens.RESET, token, for_update=True)
    if member is None:
        return None
    if not member.is_verified:
        _note_proof(member)
    _set_password(member, password)
    return member


def is_own_password(member: User, password: str) -> bool:
    """Tell whether `password` is the member's. Raises Throttled when too many others were tried."""
    count_attempt(limits.PRESENT_PASSWORD, member.id)
    if not rules.password_matches(member.password_hash, password):
        return False
    forget_attempts(limits.PRESENT_PASSWORD, member.id)
    return True


def change_password(member: User, present: str, new: str) -> bool:
    """Give the member another password and end all sessions; False when `present` is not the present one.

    Raises Throttled when too many others were tried.
    """
    _lock(member)
    if not is_own_password(member, present):
        return False
    _set_password(member, new)
    return True


def ask_for_address(member: User, password: str, address: str) -> bool:
    """Write to `address` how to make it the member's, and tell the present one about it.

    Nothing changes until then. False when `password` is not the member's. Raises Throttled when too many
    others were tried, or too many letters asked for.
    """
    if not is_own_password(member, password):
        return False
    count_attempt(limits.LETTERS_ASKED_FOR, member.id)
    address = rules.standard_address(address) or address
    _write_to_claimed(member, address, "confirm_address", tokens.CHANGE)
    if member.is_verified:
        write_letter("address_asked", member.email, member.id, username=member.username)
    return True


def change_address(token: str) -> User | None:
    """Give the member the address to which the token was sent, tell both, and end all sessions.

    None when the token does not hold, or another member has proved to own the address meanwhile.
    """
    member = queries.find_member_by_token(tokens.CHANGE, token, for_update=True)
    said = tokens.read_token(tokens.CHANGE, token)
    if member is None or said is None:
        return None
    told = [said.address, member.email] if member.is_verified else [said.address]
    try:
        with flushed():
            member.email = said.address
            member.email_verified_at = func.now()
            member.session_epoch = User.session_epoch + 1
    except RuleBroken:
        return None
    for address in told:
        write_letter("address_changed", address, member.id, username=member.username)
    return member


def _write_to_claimed(member: User, address: str, letter: str, purpose: str) -> None:
    """Write the letter with a token to an address that the member claims.

    When another member has proved to own it, that one is told instead.
    """
    owner = queries.find_owner_of(address)
    if owner is not None and owner.id != member.id:
        write_letter("known_address", owner.email, owner.id, username=owner.username)
        return
    token = tokens.make_token(purpose, member, address if purpose == tokens.CHANGE else "")
    write_letter(letter, address, member.id, username=member.username, token=token)


def _note_proof(member: User) -> bool:
    """Note that the member has proved to own the address; False when another member has."""
    try:
        with flushed():
            member.email_verified_at = func.now()
    except RuleBroken:
        return False
    return True


def _set_password(member: User, password: str) -> None:
    member.password_hash = rules.hash_password(password)
    member.session_epoch = User.session_epoch + 1
    db.session.flush()
    write_letter("password_changed", member.email, member.id, username=member.username)


def _lock(member: User) -> None:
    statement = select(User).where(User.id == member.id).with_for_update()
    db.session.scalar(statement, execution_options={"populate_existing": True})


def grant_role(member: User, role: str) -> None:
    """Give the member one of ROLES, as the operator. What a former role allowed ends at once."""
    record(None, "grant", "member", member.id, member_id=member.id, before={"role": member.role})
    member.role = role
    db.session.flush()
