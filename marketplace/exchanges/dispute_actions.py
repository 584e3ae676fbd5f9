"""Writes of disputes: a side asks a moderator, and a moderator decides."""

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.exchanges.course_models import ExchangeDispute
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.moving import lock_exchange, move
from marketplace.extensions import db


class NotToJudgeError(Exception):
    """The moderator is one of the two."""


def dispute(exchange_id: int, side: str, words: str) -> Exchange:
    """Ask a moderator to look at the exchange, and say why: until then the clock stands still.

    Raises NotPossibleError.
    """
    exchange = move(exchange_id, "dispute", side)
    db.session.add(ExchangeDispute(exchange_id=exchange_id, side=side, words=words, created_at=clock.now()))
    db.session.flush()
    return exchange


def decide(actor: User, exchange_id: int, decision: str, reason: str) -> Exchange:
    """Settle or annul it as a moderator, with a reason that both sides read.

    Raises NotToJudgeError and NotPossibleError.
    """
    exchange = lock_exchange(exchange_id)
    if actor.id in (exchange.proposer_id, exchange.receiver_id):
        raise NotToJudgeError
    exchange = move(exchange_id, decision, "moderator", reason=reason)
    record(actor.id, decision, "swap", exchange_id, reason=reason)
    return exchange
