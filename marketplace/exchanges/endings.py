"""What ends exchanges besides their own two members' answers: blocks, and members who leave."""

from sqlalchemy import (
    ColumnElement,
    and_,
    delete,
    or_,
    select,
    update,
)

from marketplace import clock
from marketplace.exchanges import rules
from marketplace.exchanges.course_models import ExchangeDispute, ExchangeMessage, ExchangeReview
from marketplace.exchanges.models import SIDES, Exchange, ExchangeVersion
from marketplace.exchanges.moving import lock_exchange, move, write
from marketplace.extensions import db

# How a side ends what is open, and what is agreed on besides, the gentlest first.
_ANSWERS = ("withdraw", "decline")
_WAYS_OUT = (*_ANSWERS, "cancel")

_MEMBER_OF = {"proposer": Exchange.proposer_id, "receiver": Exchange.receiver_id}


def end_between(member_id: int, other_id: int) -> None:
    """End what is open between the two, because one of them wants nothing to do with the other."""
    between = or_(
        and_(Exchange.proposer_id == member_id, Exchange.receiver_id == other_id),
        and_(Exchange.proposer_id == other_id, Exchange.receiver_id == member_id),
    )
    _end_all(member_id, _ANSWERS, between, Exchange.awaits.is_not(None))


def end_all_of(member_id: int) -> None:
    """End what is open of a member who leaves, and call off what is agreed on and has not changed hands."""
    of_member = or_(Exchange.proposer_id == member_id, Exchange.receiver_id == member_id)
    _end_all(member_id, _WAYS_OUT, of_member, Exchange.closed_at.is_(None))


def forget_member(member_id: int) -> None:
    """Take out what a member wrote, before the member is deleted, and end what is still under way.

    What both sides have left is nobody's any more, and goes.
    """
    end_all_of(member_id)
    for side in SIDES:
        other = rules.OTHER_SIDE[side]
        mine = select(Exchange.id).where(_MEMBER_OF[side] == member_id)
        write(delete(Exchange).where(_MEMBER_OF[side] == member_id, _MEMBER_OF[other].is_(None)))
        for table in (ExchangeVersion, ExchangeMessage):
            column = "note" if table is ExchangeVersion else "words"
            write(update(table).where(table.exchange_id.in_(mine), table.author == side).values({column: ""}))
        write(
            update(ExchangeReview)
            .where(ExchangeReview.exchange_id.in_(mine), ExchangeReview.side == side)
            .values(words="")
        )
        write(
            update(ExchangeDispute)
            .where(ExchangeDispute.exchange_id.in_(mine), ExchangeDispute.side == side)
            .values(words="")
        )
        # They may have met at home.
        write(update(Exchange).where(Exchange.id.in_(mine)).values(handover_place=None, handover_at=None))
        write(update(Exchange).where(Exchange.id.in_(mine), Exchange.closed_by == side).values(reason=""))
        under_way = list(db.session.scalars(mine.where(Exchange.closed_at.is_(None)).order_by(Exchange.id)))
        write(update(Exchange).where(_MEMBER_OF[side] == member_id).values({f"{side}_id": None}))
        for exchange_id in under_way:
            move(exchange_id, "abandon", "time")


def _end_all(member_id: int, names: tuple[str, ...], *which: ColumnElement[bool]) -> None:
    """End these, each by the first of the ways that is possible once it is locked, or leave it."""
    statement = select(Exchange.id).where(*which).order_by(Exchange.id)
    for exchange_id in db.session.scalars(statement).all():
        exchange = lock_exchange(exchange_id)
        side = "proposer" if exchange.proposer_id == member_id else "receiver"
        if "lapse" in rules.possible(exchange, "time", clock.now()):
            move(exchange_id, "lapse", "time")
        else:
            ways = [name for name in names if name in rules.possible(exchange, side, clock.now())]
            if ways:
                move(exchange_id, ways[0], side)
