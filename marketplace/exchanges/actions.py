"""Writes to exchanges. Each change of state goes through `move`, which writes one event.

Whoever takes several locks takes them in this order: members, the exchange, items by ascending id, listings.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    and_,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects.postgresql import Range

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.blocks.models import Block
from marketplace.database.violations import RuleBroken, flushed
from marketplace.exchanges import rules
from marketplace.exchanges.conditions import IS_OFFERED, NOW, OVERDUE_OF_MEMBERS
from marketplace.exchanges.models import (
    ENDED,
    OPEN,
    SIDES,
    Exchange,
    ExchangeDispute,
    ExchangeEvent,
    ExchangeHold,
    ExchangeItem,
    ExchangeLoan,
    ExchangeMessage,
    ExchangeReview,
    ExchangeVersion,
)
from marketplace.exchanges.telling import member_of, tell_of
from marketplace.extensions import db
from marketplace.listings.models import Listing, ListingItem

# How a side ends an exchange, the gentlest first.
_WAYS_OUT = ("withdraw", "decline", "cancel")
_MEMBER_OF = {"proposer": Exchange.proposer_id, "receiver": Exchange.receiver_id}
_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_MEMBERS = bindparam("members", type_=ARRAY(BigInteger))
_TO_BE_HAD = (
    select(ListingItem.id, ListingItem.owner_id, ListingItem.name, ListingItem.value, ListingItem.condition)
    .join(Listing, and_(Listing.id == ListingItem.listing_id, Listing.owner_id == ListingItem.owner_id))
    .join(User, User.id == Listing.owner_id)
    .where(ListingItem.id == func.any(_IDS), IS_OFFERED)
)
# Both are there, and neither has blocked the other.
_MAY_MEET = select(
    and_(
        select(func.count() == 2)
        .where(
            User.id == func.any(_MEMBERS),
            User.is_active,
            User.leaving_at.is_(None),
            or_(User.suspended_until.is_(None), User.suspended_until <= NOW),
        )
        .scalar_subquery(),
        ~exists().where(Block.member_id == func.any(_MEMBERS), Block.blocked_id == func.any(_MEMBERS)),
    )
)


class NotPossibleError(Exception):
    """This cannot be done, or not any more: the exchange is in another state than the page showed."""


class ChangedError(Exception):
    """There is a newer proposal than the one that the page showed."""


class NotOfferedError(Exception):
    """Something of the proposal is not to be had any more, or its owner is not there."""


class PromisedError(Exception):
    """Something of the proposal is promised to somebody else for that time."""


class SameThingsError(Exception):
    """There is an open proposal between the two about the same things already."""


class OverdueError(Exception):
    """Who would borrow something has to give back something else first."""


@dataclass(frozen=True)
class Thing:
    """An item that is to be in a proposal: which side gives it, and for a loan its days."""

    item_id: int
    giver: str
    lent_from: datetime | None = None
    lent_until: datetime | None = None


def ask(proposer_id: int, receiver_id: int, item_id: int, words: str) -> Exchange:
    """Ask a question about an item, without a proposal. Raises NotOfferedError."""
    _look_over({proposer_id, receiver_id}, [item_id])
    now = clock.now()
    exchange = begin(
        "ask",
        proposer_id=proposer_id,
        receiver_id=receiver_id,
        item_ids=[item_id],
        open_until=rules.open_until(max(rules.OPEN_DAYS), now),
    )
    db.session.add(ExchangeMessage(exchange_id=exchange.id, author="proposer", words=words, created_at=now))
    db.session.flush()
    return exchange


def propose(proposer_id: int, receiver_id: int, things: Sequence[Thing], note: str, days: int) -> Exchange:
    """Propose a swap that can be answered for so many days.

    Raises NotOfferedError, SameThingsError and OverdueError.
    """
    _refuse_overdue([proposer_id] if borrows("proposer", things) else [])
    rows = _look_over({proposer_id, receiver_id}, [thing.item_id for thing in things])
    _let_lapse(proposer_id, receiver_id)
    now = clock.now()
    until = rules.open_until(days, now)
    item_ids = sorted(thing.item_id for thing in things)
    with _refusing_the_same():
        exchange = begin(
            "propose",
            proposer_id=proposer_id,
            receiver_id=receiver_id,
            version=1,
            item_ids=item_ids,
            open_until=until,
        )
    _add_version(exchange, "proposer", things, rows, note)
    return exchange


def change(
    exchange_id: int, side: str, version: int, things: Sequence[Thing], note: str, days: int
) -> Exchange:
    """Answer the proposal with this number by another one, or a question (0) by a proposal.

    Raises ChangedError, NotPossibleError, NotOfferedError, SameThingsError and OverdueError.
    """
    exchange = lock_exchange(exchange_id)
    if exchange.version != version:
        raise ChangedError
    name = "offer" if version == 0 else "change"
    _refuse_impossible(exchange, name, side)
    _refuse_overdue([member_of(exchange, side)] if borrows(side, things) else [])
    rows = _look_over({exchange.proposer_id, exchange.receiver_id}, [thing.item_id for thing in things])
    if version == 0:
        _let_lapse(exchange.proposer_id, exchange.receiver_id)
    with _refusing_the_same():
        move(
            exchange_id,
            name,
            side,
            version=version + 1,
            item_ids=sorted(thing.item_id for thing in things),
            open_until=rules.open_until(days, clock.now()),
        )
    _add_version(exchange, side, things, rows, note)
    return exchange


def accept(exchange_id: int, side: str, version: int) -> Exchange:
    """Accept the proposal with this number: from now on its things are promised.

    Raises ChangedError, NotPossibleError, NotOfferedError, PromisedError and OverdueError.
    """
    exchange = lock_exchange(exchange_id)
    if exchange.version != version:
        raise ChangedError
    _refuse_impossible(exchange, "accept", side)
    things = db.session.scalars(
        select(ExchangeItem)
        .where(ExchangeItem.exchange_id == exchange_id, ExchangeItem.version == version)
        .order_by(ExchangeItem.id)
    ).all()
    item_ids = [thing.item_id for thing in things if thing.item_id is not None]
    now = clock.now()
    if len(item_ids) < len(things) or any(thing.lent_until and thing.lent_until <= now for thing in things):
        raise NotOfferedError
    _refuse_overdue([member_of(exchange, each) for each in SIDES if borrows(each, things)])
    lock_items(item_ids)
    # By a statement of its own, which sees what was committed while this one waited for the locks.
    _look_over({exchange.proposer_id, exchange.receiver_id}, item_ids)
    try:
        with flushed():
            db.session.add_all(
                ExchangeHold(
                    exchange_id=exchange_id,
                    item_id=thing.item_id,
                    giver=thing.giver,
                    during=Range(thing.lent_from or now, thing.lent_until),
                )
                for thing in things
            )
    except RuleBroken as broken:
        raise PromisedError from broken
    db.session.add_all(
        ExchangeLoan(exchange_id=exchange_id, exchange_item_id=thing.id, due_at=thing.lent_until)
        for thing in things
        if thing.lent_until is not None
    )
    return move(exchange_id, "accept", side)


def undo(exchange_id: int, side: str) -> Exchange:
    """Take back an acceptance. Raises NotPossibleError and SameThingsError."""
    with _refusing_the_same():
        return move(exchange_id, "undo", side)


def decline(exchange_id: int, side: str, reason: str = "") -> Exchange:
    """Say no, with a reason or without. Raises NotPossibleError."""
    return move(exchange_id, "decline", side, reason=reason)


def withdraw(exchange_id: int, side: str) -> Exchange:
    """Take back what was proposed or asked. Raises NotPossibleError."""
    return move(exchange_id, "withdraw", side)


def end_between(member_id: int, other_id: int) -> None:
    """End what is open between the two, because one of them wants nothing to do with the other."""
    between = or_(
        and_(Exchange.proposer_id == member_id, Exchange.receiver_id == other_id),
        and_(Exchange.proposer_id == other_id, Exchange.receiver_id == member_id),
    )
    _end_all(member_id, between, Exchange.awaits.is_not(None))


def end_all_of(member_id: int) -> None:
    """End what is open of a member who leaves, and call off what is agreed on and has not changed hands."""
    of_member = or_(Exchange.proposer_id == member_id, Exchange.receiver_id == member_id)
    _end_all(member_id, of_member, Exchange.closed_at.is_(None))


def forget_member(member_id: int) -> None:
    """Take out what a member wrote, before the member is deleted, and end what is still under way.

    What both sides have left is nobody's any more, and goes.
    """
    end_all_of(member_id)
    for side in SIDES:
        other = rules.OTHER_SIDE[side]
        mine = select(Exchange.id).where(_MEMBER_OF[side] == member_id)
        _write(delete(Exchange).where(_MEMBER_OF[side] == member_id, _MEMBER_OF[other].is_(None)))
        for table in (ExchangeVersion, ExchangeMessage):
            column = "note" if table is ExchangeVersion else "words"
            _write(
                update(table).where(table.exchange_id.in_(mine), table.author == side).values({column: ""})
            )
        _write(
            update(ExchangeReview)
            .where(ExchangeReview.exchange_id.in_(mine), ExchangeReview.side == side)
            .values(words="")
        )
        _write(
            update(ExchangeDispute)
            .where(ExchangeDispute.exchange_id.in_(mine), ExchangeDispute.side == side)
            .values(words="")
        )
        # They may have met at home.
        _write(update(Exchange).where(Exchange.id.in_(mine)).values(handover_place=None, handover_at=None))
        _write(update(Exchange).where(Exchange.id.in_(mine), Exchange.closed_by == side).values(reason=""))
        under_way = list(db.session.scalars(mine.where(Exchange.closed_at.is_(None)).order_by(Exchange.id)))
        _write(update(Exchange).where(_MEMBER_OF[side] == member_id).values({f"{side}_id": None}))
        for exchange_id in under_way:
            move(exchange_id, "abandon", "time")


def lock_items(item_ids: Sequence[int]) -> None:
    """Have whoever promises or removes these items take turns, always in the same order."""
    statement = select(ListingItem.id).where(ListingItem.id.in_(item_ids)).order_by(ListingItem.id)
    db.session.execute(statement.with_for_update()).all()


def lock_exchange(exchange_id: int) -> Exchange:
    """Return the exchange as it is now, which nobody else changes until this request ends.

    Its members stay that long, too: they are told what happens in it.
    """
    members = union_all(*(select(member).where(Exchange.id == exchange_id) for member in _MEMBER_OF.values()))
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
    _refuse_impossible(exchange, name, actor)
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


def _end_all(member_id: int, *which: ColumnElement[bool]) -> None:
    statement = select(Exchange.id).where(*which).order_by(Exchange.id)
    for exchange_id in db.session.scalars(statement).all():
        exchange = lock_exchange(exchange_id)
        side = "proposer" if exchange.proposer_id == member_id else "receiver"
        if "lapse" in rules.possible(exchange, "time", clock.now()):
            move(exchange_id, "lapse", "time")
        else:
            ways = [name for name in _WAYS_OUT if name in rules.possible(exchange, side, clock.now())]
            if ways:
                move(exchange_id, ways[0], side)


def _let_lapse(one_id: int | None, other_id: int | None) -> None:
    """Store it where a proposal between the two is over: it is in the way of a new one."""
    for proposer_id, receiver_id in ((one_id, other_id), (other_id, one_id)):
        over = select(Exchange.id).where(
            Exchange.proposer_id == proposer_id,
            Exchange.receiver_id == receiver_id,
            Exchange.state == "proposed",
            Exchange.open_until <= clock.now(),
        )
        for exchange_id in db.session.scalars(over.order_by(Exchange.id)).all():
            if "lapse" in rules.possible(lock_exchange(exchange_id), "time", clock.now()):
                move(exchange_id, "lapse", "time")


def _refuse_impossible(exchange: Exchange, name: str, side: str) -> None:
    """Raise NotPossibleError unless the rules allow it; when the time is over, this is stored."""
    now = clock.now()
    if name != "lapse" and "lapse" in rules.possible(exchange, "time", now):
        move(exchange.id, "lapse", "time")
    if name not in rules.possible(exchange, side, now):
        raise NotPossibleError


def borrows(side: str, things: Sequence[Any]) -> bool:
    """Tell whether that side would get something for some days."""
    return any(thing.giver != side and thing.lent_until is not None for thing in things)


def _refuse_overdue(members: Sequence[int | None]) -> None:
    """Raise OverdueError when one of these members has something that should be back."""
    if members:
        values = {"now": clock.now(), "members": [each for each in members if each is not None]}
        if db.session.execute(OVERDUE_OF_MEMBERS, values).scalar() is not None:
            raise OverdueError


def _look_over(members: set[int | None], item_ids: Sequence[int]) -> dict[int, Any]:
    """Return the items by id when all can be had from these two, who are not kept apart.

    Raises NotOfferedError.
    """
    values = {"now": clock.now(), "ids": list(item_ids), "members": [each for each in members if each]}
    rows = {row.id: row for row in db.session.execute(_TO_BE_HAD, values)}
    whole = len(rows) == len(set(item_ids)) and {row.owner_id for row in rows.values()} <= members
    if not whole or not db.session.execute(_MAY_MEET, values).scalar_one():
        raise NotOfferedError
    return rows


def _add_version(
    exchange: Exchange, author: str, things: Sequence[Thing], rows: dict[int, Any], note: str
) -> None:
    """Keep the proposal as it is sent. Raises NotOfferedError when a thing has just been deleted."""
    try:
        with flushed():
            db.session.add(
                ExchangeVersion(
                    exchange_id=exchange.id,
                    number=exchange.version,
                    author=author,
                    note=note,
                    open_until=exchange.open_until,
                    created_at=exchange.updated_at,
                )
            )
            db.session.flush()
            db.session.add_all(
                ExchangeItem(
                    exchange_id=exchange.id,
                    version=exchange.version,
                    giver=thing.giver,
                    item_id=thing.item_id,
                    name=rows[thing.item_id].name,
                    exchange_type="permanent" if thing.lent_from is None else "temporary",
                    value=rows[thing.item_id].value,
                    condition=rows[thing.item_id].condition,
                    lent_from=thing.lent_from,
                    lent_until=thing.lent_until,
                )
                for thing in things
            )
    except RuleBroken as broken:
        raise NotOfferedError from broken


@contextmanager
def _refusing_the_same() -> Iterator[None]:
    try:
        with flushed():
            yield
    except RuleBroken as broken:
        if broken.constraint == "uq_exchanges_same_things":
            raise SameThingsError from broken
        raise NotOfferedError from broken


def _write(statement: Any) -> None:
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
    if exchange.state == "completed":
        # What was swapped for good is gone; what was lent is back.
        _release(now, *of_exchange, ~func.upper_inf(ExchangeHold.during))
        _archive_what_is_empty(exchange)
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
        _write(of_loans.where(ExchangeLoan.remind_at.is_not(None)).values(remind_at=None))
    if name == "undo":
        _write(delete(ExchangeLoan).where(ExchangeLoan.exchange_id == exchange.id))


def _release(now: datetime, *which: ColumnElement[bool]) -> None:
    _write(update(ExchangeHold).where(*which).values(released_at=now))


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
    _write(
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
