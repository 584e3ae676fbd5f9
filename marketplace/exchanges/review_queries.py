"""Reads of what members say about each other, and of how their swaps went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    and_,
    bindparam,
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
from marketplace.exchanges.conditions import REVIEW_IS_SHOWN, review_is_shown_at
from marketplace.exchanges.course_models import ExchangeEvent, ExchangeReview
from marketplace.exchanges.models import SIDES, Exchange
from marketplace.exchanges.review_rules import ANSWERS_COUNTED, answers_in_words
from marketplace.extensions import db
from marketplace.listings.paging import Part, Place, part_of

PAGE_SIZE = 20
# So many are on the page of a member itself.
NEWEST = 3
# Swaps are counted as far as this, and proposals looked through for answers.
COUNTED = 1000
LOOKED_THROUGH = 100

_ID = bindparam("id", type_=BigInteger)
_MEMBER = bindparam("member_id", type_=BigInteger)
_member_of = {"proposer": Exchange.proposer_id, "receiver": Exchange.receiver_id}
_OF_EXCHANGE = (
    select(ExchangeReview.id, ExchangeReview.side, ExchangeReview.thumbs, ExchangeReview.words)
    .where(ExchangeReview.exchange_id == _ID)
    .order_by(ExchangeReview.id)
)
_ONE = (
    select(ExchangeReview.thumbs, ExchangeReview.words, User.username.label("about"))
    .join(User, User.id == ExchangeReview.about_id)
    .where(ExchangeReview.id == _ID)
)
_author = aliased(User)
_LISTED = (
    select(
        ExchangeReview.id,
        ExchangeReview.thumbs,
        ExchangeReview.words,
        ExchangeReview.created_at,
        _author.username.label("author"),
        func.coalesce(_author.id, 0).label("author_id"),
    )
    .join(Exchange, Exchange.id == ExchangeReview.exchange_id)
    .outerjoin(
        _author,
        or_(
            and_(ExchangeReview.side == "proposer", _author.id == Exchange.proposer_id),
            and_(ExchangeReview.side == "receiver", _author.id == Exchange.receiver_id),
        ),
    )
    .where(ExchangeReview.about_id == _MEMBER, REVIEW_IS_SHOWN)
    .limit(bindparam("most"))
)
_PLACE = tuple_(ExchangeReview.created_at, ExchangeReview.id)
_CURSOR = tuple_(bindparam("created_at", type_=DateTime(timezone=True)), _ID)
_PAGES = {
    True: _LISTED.where(_PLACE > _CURSOR).order_by(ExchangeReview.created_at, ExchangeReview.id),
    False: _LISTED.where(_PLACE < _CURSOR).order_by(
        ExchangeReview.created_at.desc(), ExchangeReview.id.desc()
    ),
}


def _counted(state: str) -> Any:
    # In the order of the index, which is then read no further than to the limit.
    some = [
        select(literal(1))
        .where(_member_of[side] == _MEMBER, Exchange.state == state)
        .order_by(Exchange.closed_at.desc(), Exchange.id.desc())
        .limit(COUNTED + 1)
        for side in SIDES
    ]
    return select(func.count()).select_from(union_all(*some).subquery()).scalar_subquery()


_latest = (
    select(Exchange.id, Exchange.created_at)
    .where(Exchange.receiver_id == _MEMBER)
    .order_by(Exchange.id.desc())
    .limit(LOOKED_THROUGH)
    .subquery()
)
_began = aliased(ExchangeEvent)
_answer = (
    select(ExchangeEvent.at)
    .where(
        ExchangeEvent.exchange_id == _latest.c.id,
        ExchangeEvent.actor == "receiver",
        ExchangeEvent.event.in_(("accept", "change", "decline")),
    )
    .order_by(ExchangeEvent.id)
    .limit(1)
    .lateral()
)
_answers = (
    select(func.extract("epoch", _answer.c.at - _latest.c.created_at).label("seconds"))
    .select_from(_latest.join(_answer, literal(True)))
    # From a question it takes as long as it takes until there is a proposal.
    .where(exists().where(_began.exchange_id == _latest.c.id, _began.event == "propose"))
    .order_by(_latest.c.id.desc())
    .limit(ANSWERS_COUNTED)
    .subquery()
)
_RECORD = select(
    _counted("completed").label("completed"),
    _counted("cancelled").label("cancelled"),
    select(func.percentile_cont(0.5).within_group(_answers.c.seconds)).scalar_subquery().label("seconds"),
    select(func.count()).select_from(_answers).scalar_subquery().label("answers"),
)


@dataclass(frozen=True)
class Record:
    """How a member's swaps went, and how soon they answer, in words; None when too little is known."""

    swaps: str | None
    answers: str | None


def reviews_of(exchange_id: int) -> Sequence[Any]:
    """Return the reviews of one exchange (id, side, thumbs, words)."""
    return db.session.execute(_OF_EXCHANGE, {"id": exchange_id}).all()


def find_review(review_id: int) -> Any | None:
    """Return a review by its number (thumbs, words, about), or None when whom it is about has left."""
    return db.session.execute(_ONE, {"id": review_id}).one_or_none()


def record_of(member_id: int) -> Record:
    """Return how the member's swaps went. It looks at as much for one who swaps a lot as for others."""
    row = db.session.execute(_RECORD, {"member_id": member_id}).one()
    seconds = None if row.seconds is None else float(row.seconds)
    completed, cancelled = _count_in_words(row.completed), _count_in_words(row.cancelled)
    return Record(
        swaps=f"{completed} completed, {cancelled} fell through" if row.completed or row.cancelled else None,
        answers=answers_in_words(seconds, row.answers),
    )


def page_of_reviews(member_id: int, place: Place, size: int = PAGE_SIZE) -> Part:
    """Return a page of what others say about the member, as far as it is shown, newest first."""
    values = {"member_id": member_id, "most": size + 1, **review_is_shown_at(clock.now())}
    rows = db.session.execute(_PAGES[place.back], values | place.parameters()).all()
    return part_of(rows, size, place)


def _count_in_words(number: int) -> str:
    return f"{number:,}" if number <= COUNTED else f"more than {COUNTED:,}"
