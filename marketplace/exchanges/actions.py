"""Writes to exchanges: asking, proposing and answering. Each goes through `moving.move`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import Range

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.blocks.models import Block
from marketplace.database.violations import RuleBroken, flushed
from marketplace.exchanges import rules
from marketplace.exchanges.conditions import IS_OFFERED, NOW
from marketplace.exchanges.course_models import ExchangeHold, ExchangeLoan, ExchangeMessage
from marketplace.exchanges.models import SIDES, Exchange, ExchangeItem, ExchangeVersion
from marketplace.exchanges.moving import begin, lock_exchange, move, refuse_impossible
from marketplace.exchanges.overdue import borrows, refuse_overdue
from marketplace.exchanges.telling import member_of
from marketplace.extensions import db
from marketplace.listings.models import Listing, ListingItem

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


class ChangedError(Exception):
    """There is a newer proposal than the one that the page showed."""


class NotOfferedError(Exception):
    """Something of the proposal is not to be had any more, or its owner is not there."""


class PromisedError(Exception):
    """Something of the proposal is promised to somebody else for that time."""


class SameThingsError(Exception):
    """There is an open proposal between the two about the same things already."""


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
    refuse_overdue([proposer_id] if borrows("proposer", things) else [])
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
    refuse_impossible(exchange, name, side)
    refuse_overdue([member_of(exchange, side)] if borrows(side, things) else [])
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
    refuse_impossible(exchange, "accept", side)
    things = db.session.scalars(
        select(ExchangeItem)
        .where(ExchangeItem.exchange_id == exchange_id, ExchangeItem.version == version)
        .order_by(ExchangeItem.id)
    ).all()
    item_ids = [thing.item_id for thing in things if thing.item_id is not None]
    now = clock.now()
    if len(item_ids) < len(things) or any(thing.lent_until and thing.lent_until <= now for thing in things):
        raise NotOfferedError
    refuse_overdue([member_of(exchange, each) for each in SIDES if borrows(each, things)])
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


def lock_items(item_ids: Sequence[int]) -> None:
    """Have whoever promises or removes these items take turns, always in the same order."""
    statement = select(ListingItem.id).where(ListingItem.id.in_(item_ids)).order_by(ListingItem.id)
    db.session.execute(statement.with_for_update()).all()


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
