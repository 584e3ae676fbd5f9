"""Reads of exchanges: the page of one, and the lists of a member's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Select,
    bindparam,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import aliased

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.exchanges.conditions import (
    HAS_LAPSED,
    IS_ON_HOLD,
    IS_OPEN,
    ITEM_IS_ON_HOLD,
    STATE_NOW,
)
from marketplace.exchanges.models import SIDES, Exchange, ExchangeEvent, ExchangeItem, ExchangeVersion
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.extensions import db
from marketplace.listings.paging import Part, Place, part_of

PAGE_SIZE = 30
# A list is counted as far as this.
COUNTED = 1000
TABS = ("for_you", "for_other", "under_way", "ended")

_MEMBER = bindparam("member_id", type_=BigInteger)
_ID = bindparam("id", type_=BigInteger)
_proposer, _receiver = aliased(User), aliased(User)
_FOUND = (
    select(Exchange, _proposer.username, _receiver.username)
    .outerjoin(_proposer, _proposer.id == Exchange.proposer_id)
    .outerjoin(_receiver, _receiver.id == Exchange.receiver_id)
    .where(Exchange.id == _ID, or_(Exchange.proposer_id == _MEMBER, Exchange.receiver_id == _MEMBER))
)
_VERSIONS = (
    select(
        ExchangeVersion.number,
        ExchangeVersion.author,
        ExchangeVersion.note,
        ExchangeVersion.open_until,
        ExchangeVersion.created_at,
    )
    .where(ExchangeVersion.exchange_id == _ID)
    .order_by(ExchangeVersion.number)
)
_THINGS = (
    select(
        ExchangeItem.version,
        ExchangeItem.giver,
        ExchangeItem.item_id,
        ExchangeItem.name,
        ExchangeItem.exchange_type,
        ExchangeItem.value,
        ExchangeItem.condition,
        ExchangeItem.lent_from,
        ExchangeItem.lent_until,
        ITEM_IS_ON_HOLD.label("is_on_hold"),
    )
    .where(ExchangeItem.exchange_id == _ID)
    .order_by(ExchangeItem.version, ExchangeItem.id)
)
_EVENTS = (
    select(
        ExchangeEvent.event,
        ExchangeEvent.actor,
        ExchangeEvent.version,
        ExchangeEvent.details,
        ExchangeEvent.at,
    )
    .where(ExchangeEvent.exchange_id == _ID)
    .order_by(ExchangeEvent.id)
)
_THINGS_OF_SEVERAL = (
    select(ExchangeItem.exchange_id, ExchangeItem.giver, ExchangeItem.name)
    .join(Exchange, (Exchange.id == ExchangeItem.exchange_id) & (Exchange.version == ExchangeItem.version))
    .where(ExchangeItem.exchange_id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .order_by(ExchangeItem.exchange_id, ExchangeItem.id)
)


# The paging of lists calls every moment by which it goes created_at.
_ROW = (
    Exchange.id,
    Exchange.updated_at.label("created_at"),
    Exchange.open_until,
    Exchange.proposer_id,
    Exchange.receiver_id,
    STATE_NOW.label("state"),
    IS_ON_HOLD.label("is_on_hold"),
)
Rows = Select[*tuple[Any, ...]]


def _desks(tab: str) -> list[Rows]:
    """The parts of a list: what the member began and what others did, each by an index of its own."""
    member = {"proposer": Exchange.proposer_id, "receiver": Exchange.receiver_id}
    parts: list[Rows] = []
    for side in SIDES:
        mine = select(*_ROW).where(member[side] == _MEMBER)
        if tab == "under_way":
            parts.append(mine.where(Exchange.desk == "under_way"))
        elif tab == "ended":
            # What has lapsed and is not stored as that yet is never much.
            parts += [mine.where(Exchange.desk == "ended"), mine.where(HAS_LAPSED)]
        else:
            awaited = side if tab == "for_you" else OTHER_SIDE[side]
            parts.append(mine.where(Exchange.desk == awaited, IS_OPEN))
    return parts


def _page(tab: str, back: bool) -> Rows:
    place = tuple_(Exchange.updated_at, Exchange.id)
    cursor = tuple_(bindparam("created_at", type_=DateTime(timezone=True)), _ID)
    beyond = place > cursor if back else place < cursor
    parts = [part.where(beyond).limit(PAGE_SIZE + 1) for part in _desks(tab)]
    ordered = [part.order_by(*_order(Exchange.updated_at, Exchange.id, back)) for part in parts]
    found = union_all(*(select(part.subquery()) for part in ordered)).subquery()
    return (
        select(found, _proposer.username.label("proposer"), _receiver.username.label("receiver"))
        .outerjoin(_proposer, _proposer.id == found.c.proposer_id)
        .outerjoin(_receiver, _receiver.id == found.c.receiver_id)
        .order_by(*_order(found.c.created_at, found.c.id, back))
        .limit(PAGE_SIZE + 1)
    )


def _order(moment: Any, key: Any, back: bool) -> tuple[Any, Any]:
    return (moment, key) if back else (moment.desc(), key.desc())


def _counted(tab: str) -> Any:
    some = [part.with_only_columns(literal(1)).limit(COUNTED + 1) for part in _desks(tab)]
    return select(func.count()).select_from(union_all(*some).subquery()).scalar_subquery()


# By the list, and by whether it goes back.
_PAGES = {(tab, back): _page(tab, back) for tab in TABS for back in (False, True)}
_COUNTS = select(*(_counted(tab).label(tab) for tab in TABS if tab != "ended"))


@dataclass(frozen=True)
class Found:
    """An exchange as one of its sides sees it; a name is None when the member has left."""

    exchange: Exchange
    side: str
    names: dict[str, str | None]

    @property
    def other(self) -> str | None:
        """The name of the other side."""
        return self.names[OTHER_SIDE[self.side]]


@dataclass(frozen=True)
class Story:
    """The proposals of an exchange, their things by version, and what happened."""

    versions: Sequence[Any]
    things: dict[int, list[Any]]
    events: Sequence[Any]


def get_found(exchange_id: int, member_id: int) -> Found:
    """Return the exchange to one of its two members; for everybody else there is none: 404."""
    row = db.session.execute(_FOUND, {"id": exchange_id, "member_id": member_id}).one_or_none()
    if row is None:
        abort(404)
    exchange, proposer, receiver = row
    side = "proposer" if exchange.proposer_id == member_id else "receiver"
    return Found(exchange, side, {"proposer": proposer, "receiver": receiver})


def story_of(exchange_id: int, now: datetime) -> Story:
    """Return all that was proposed in it and happened, oldest first, and what is on hold at `now`."""
    things: dict[int, list[Any]] = {}
    for thing in db.session.execute(_THINGS, {"id": exchange_id, "now": now}):
        things.setdefault(thing.version, []).append(thing)
    versions = db.session.execute(_VERSIONS, {"id": exchange_id}).all()
    events = db.session.execute(_EVENTS, {"id": exchange_id}).all()
    return Story(versions, things, events)


def page_of_member(member_id: int, tab: str, place: Place) -> Part:
    """Return a page of the member's exchanges on one list, the one in which something happened last first."""
    values = place.parameters() | {"member_id": member_id, "now": clock.now()}
    return part_of(db.session.execute(_PAGES[tab, place.back], values).all(), PAGE_SIZE, place)


def count_of_member(member_id: int) -> dict[str, int]:
    """Return how many exchanges of the member wait and are under way; COUNTED + 1 or more stands for many."""
    row = db.session.execute(_COUNTS, {"member_id": member_id, "now": clock.now()}).one()
    return dict(row._mapping)


def names_of_things(exchange_ids: Sequence[int]) -> dict[tuple[int, str], list[str]]:
    """Return what the things of the latest proposals are called, by exchange and by who gives them."""
    found: dict[tuple[int, str], list[str]] = {}
    if exchange_ids:
        for exchange_id, giver, name in db.session.execute(_THINGS_OF_SEVERAL, {"ids": list(exchange_ids)}):
            found.setdefault((exchange_id, giver), []).append(name)
    return found
