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
    and_,
    bindparam,
    case,
    exists,
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
from marketplace.blocks.queries import apart
from marketplace.exchanges.conditions import (
    HAS_LAPSED,
    IS_OFFERED,
    IS_ON_HOLD,
    IS_OPEN,
    IS_THERE,
    ITEM_IS_ON_HOLD,
    STATE_NOW,
    promise_of,
)
from marketplace.exchanges.models import (
    SIDES,
    Exchange,
    ExchangeEvent,
    ExchangeHold,
    ExchangeItem,
    ExchangeVersion,
)
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.extensions import db
from marketplace.listings.models import Listing, ListingItem
from marketplace.listings.paging import Part, Place, part_of
from marketplace.own_data.parts import MEMBER_ID

PAGE_SIZE = 30
# A list is counted as far as this.
COUNTED = 1000
TABS = ("for_you", "for_other", "under_way", "ended")

_MEMBER = bindparam("member_id", type_=BigInteger)
_ID = bindparam("id", type_=BigInteger)
_IDS = bindparam("ids", type_=ARRAY(BigInteger))
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
    .where(ExchangeItem.exchange_id == func.any(_IDS))
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

# So many things of one member can be chosen from; one that is chosen already is always among them.
CHOICES_MAXIMUM = 100
_chosen_first = case((ListingItem.id == func.any(_IDS), 0), else_=1)
_CHOICES = (
    select(
        ListingItem.id,
        ListingItem.name,
        ListingItem.exchange_type,
        ListingItem.duration_days,
        ListingItem.value,
        promise_of(ListingItem.id).label("promise"),
    )
    .join(Listing, and_(Listing.id == ListingItem.listing_id, Listing.owner_id == ListingItem.owner_id))
    .join(User, User.id == Listing.owner_id)
    .where(ListingItem.owner_id == _MEMBER, IS_OFFERED)
    .order_by(_chosen_first, ListingItem.id.desc())
    .limit(CHOICES_MAXIMUM)
)
_TAKEN = (
    select(ExchangeHold.item_id, func.lower(ExchangeHold.during), func.upper(ExchangeHold.during))
    .where(
        ExchangeHold.item_id == func.any(_IDS),
        ExchangeHold.released_at.is_(None),
        ExchangeHold.exchange_id != bindparam("but", type_=BigInteger),
    )
    .order_by(ExchangeHold.item_id, func.lower(ExchangeHold.during))
)
_SUBJECT = (
    select(ListingItem.id, ListingItem.name, ListingItem.kind, Listing.owner_id, User.username)
    .join(Listing, and_(Listing.id == ListingItem.listing_id, Listing.owner_id == ListingItem.owner_id))
    .join(User, User.id == Listing.owner_id)
    .where(ListingItem.id == _ID, or_(IS_THERE, Listing.owner_id == _MEMBER), apart(Listing.owner_id))
)
_QUESTION = (
    select(ListingItem.id, ListingItem.name)
    .select_from(Exchange)
    .outerjoin(ListingItem, ListingItem.id == Exchange.item_ids[1])
    .where(
        Exchange.id == _ID,
        exists().where(ExchangeEvent.exchange_id == _ID, ExchangeEvent.event == "ask"),
    )
)


_own_side = case((Exchange.proposer_id == MEMBER_ID, "proposer"), else_="receiver")
OWN_EXCHANGES = (
    select(
        Exchange.id,
        _own_side.label("side"),
        Exchange.state,
        Exchange.created_at,
        Exchange.accepted_at,
        Exchange.closed_at,
        case((Exchange.closed_by == _own_side, Exchange.reason), else_="").label("reason"),
        select(func.jsonb_agg(func.jsonb_build_array(ExchangeItem.version, ExchangeItem.name)))
        .where(ExchangeItem.exchange_id == Exchange.id, ExchangeItem.giver == _own_side)
        .scalar_subquery()
        .label("given"),
        select(func.jsonb_agg(ExchangeVersion.note))
        .where(ExchangeVersion.exchange_id == Exchange.id, ExchangeVersion.author == _own_side)
        .scalar_subquery()
        .label("notes"),
    )
    .where(or_(Exchange.proposer_id == MEMBER_ID, Exchange.receiver_id == MEMBER_ID))
    .order_by(Exchange.id)
)


@dataclass(frozen=True)
class Choice:
    """Something that can be in a proposal; `taken` are the times for which it is promised."""

    id: int
    name: str
    exchange_type: str
    duration_days: int | None
    value: int | None
    promise: str | None
    taken: tuple[tuple[datetime, datetime | None], ...]


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
    """Return what was proposed in it and happened, oldest first, and what is on hold at `now`."""
    things: dict[int, list[Any]] = {}
    for thing in db.session.execute(_THINGS, {"id": exchange_id, "now": now}):
        things.setdefault(thing.version, []).append(thing)
    versions = db.session.execute(_VERSIONS, {"id": exchange_id}).all()
    events = db.session.execute(_EVENTS, {"id": exchange_id}).all()
    return Story(versions, things, events)


def question_of(exchange_id: int) -> Any | None:
    """Return the item that was asked about (id, name), both None when it is gone; None if nothing was asked.

    The question itself is the first of the messages.
    """
    return db.session.execute(_QUESTION, {"id": exchange_id}).one_or_none()


def get_subject(item_id: int, member_id: int) -> Any:
    """Return the item that a swap is to begin from (id, name, kind, owner_id, username).

    404 when the member does not see it.
    """
    values = {"id": item_id, "member_id": member_id, "now": clock.now()}
    return db.session.execute(_SUBJECT, values).one_or_none() or abort(404)


def choices_of(member_id: int | None, chosen: Sequence[int], exchange_id: int = 0) -> list[Choice]:
    """Return what the member has on offer, what is chosen already first; what is gone for good is left out.

    `exchange_id` is the exchange whose own promises do not matter.
    """
    values = {"member_id": member_id, "ids": list(chosen), "now": clock.now()}
    rows = [row for row in db.session.execute(_CHOICES, values) if row.promise != "gone"]
    taken: dict[int, list[tuple[datetime, datetime | None]]] = {}
    if any(row.promise for row in rows):
        asked = {"ids": [row.id for row in rows], "but": exchange_id}
        for item_id, begins, ends in db.session.execute(_TAKEN, asked):
            taken.setdefault(item_id, []).append((begins, ends))
    return [Choice(**row._mapping, taken=tuple(taken.get(row.id, ()))) for row in rows]


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
