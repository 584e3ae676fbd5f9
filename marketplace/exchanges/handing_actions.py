"""Writes of the hand-over: where and when, that it happened, and that it comes to nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from marketplace import clock
from marketplace.exchanges import course_queries
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.moving import lock_exchange, move
from marketplace.exchanges.rules import OTHER_SIDE, REMIND_AFTER
from marketplace.exchanges.telling import member_of
from marketplace.exchanges.timetable import reminder_after, reminders_of_loan
from marketplace.extensions import db
from marketplace.members import clocks


@dataclass(frozen=True)
class Note:
    """In which condition a lent thing is, and a picture of it then."""

    condition: str | None
    picture_id: int | None = None


def arrange(exchange_id: int, side: str, place: str, at: datetime) -> Exchange:
    """Say where and when the things change hands. Raises NotPossibleError."""
    return move(exchange_id, "arrange", side, handover_place=place, handover_at=at)


def cancel(exchange_id: int, side: str, reason: str) -> Exchange:
    """Call the swap off, with a reason or without. Raises NotPossibleError."""
    return move(exchange_id, "cancel", side, reason=reason)


def confirm(exchange_id: int, side: str, notes: Mapping[int, Note]) -> Exchange:
    """Say for one side that all was given and got; `notes` are about the lent things, by their loans' ids.

    What the other side noted before stays. Raises NotPossibleError.
    """
    exchange, now = lock_exchange(exchange_id), clock.now()
    loans = course_queries.loans_of(exchange_id, now)
    is_first = getattr(exchange, f"{OTHER_SIDE[side]}_handed_at") is None
    name = "hand" if is_first else "lend" if loans else "complete"
    move(exchange_id, name, side, remind_at=now + REMIND_AFTER[0] if is_first else None)
    for lent in loans:
        loan, note = lent.loan, notes.get(lent.loan.id, Note(None))
        if side == lent.lender:
            loan.lender_handed_at = now
        else:
            loan.borrower_handed_at = now
        loan.condition_before = loan.condition_before or note.condition
        loan.picture_before_id = loan.picture_before_id or note.picture_id
        if name == "lend":
            zone = clocks.zone_of(member_of(exchange, lent.lender))
            moments = [moment for moment, *_ in reminders_of_loan(loan.due_at, zone)]
            loan.remind_at = reminder_after(moments, now)
    db.session.flush()
    return exchange
