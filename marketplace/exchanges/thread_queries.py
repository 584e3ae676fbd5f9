"""Reads of the messages of exchanges: a page of them, and what is unread."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.blocks.models import Block
from marketplace.database.base import MAX_BIGINT
from marketplace.exchanges.course_models import (
    ExchangeDispute,
    ExchangeEvent,
    ExchangeMessage,
    ExchangeRead,
    ExchangeReview,
)
from marketplace.exchanges.models import SIDES, Exchange
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.extensions import db
from marketplace.own_data.parts import MEMBER_ID
from marketplace.pictures.models import Picture

PAGE_SIZE = 30

_ID = bindparam("id", type_=BigInteger)
_IDS = bindparam("ids", type_=ARRAY(BigInteger))
_MEMBER = bindparam("member_id", type_=BigInteger)
_MEMBERS = bindparam("members", type_=ARRAY(BigInteger))
_SIDE = bindparam("side", type_=String)
_BEFORE = bindparam("before", type_=BigInteger)
_MESSAGES = (
    select(ExchangeMessage.id, ExchangeMessage.author, ExchangeMessage.words, ExchangeMessage.created_at)
    .where(ExchangeMessage.exchange_id == _ID, ExchangeMessage.id < _BEFORE)
    .order_by(ExchangeMessage.id.desc())
    .limit(PAGE_SIZE + 1)
)
# A moderator sees so many messages before and after the one that was reported.
AROUND = 5
_exchange_of = select(ExchangeMessage.exchange_id).where(ExchangeMessage.id == _ID).scalar_subquery()
_of_same = select(ExchangeMessage).where(ExchangeMessage.exchange_id == _exchange_of)
_near = union_all(
    _of_same.where(ExchangeMessage.id <= _ID).order_by(ExchangeMessage.id.desc()).limit(AROUND + 1),
    _of_same.where(ExchangeMessage.id > _ID).order_by(ExchangeMessage.id).limit(AROUND),
).subquery()
_proposer, _receiver = aliased(User), aliased(User)
_AROUND = (
    select(_near, _proposer.username.label("proposer"), _receiver.username.label("receiver"))
    .join(Exchange, Exchange.id == _near.c.exchange_id)
    .outerjoin(_proposer, _proposer.id == Exchange.proposer_id)
    .outerjoin(_receiver, _receiver.id == Exchange.receiver_id)
    .order_by(_near.c.id)
)
_READS = select(ExchangeRead.side, ExchangeRead.message_id).where(ExchangeRead.exchange_id == _ID)
_LAST_OWN_READ = (
    select(func.max(ExchangeMessage.id))
    .where(ExchangeMessage.exchange_id == _ID, ExchangeMessage.author == _SIDE, ExchangeMessage.id <= _BEFORE)
    .scalar_subquery()
)
_other_read = (
    select(ExchangeRead.message_id)
    .where(ExchangeRead.exchange_id == _ID, ExchangeRead.side != _SIDE)
    .scalar_subquery()
)
_FIRST_UNREAD = select(func.min(ExchangeMessage.id)).where(
    ExchangeMessage.exchange_id == _ID,
    ExchangeMessage.author == _SIDE,
    ExchangeMessage.id > func.coalesce(_other_read, 0),
    ExchangeMessage.created_at >= bindparam("since", type_=DateTime(timezone=True)),
)
_NEW = select(func.count()).where(
    ExchangeMessage.exchange_id == _ID, ExchangeMessage.author != _SIDE, ExchangeMessage.id > _BEFORE
)
# Both are members, and neither has blocked the other.
_MAY_TALK = select(
    and_(
        select(func.count() == 2)
        .where(User.id == func.any(_MEMBERS), User.is_active, User.leaving_at.is_(None))
        .scalar_subquery(),
        ~exists().where(Block.member_id == func.any(_MEMBERS), Block.blocked_id == func.any(_MEMBERS)),
    )
)
_side_of_member = case((Exchange.proposer_id == _MEMBER, SIDES[0]), else_=SIDES[1])
_UNREAD_OF_SEVERAL = (
    select(ExchangeMessage.exchange_id, func.count().label("messages"))
    .join(Exchange, Exchange.id == ExchangeMessage.exchange_id)
    .outerjoin(
        ExchangeRead, and_(ExchangeRead.exchange_id == Exchange.id, ExchangeRead.side == _side_of_member)
    )
    .where(
        ExchangeMessage.exchange_id == func.any(_IDS),
        ExchangeMessage.author != _side_of_member,
        ExchangeMessage.id > func.coalesce(ExchangeRead.message_id, 0),
    )
    .group_by(ExchangeMessage.exchange_id)
)
_own_side = case((Exchange.proposer_id == MEMBER_ID, SIDES[0]), else_=SIDES[1])
_is_own = or_(Exchange.proposer_id == MEMBER_ID, Exchange.receiver_id == MEMBER_ID)
OWN_MESSAGES = (
    select(
        ExchangeMessage.exchange_id.label("swap_id"),
        ExchangeMessage.id,
        ExchangeMessage.words,
        select(func.jsonb_agg(Picture.id))
        .where(Picture.message_id == ExchangeMessage.id)
        .scalar_subquery()
        .label("picture_ids"),
        ExchangeMessage.created_at,
    )
    .join(Exchange, Exchange.id == ExchangeMessage.exchange_id)
    .where(_is_own, ExchangeMessage.author == _own_side)
    .order_by(ExchangeMessage.id)
)
OWN_REVIEWS = (
    select(
        ExchangeReview.exchange_id.label("swap_id"),
        ExchangeReview.thumbs,
        ExchangeReview.words,
        ExchangeReview.created_at,
    )
    .join(Exchange, Exchange.id == ExchangeReview.exchange_id)
    .where(_is_own, ExchangeReview.side == _own_side)
    .order_by(ExchangeReview.exchange_id)
)
OWN_DISPUTES = (
    select(
        ExchangeDispute.exchange_id.label("swap_id"),
        ExchangeDispute.words,
        ExchangeDispute.created_at,
    )
    .join(Exchange, Exchange.id == ExchangeDispute.exchange_id)
    .where(_is_own, ExchangeDispute.side == _own_side)
    .order_by(ExchangeDispute.exchange_id)
)
OWN_HISTORY = (
    select(
        ExchangeEvent.exchange_id.label("swap_id"),
        ExchangeEvent.event,
        case((ExchangeEvent.actor == _own_side, "you"), else_=ExchangeEvent.actor).label("by"),
        ExchangeEvent.version.label("proposal"),
        ExchangeEvent.at,
    )
    .join(Exchange, Exchange.id == ExchangeEvent.exchange_id)
    .where(_is_own)
    .order_by(ExchangeEvent.id)
)


@dataclass(frozen=True)
class Page:
    """Some messages in their order; `has_earlier` tells whether there are more before them."""

    rows: Sequence[Any]
    has_earlier: bool


def page_of_messages(exchange_id: int, before: int | None) -> Page:
    """Return the last messages of the exchange (before the one with this id), oldest first."""
    values = {"id": exchange_id, "before": MAX_BIGINT if before is None else before}
    rows = db.session.execute(_MESSAGES, values).all()
    return Page(rows[:PAGE_SIZE][::-1], len(rows) > PAGE_SIZE)


def messages_around(message_id: int) -> Sequence[Any]:
    """Return a message with some before and after it in its exchange, and the names of the two sides."""
    return db.session.execute(_AROUND, {"id": message_id}).all()


def read_until(exchange_id: int) -> dict[str, int]:
    """Return the last message that each side has seen; 0 while it has seen none."""
    found = dict.fromkeys(SIDES, 0)
    return found | {row.side: row.message_id for row in db.session.execute(_READS, {"id": exchange_id})}


def last_read_of(exchange_id: int, side: str, reads: dict[str, int]) -> int | None:
    """Return which of the messages of `side` is the last that the other one has seen."""
    values = {"id": exchange_id, "side": side, "before": reads[OTHER_SIDE[side]]}
    found: int | None = db.session.scalar(select(_LAST_OWN_READ), values)
    return found


def first_unread_of(exchange_id: int, side: str, since: datetime) -> int | None:
    """Return which message of `side` is the first since that moment that the other one has not seen."""
    found: int | None = db.session.scalar(_FIRST_UNREAD, {"id": exchange_id, "side": side, "since": since})
    return found


def count_new(exchange_id: int, side: str, after: int) -> int:
    """Return how many messages the other side has written after the one with this id."""
    return int(db.session.execute(_NEW, {"id": exchange_id, "side": side, "before": after}).scalar_one())


def unread_in(exchange_ids: Sequence[int], member_id: int) -> dict[int, int]:
    """Return how many messages the member has not seen in each of their exchanges; none are left out."""
    if not exchange_ids:
        return {}
    rows = db.session.execute(_UNREAD_OF_SEVERAL, {"ids": list(exchange_ids), "member_id": member_id})
    return {row.exchange_id: row.messages for row in rows}


def may_talk(members: Iterable[int]) -> bool:
    """Tell whether the two members are there, and neither has blocked the other."""
    return bool(db.session.execute(_MAY_TALK, {"members": list(members)}).scalar_one())
