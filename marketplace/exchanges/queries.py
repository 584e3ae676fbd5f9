"""Reads of one exchange, and of a member's own data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import (
    ARRAY,
    BigInteger,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.exchanges.conditions import (
    ITEM_IS_ON_HOLD,
)
from marketplace.exchanges.course_models import ExchangeEvent
from marketplace.exchanges.models import Exchange, ExchangeItem, ExchangeVersion
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.extensions import db
from marketplace.listings.models import ListingItem
from marketplace.members.models import Profile
from marketplace.members.time_zones import UTC
from marketplace.own_data.parts import MEMBER_ID

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
        func.coalesce(Profile.time_zone, UTC).label("zone"),
    )
    .join(Exchange, Exchange.id == ExchangeItem.exchange_id)
    .outerjoin(
        Profile,
        Profile.member_id
        == case((ExchangeItem.giver == "proposer", Exchange.proposer_id), else_=Exchange.receiver_id),
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
