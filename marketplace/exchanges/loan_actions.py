"""Writes of loans: to keep something for longer, and that it is back."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, literal, update

from marketplace import clock
from marketplace.database.violations import RuleBroken, flushed
from marketplace.exchanges import course_queries
from marketplace.exchanges.actions import ChangedError, lock_items
from marketplace.exchanges.course_models import ExchangeHold
from marketplace.exchanges.course_queries import Lent
from marketplace.exchanges.handing_actions import Note
from marketplace.exchanges.models import MOMENT, Exchange
from marketplace.exchanges.moving import NotPossibleError, lock_exchange, move
from marketplace.exchanges.rules import REMIND_AFTER, possible
from marketplace.exchanges.telling import member_of
from marketplace.exchanges.timetable import reminder_after, reminders_of_loan
from marketplace.extensions import db
from marketplace.members import clocks


class WaitedForError(Exception):
    """Somebody else has an open proposal about the thing."""


class TakenError(Exception):
    """The thing is promised to somebody else for a part of the time."""


def ask_longer(exchange_id: int, side: str, loan_id: int, until: datetime) -> Exchange:
    """Ask for one's side to keep a lent thing until that moment.

    Raises NotPossibleError, WaitedForError and TakenError.
    """
    lent = _get_lent(lock_exchange(exchange_id), loan_id)
    if side != lent.borrower:
        raise NotPossibleError
    _refuse_longer(lent, until)
    exchange = move(exchange_id, "ask_longer", side)
    lent.loan.asked_until = until
    db.session.flush()
    return exchange


def lend_longer(exchange_id: int, side: str, loan_id: int, until: datetime) -> Exchange:
    """Let the other side keep a thing for as long as they ask, which the page showed as `until`.

    Raises ChangedError, NotPossibleError, WaitedForError and TakenError.
    """
    exchange = lock_exchange(exchange_id)
    lent = _get_lent(exchange, loan_id)
    if side != lent.lender or lent.loan.asked_until is None:
        raise NotPossibleError
    if lent.loan.asked_until != until:
        raise ChangedError
    # Whoever proposes something about the thing waits for this, and this for them.
    lock_items([lent.item_id] if lent.item_id is not None else [])
    lent = _get_lent(exchange, loan_id)
    _refuse_longer(lent, until)
    try:
        with flushed():
            _hold_until(exchange_id, lent.item_id, until)
    except RuleBroken as broken:
        raise TakenError from broken
    move(exchange_id, "lend_longer", side)
    loan, zone = lent.loan, clocks.zone_of(member_of(exchange, lent.lender))
    loan.due_at, loan.asked_until = until, None
    loan.renewals += 1
    loan.remind_at = reminder_after([moment for moment, *_ in reminders_of_loan(until, zone)], clock.now())
    db.session.flush()
    return exchange


def confirm_return(exchange_id: int, side: str, loan_id: int, note: Note) -> Exchange:
    """Say for one side that a lent thing is back; what the other side noted before stays.

    With the last of all that was lent the swap is completed. Raises NotPossibleError.
    """
    exchange, now = lock_exchange(exchange_id), clock.now()
    loans = course_queries.loans_of(exchange_id, now)
    lent = next((each for each in loans if each.loan.id == loan_id), None)
    if lent is None or lent.is_confirmed_by(side) or "give_back" not in possible(exchange, side, now):
        raise NotPossibleError
    loan = lent.loan
    loan.condition_after = loan.condition_after or note.condition
    loan.picture_after_id = loan.picture_after_id or note.picture_id
    loan.asked_until = loan.remind_at = None
    if side == lent.lender:
        loan.lender_returned_at = now
    else:
        loan.borrower_returned_at = now
    is_all_back = all(each.is_confirmed_by("proposer") and each.is_confirmed_by("receiver") for each in loans)
    if is_all_back:
        return move(exchange_id, "take_back", side)
    return move(exchange_id, "give_back", side, remind_at=now + REMIND_AFTER[0])


def _get_lent(exchange: Exchange, loan_id: int) -> Lent:
    """Return a loan of the locked exchange that is under way. Raises NotPossibleError."""
    found = course_queries.loans_of(exchange.id, clock.now())
    lent = next((each for each in found if each.loan.id == loan_id), None)
    if lent is None or lent.is_said_to_be_back or exchange.state != "lent":
        raise NotPossibleError
    return lent


def _refuse_longer(lent: Lent, until: datetime) -> None:
    if until <= lent.loan.due_at or until <= clock.now():
        raise NotPossibleError
    if lent.is_waited_for:
        raise WaitedForError
    if lent.promised_from is not None and lent.promised_from < until:
        raise TakenError


def _hold_until(exchange_id: int, item_id: int | None, until: datetime) -> None:
    """Promise the thing for as long; the database lets no two promises overlap."""
    statement: Any = (
        update(ExchangeHold)
        .where(
            ExchangeHold.exchange_id == exchange_id,
            ExchangeHold.item_id == item_id,
            ExchangeHold.released_at.is_(None),
        )
        .values(during=func.tstzrange(func.lower(ExchangeHold.during), literal(until, MOMENT)))
    )
    db.session.execute(statement, execution_options={"synchronize_session": False})
