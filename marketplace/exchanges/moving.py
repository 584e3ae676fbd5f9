"""The one way in which exchanges change their state: `move` and `begin`, which write one event each.

Whoever takes several locks takes them in this order: members, the exchange, items by ascending id, listings.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    delete,
    exists,
    func,
    or_,
    select,
    union_all,
    update,
)

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.exchanges import rules
from marketplace.exchanges.course_models import ExchangeEvent, ExchangeHold, ExchangeLoan
from marketplace.exchanges.models import ENDED, OPEN, SIDES, Exchange, ExchangeItem
from marketplace.exchanges.telling import tell_of
from marketplace.extensions import db
from marketplace.listings.models import Listing, ListingItem


class NotPossibleError(Exception):
    """This cannot be done, or not any more: the exchange is in another state than the page showed."""


def lock_exchange(exchange_id: int) -> Exchange:
    """Return the exchange as it is now, which nobody else changes until this request ends.

    Its members stay that long, too: they are told what happens in it.
    """
    both = (Exchange.proposer_id, Exchange.receiver_id)
    members = union_all(*(select(member).where(Exchange.id == exchange_id) for member in both))
    kept = select(User.id).where(User.id.in_(members)).order_by(User.id)
    db.session.execute(kept.with_for_update(key_share=True, read=True)).all()
    statement = select(Exchange).where(Exchange.id == exchange_id).with_for_update()
    exchange: Exchange = db.session.scalars(statement, execution_options={"populate_existing": True}).one()
    return exchange


def move(
    exchange_id: int, name: str, actor: str, *, details: dict[str, Any] | None = None, **columns: Any
) -> Exchange:
    """Let the transition `name` of the rules happen, brought about by `actor`, and write its event.

    `columns` are changed besides; `details` go into the event. Returns the locked exchange. Raises
    NotPossibleError when the rules do not allow it; when that is because the time is over, this is stored.
    """
    exchange, now = lock_exchange(exchange_id), clock.now()
    refuse_impossible(exchange, name, actor)
    for column, value in (_changes(exchange, name, actor, now) | columns).items():
        setattr(exchange, column, value)
    db.session.flush()
    _free_what_is_free(exchange, name, now)
    _write_event(exchange, name, actor, now, details)
    return exchange


def begin(name: str, *, details: dict[str, Any] | None = None, **columns: Any) -> Exchange:
    """Begin an exchange by the transition `name` (ask or propose), and write its event."""
    transition, now = rules.TRANSITIONS[name], clock.now()
    assert transition.sources == (rules.BEGINNING,)
    exchange = Exchange(state=transition.target, awaits="receiver", created_at=now, updated_at=now, **columns)
    db.session.add(exchange)
    db.session.flush()
    _write_event(exchange, name, "proposer", now, details)
    return exchange


def refuse_impossible(exchange: Exchange, name: str, side: str) -> None:
    """Raise NotPossibleError unless the rules allow it; when the time is over, this is stored."""
    now = clock.now()
    if name != "lapse" and "lapse" in rules.possible(exchange, "time", now):
        move(exchange.id, "lapse", "time")
    if name not in rules.possible(exchange, side, now):
        raise NotPossibleError


def write(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _changes(exchange: Exchange, name: str, actor: str, now: datetime) -> dict[str, Any]:
    """Return what the transition itself changes."""
    target = rules.TRANSITIONS[name].target
    changes: dict[str, Any] = {"state": target, "updated_at": now, "awaits": None}
    if target in OPEN:
        # Whoever takes back an acceptance has to answer again; else it is the other one's turn.
        changes["awaits"] = actor if name == "undo" else rules.OTHER_SIDE[actor]
    if name == "undo":
        changes |= {"accepted_at": None, "accepted_by": None}
    if name == "accept":
        changes |= {"accepted_at": now, "accepted_by": actor}
    if name in ("hand", "lend", "complete"):
        changes[f"{actor}_handed_at"] = now
    if target == "disputed":
        changes["disputed_at"] = now
    if target == "disputed" or target in ENDED:
        changes["remind_at"] = None
    if target in ENDED:
        changes |= {"closed_at": now, "closed_by": actor}
    if target == "completed":
        changes["completed_at"] = now
    return changes


def _free_what_is_free(exchange: Exchange, name: str, now: datetime) -> None:
    """Release the holds that the transition makes needless."""
    of_exchange = (ExchangeHold.exchange_id == exchange.id, ExchangeHold.released_at.is_(None))
    if exchange.state == "completed" or name == "close_loan":
        # What was swapped for good is gone; what was lent is back.
        _release(now, *of_exchange, ~func.upper_inf(ExchangeHold.during))
        _archive_what_is_empty(exchange)
    elif name == "give_back":
        # The next one can have it while other things are still lent.
        _release(now, *of_exchange, ExchangeHold.item_id.in_(_given_back(exchange)))
    elif exchange.state == "cancelled" or name == "undo":
        _release(now, *of_exchange)
    elif exchange.state == "closed":
        # Of what has changed hands nobody knows.
        still_there = [
            ExchangeHold.giver == side for side in SIDES if getattr(exchange, f"{side}_handed_at") is None
        ]
        if still_there:
            _release(now, *of_exchange, or_(*still_there))
    if exchange.state == "disputed" or exchange.state in ENDED:
        of_loans = update(ExchangeLoan).where(ExchangeLoan.exchange_id == exchange.id)
        write(of_loans.where(ExchangeLoan.remind_at.is_not(None)).values(remind_at=None))
    if name == "undo":
        write(delete(ExchangeLoan).where(ExchangeLoan.exchange_id == exchange.id))


def _given_back(exchange: Exchange) -> Select[int | None]:
    """The lent things of which both sides say that they are back."""
    return (
        select(ExchangeItem.item_id)
        .join(ExchangeLoan, ExchangeLoan.exchange_item_id == ExchangeItem.id)
        .where(
            ExchangeLoan.exchange_id == exchange.id,
            ExchangeLoan.lender_returned_at.is_not(None),
            ExchangeLoan.borrower_returned_at.is_not(None),
        )
    )


def _release(now: datetime, *which: ColumnElement[bool]) -> None:
    write(update(ExchangeHold).where(*which).values(released_at=now))


def _archive_what_is_empty(exchange: Exchange) -> None:
    """Take listings off the site of which all that was on offer has been swapped for good."""
    held_for_good = (ExchangeHold.released_at.is_(None), func.upper_inf(ExchangeHold.during))
    of_exchange = (
        select(ListingItem.listing_id)
        .join(ExchangeHold, ExchangeHold.item_id == ListingItem.id)
        .where(ExchangeHold.exchange_id == exchange.id, *held_for_good)
    )
    left = exists().where(
        ListingItem.listing_id == Listing.id,
        ListingItem.kind == "offer",
        ~exists().where(ExchangeHold.item_id == ListingItem.id, *held_for_good),
    )
    write(
        update(Listing)
        .where(Listing.id.in_(of_exchange), Listing.status != "archived", ~left)
        .values(status="archived", updated_at=Listing.updated_at)
    )


def _write_event(
    exchange: Exchange, name: str, actor: str, now: datetime, details: dict[str, Any] | None
) -> None:
    """Add to the history. Nothing else does, so whatever is to follow from an event is begun here."""
    event = ExchangeEvent(
        exchange_id=exchange.id,
        event=name,
        actor=actor,
        version=exchange.version,
        details=details or {},
        at=now,
    )
    db.session.add(event)
    db.session.flush()
    tell_of(exchange, event)
