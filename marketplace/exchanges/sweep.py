"""What the site does by itself when it is time: it ends what is over, and reminds.

Each step claims one exchange, with its members first, as everybody else does, and skips what others are at:
it can run beside itself. What is done is noted in the same transaction, so nobody is told twice; and who was
away for long does only what still makes sense.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.exchanges import course_queries
from marketplace.exchanges.conditions import HAS_LAPSED
from marketplace.exchanges.course_models import ExchangeLoan
from marketplace.exchanges.models import SIDES, Exchange, ExchangeItem
from marketplace.exchanges.moving import move
from marketplace.exchanges.rules import HALF_SAID_LASTS, OTHER_SIDE, SILENCE_LASTS
from marketplace.exchanges.telling import member_of, tell_sides
from marketplace.exchanges.timetable import (
    reminder_after,
    reminders_of_loan,
    reminders_to_confirm,
)
from marketplace.extensions import db
from marketplace.members import clocks

# So many are looked at until one is found that nobody else is at.
LOOKED_AT = 20

_LAPSED = select(Exchange.id).where(HAS_LAPSED).order_by(Exchange.open_until, Exchange.id)


def step() -> int:
    """Do one thing that is due, in the transaction of the caller; 0 when there is none."""
    return int(any(act(clock.now()) for act in (_lapse, _close, _remind_to_confirm, _remind_of_loan)))


def _lapse(now: datetime) -> bool:
    exchange = _claim(_LAPSED, now)
    if exchange is None:
        return False
    move(exchange.id, "lapse", "time")
    return True


def _close(now: datetime) -> bool:
    """Close what is accepted and silent for too long; a loan that is yet to begin waits for its day."""
    long_ago = now - SILENCE_LASTS
    begins_later = exists().where(
        ExchangeItem.exchange_id == Exchange.id,
        ExchangeItem.version == Exchange.version,
        ExchangeItem.lent_from > long_ago,
    )
    silent = (
        select(Exchange.id)
        .where(
            Exchange.desk == "under_way",
            Exchange.state == "accepted",
            Exchange.updated_at <= long_ago,
            func.coalesce(Exchange.handover_at, Exchange.updated_at) <= long_ago,
            Exchange.proposer_handed_at.is_(None),
            Exchange.receiver_handed_at.is_(None),
            ~begins_later,
        )
        .order_by(Exchange.updated_at, Exchange.id)
    )
    exchange = _claim(silent, now)
    if exchange is None:
        return False
    move(exchange.id, "close", "time")
    return True


def _remind_to_confirm(now: datetime) -> bool:
    """Remind the side that has not confirmed what the other one said; close it in the end."""
    due = select(Exchange.id).where(Exchange.remind_at <= now).order_by(Exchange.remind_at, Exchange.id)
    exchange = _claim(due, now)
    if exchange is None:
        return False
    said = _half_said(exchange, now)
    if said is None:
        exchange.remind_at = None
    elif said.ending is not None and now >= said.at + HALF_SAID_LASTS:
        move(exchange.id, said.ending, "time")
    else:
        moments = reminders_to_confirm(said.at)
        number = sum(moment <= now for moment in moments)
        once = f"swap {exchange.id} {said.reminder} {said.at.isoformat()} {number}"
        by_id = member_of(exchange, said.side)
        tell_sides(exchange, (OTHER_SIDE[said.side],), said.reminder, once, now, by_id=by_id)
        last = [] if said.ending is None else [said.at + HALF_SAID_LASTS]
        exchange.remind_at = reminder_after([*moments, *last], now)
    db.session.flush()
    return True


@dataclass(frozen=True)
class HalfSaid:
    """What one side alone has said, and when; how the other one is reminded, and how it ends if they never
    answer: None while something else is still to come.
    """

    side: str
    at: datetime
    reminder: str
    ending: str | None


def _half_said(exchange: Exchange, now: datetime) -> HalfSaid | None:
    """Return what was half said last."""
    if exchange.state == "accepted":
        for side in SIDES:
            said_at = getattr(exchange, f"{side}_handed_at")
            if said_at is not None:
                return HalfSaid(side, said_at, "confirm", "close")
    if exchange.state == "lent":
        loans = course_queries.loans_of(exchange.id, now)
        if last := course_queries.last_half_said(loans):
            said_at, side = last
            ending = "close_loan" if all(lent.is_said_to_be_back for lent in loans) else None
            return HalfSaid(side, said_at, "confirm_back", ending)
    return None


def _remind_of_loan(now: datetime) -> bool:
    """Remind who has a lent thing that it is due, and tell its owner, too, when it is late."""
    due = (
        select(ExchangeLoan.exchange_id)
        .where(ExchangeLoan.remind_at <= now)
        .order_by(ExchangeLoan.remind_at, ExchangeLoan.id)
    )
    exchange = _claim(due, now)
    if exchange is None:
        return False
    for lent in course_queries.loans_of(exchange.id, now):
        if lent.loan.remind_at is None or lent.loan.remind_at > now:
            continue
        if exchange.state != "lent" or lent.is_said_to_be_back:
            lent.loan.remind_at = None
            continue
        reminders = reminders_of_loan(lent.loan.due_at, clocks.zone_of(member_of(exchange, lent.lender)))
        # Of those that were missed, the last one says all that still matters.
        _, kind, late = [each for each in reminders if each[0] <= now][-1]
        tell_sides(
            exchange,
            SIDES if late else (lent.borrower,),
            kind,
            f"swap loan {lent.loan.id} {lent.loan.due_at.isoformat()} {kind} {late}",
            now,
            days=f"{late} day{'' if late == 1 else 's'}",
        )
        lent.loan.remind_at = reminder_after([moment for moment, *_ in reminders], now)
    db.session.flush()
    return True


def _claim(which: Select[Any], now: datetime) -> Exchange | None:
    """Lock one of these exchanges of which nobody else has a part, and return it; None when there is none."""
    found = db.session.scalars(which.limit(LOOKED_AT), {"now": now}).all()
    for exchange_id in found:
        members = select(Exchange.proposer_id, Exchange.receiver_id).where(Exchange.id == exchange_id)
        ids = [each for each in db.session.execute(members).one() if each is not None]
        kept = select(User.id).where(User.id.in_(ids)).order_by(User.id)
        got = db.session.scalars(kept.with_for_update(key_share=True, read=True, skip_locked=True)).all()
        if len(got) < len(ids):
            continue
        claim = select(Exchange).where(Exchange.id == exchange_id).with_for_update(skip_locked=True)
        exchange: Exchange | None = db.session.scalar(claim, execution_options={"populate_existing": True})
        # By a statement of its own, which sees what others did to it until this one had it.
        still = which.where(which.selected_columns[0] == exchange_id).limit(1)
        if exchange is not None and db.session.scalar(still, {"now": now}) is not None:
            return exchange
    return None
