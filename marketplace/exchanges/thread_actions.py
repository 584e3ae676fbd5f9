"""Writes of what the two sides of an exchange say to each other, and how far they have read."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.exchanges import rules, thread_queries, thread_rules
from marketplace.exchanges.course_models import ExchangeMessage, ExchangeRead
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.moving import NotPossibleError, lock_exchange, move
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.extensions import db
from marketplace.notifications import actions as notifications
from marketplace.notifications.kinds import Kind
from marketplace.pictures import actions as pictures
from marketplace.reports.queries import message_as_reported
from marketplace.screening.actions import look_over_message
from marketplace.screening.models import ScreenedWord

KIND = Kind(
    "message",
    "Somebody writes to you in a swap",
    "{who} has written to you.",
    "exchanges.show",
    ("exchange_id",),
    "thread",
)


def send(
    exchange: Exchange,
    side: str,
    words: str,
    picture_ids: Sequence[int],
    seen: int,
    screened: Sequence[ScreenedWord],
) -> ExchangeMessage:
    """Write to the other side, and note that all up to the message `seen` was read.

    An answer to a question is the transition `reply` of the rules. Raises NotPossibleError when the two
    cannot write to each other, or not any more.
    """
    members = {"proposer": exchange.proposer_id, "receiver": exchange.receiver_id}
    _lock_members([each for each in members.values() if each is not None])
    exchange, now = lock_exchange(exchange.id), clock.now()
    own_id, other_id = members[side], members[OTHER_SIDE[side]]
    if own_id is None or other_id is None or not may_write(exchange):
        raise NotPossibleError
    is_answer = "reply" in rules.possible(exchange, side, now)
    if is_answer:
        move(exchange.id, "reply", side)
    elif thread_rules.is_news(exchange, now):
        exchange.updated_at = now
    message = ExchangeMessage(exchange_id=exchange.id, author=side, words=words, created_at=now)
    db.session.add(message)
    db.session.flush()
    if picture_ids:
        pictures.send_pictures(message.id, picture_ids)
    mark_as_read(exchange.id, side, own_id, seen)
    look_over_message(message_as_reported(message.id, own_id), words, screened)
    if is_answer:
        # That the question is answered has been told.
        return message
    # One for all that is written until the other side has read it, and one more on another day.
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = thread_queries.first_unread_of(exchange.id, side, today)
    notifications.notify(
        other_id,
        KIND.name,
        once=f"message {exchange.id} {first}",
        at=now,
        by_id=own_id,
        exchange_id=exchange.id,
    )
    return message


def may_write(exchange: Exchange) -> bool:
    """Tell whether the two sides of the exchange can write to each other now."""
    members = [each for each in (exchange.proposer_id, exchange.receiver_id) if each is not None]
    can_be_talked_in = thread_rules.can_be_talked_in(exchange, exchange.closed_at, clock.now())
    return can_be_talked_in and thread_queries.may_talk(members)


def mark_as_read(exchange_id: int, side: str, member_id: int, until_id: int) -> None:
    """Note that the side has seen the messages up to this one; what was seen before stays so."""
    last = select(func.max(ExchangeMessage.id)).where(
        ExchangeMessage.exchange_id == exchange_id, ExchangeMessage.id <= until_id
    )
    message_id = db.session.scalar(last)
    if message_id is None:
        return
    statement = insert(ExchangeRead).values(exchange_id=exchange_id, side=side, message_id=message_id)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["exchange_id", "side"],
            set_={"message_id": func.greatest(ExchangeRead.message_id, statement.excluded.message_id)},
        )
    )
    # The page may have been older than the last message, which is still to be told then.
    if not thread_queries.count_new(exchange_id, side, thread_queries.read_until(exchange_id)[side]):
        notifications.mark_as_read_about(member_id, KIND.name, exchange_id=exchange_id)


def _lock_members(member_ids: Sequence[int]) -> None:
    """Keep the two from being deleted meanwhile; in this order, as everywhere, before the exchange."""
    statement = select(User.id).where(User.id.in_(member_ids)).order_by(User.id)
    db.session.execute(statement.with_for_update(key_share=True, read=True)).all()
