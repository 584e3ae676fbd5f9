"""Writes of what the two sides of a swap say about each other when it is completed."""

from sqlalchemy import select

from marketplace import clock
from marketplace.exchanges import review_rules
from marketplace.exchanges.course_models import ExchangeReview
from marketplace.exchanges.moving import NotPossibleError, lock_exchange
from marketplace.extensions import db


def review(exchange_id: int, side: str, thumbs: str, words: str) -> ExchangeReview:
    """Say how a completed swap went. Raises NotPossibleError when that was said, or it is too late."""
    exchange, now = lock_exchange(exchange_id), clock.now()
    sides = set(
        db.session.scalars(select(ExchangeReview.side).where(ExchangeReview.exchange_id == exchange_id))
    )
    if not review_rules.can_be_reviewed(exchange.completed_at, sides, side, now):
        raise NotPossibleError
    about_id = exchange.receiver_id if side == "proposer" else exchange.proposer_id
    said = ExchangeReview(
        exchange_id=exchange_id, side=side, about_id=about_id, thumbs=thumbs, words=words, created_at=now
    )
    db.session.add(said)
    db.session.flush()
    return said
