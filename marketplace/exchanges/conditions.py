"""What exchanges are at a moment, as conditions for statements: lists, counts and pages use the same.

Statements with them have the parameter `now`, which is clock.now().
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.exchanges.course_models import ExchangeHold, ExchangeLoan, ExchangeReview
from marketplace.exchanges.models import MOMENT, Exchange, ExchangeItem
from marketplace.exchanges.review_rules import REVIEW_LASTS
from marketplace.listings.models import Listing, ListingItem

NOW = bindparam("now", type_=MOMENT)

# What can still be answered, and what is past its time, whether or not that is stored.
IS_OPEN = and_(Exchange.awaits.is_not(None), Exchange.open_until > NOW)
HAS_LAPSED = and_(Exchange.awaits.is_not(None), Exchange.open_until <= NOW)
STATE_NOW: ColumnElement[str] = case((HAS_LAPSED, "lapsed"), else_=Exchange.state)

# A loan of which nobody says that its thing is back, though it should be.
IS_OVERDUE = and_(
    ExchangeLoan.lender_returned_at.is_(None),
    ExchangeLoan.borrower_returned_at.is_(None),
    ExchangeLoan.due_at <= NOW,
    exists().where(Exchange.id == ExchangeLoan.exchange_id, Exchange.state == "lent"),
)

# A loan of one of these members that is overdue.
_lending = aliased(Exchange)
_borrower = case((ExchangeItem.giver == "proposer", _lending.receiver_id), else_=_lending.proposer_id)
OVERDUE_OF_MEMBERS = (
    select(ExchangeLoan.id)
    .join(ExchangeItem, ExchangeItem.id == ExchangeLoan.exchange_item_id)
    .join(_lending, _lending.id == ExchangeLoan.exchange_id)
    .where(IS_OVERDUE, _borrower == any_(bindparam("members", type_=ARRAY(BigInteger))))
    .limit(1)
)

# Of a review and its exchange: both sides have said something, or nobody can any more.
_other_review = aliased(ExchangeReview)
_REVIEWED_UNTIL = bindparam("reviewed_until", type_=MOMENT)
REVIEW_IS_SHOWN = and_(
    Exchange.state == "completed",
    or_(
        Exchange.completed_at <= _REVIEWED_UNTIL,
        exists().where(
            _other_review.exchange_id == ExchangeReview.exchange_id, _other_review.side != ExchangeReview.side
        ),
    ),
)

# Of an item, its listing and their owner, all joined: it is on show, and it is to be had.
IS_THERE = and_(
    Listing.status == "active",
    Listing.hidden_at.is_(None),
    or_(Listing.shown_from.is_(None), Listing.shown_from <= NOW),
    or_(Listing.expires_at.is_(None), Listing.expires_at > NOW),
    User.is_active,
    User.leaving_at.is_(None),
    or_(User.suspended_until.is_(None), User.suspended_until <= NOW),
)
IS_OFFERED = and_(ListingItem.kind == "offer", IS_THERE)

# For which time a thing of a proposal would be promised if it were accepted now.
WOULD_BE_HELD = func.tstzrange(func.coalesce(ExchangeItem.lent_from, NOW), ExchangeItem.lent_until)


def review_is_shown_at(now: datetime) -> dict[str, datetime]:
    """Return the parameters of statements with REVIEW_IS_SHOWN."""
    return {"reviewed_until": now - REVIEW_LASTS}


def promise_of(item_id: Any) -> Any:
    """Return the scalar subquery for what an item is promised as: on_hold, gone for good, or NULL."""
    what = case((Exchange.desk == "ended", "gone"), else_="on_hold")
    return (
        select(func.min(what))
        .select_from(ExchangeHold)
        .join(Exchange, Exchange.id == ExchangeHold.exchange_id)
        .where(ExchangeHold.item_id == item_id, ExchangeHold.released_at.is_(None))
        .scalar_subquery()
    )


def is_kept_for(item_id: Any) -> ColumnElement[bool]:
    """Return the condition that somebody is still to get the item: its owner has to keep it."""
    return (
        select(ExchangeHold.id)
        .join(Exchange, Exchange.id == ExchangeHold.exchange_id)
        .where(
            ExchangeHold.item_id == item_id,
            ExchangeHold.released_at.is_(None),
            Exchange.desk == "under_way",
        )
        .exists()
    )


# Of a thing of a proposal: another exchange has it at the time for which it is asked.
_other = aliased(ExchangeHold)
ITEM_IS_ON_HOLD = exists().where(
    _other.item_id == ExchangeItem.item_id,
    _other.released_at.is_(None),
    _other.exchange_id != ExchangeItem.exchange_id,
    _other.during.op("&&")(WOULD_BE_HELD),
)
# Of a proposal: that is so for one of its things. It can be accepted again when the hold is released.
IS_ON_HOLD = and_(
    Exchange.state == "proposed",
    exists().where(
        ExchangeItem.exchange_id == Exchange.id,
        ExchangeItem.version == Exchange.version,
        ITEM_IS_ON_HOLD,
    ),
)

# Of a loan with its thing and its exchange: a proposal of somebody else about the thing is open, and from
# when on it is promised to others after that. Nobody keeps a thing for longer while others wait for it.
_keeps = case((ExchangeItem.giver == "proposer", Exchange.receiver_id), else_=Exchange.proposer_id)
_asked, _asking = aliased(ExchangeItem), aliased(Exchange)
IS_WAITED_FOR = exists().where(
    _asked.item_id == ExchangeItem.item_id,
    _asking.id == _asked.exchange_id,
    _asking.version == _asked.version,
    _asking.state == "proposed",
    _asking.open_until > NOW,
    _asking.id != Exchange.id,
    _asking.proposer_id.is_distinct_from(_keeps),
    _asking.receiver_id.is_distinct_from(_keeps),
)
_next = aliased(ExchangeHold)
PROMISED_FROM = (
    select(func.min(func.lower(_next.during)))
    .where(
        _next.item_id == ExchangeItem.item_id,
        _next.released_at.is_(None),
        _next.exchange_id != Exchange.id,
        or_(func.upper_inf(_next.during), func.upper(_next.during) > ExchangeLoan.due_at),
    )
    .scalar_subquery()
)
