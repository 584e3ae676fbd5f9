"""Writes: letters into the outbox, and what members want letters about."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from sqlalchemy import Text, cast, delete, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert

from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.mail import queries, rules
from marketplace.mail.models import Letter, UnsubscribedTopic
from marketplace.mail.rendering import render_letter
from marketplace.mail.topics import Topic, find_topic

SENT_ARE_KEPT = timedelta(days=30)
FAILED_ARE_KEPT = timedelta(days=90)


def write_letter(
    name: str, address: str, member_id: int | None = None, topic: str | None = None, **values: Any
) -> None:
    """Put the letter called `name` into the outbox; it is sent when this transaction has been committed.

    `values` are what its templates know. It is about `topic`, or about what it is called after: nothing is
    written when the member wants no letters about that.
    """
    chosen = find_topic(topic or name)
    if member_id is not None and chosen and queries.is_unsubscribed(member_id, chosen):
        return
    db.session.add(compose_letter(name, address, member_id, topic=topic, **values))
    db.session.flush()


def compose_letter(
    name: str,
    address: str,
    member_id: int | None = None,
    once: str | None = None,
    topic: str | None = None,
    **values: Any,
) -> Letter:
    """Return the letter called `name`, which is not in the outbox yet, for those who write many.

    Where one letter serves several topics, it goes by the name of its `topic`.

    `once` is what it is about, when there may be one letter about it and no second.
    """
    words = render_letter(name, topic or name, member_id, values)
    return Letter(
        name=topic or name,
        member_id=member_id,
        once=once,
        address=address,
        subject=words.subject,
        text=words.text,
        html=words.html,
        useless_at=func.now() + rules.time_to_send(name),
    )


def unsubscribe(member_id: int, topic: Topic) -> None:
    """Write the member no more letters about the topic, nor about any of its parts."""
    unsubscribe_from(member_id, topic.names_for(member_id))


def unsubscribe_from(member_id: int, topics: Collection[str]) -> None:
    """Write the member no more letters about the topics of these names; nothing happens for who has left."""
    names = func.unnest(cast(list(topics), ARRAY(Text)))
    there = select(User.id, names).where(User.id == member_id)
    db.session.execute(
        insert(UnsubscribedTopic).from_select(["member_id", "topic"], there).on_conflict_do_nothing()
    )


def subscribe_to(member_id: int, topics: Collection[str]) -> None:
    """Write the member letters about the topics of these names again."""
    db.session.execute(
        delete(UnsubscribedTopic).where(
            UnsubscribedTopic.member_id == member_id, UnsubscribedTopic.topic.in_(topics)
        )
    )


def remove_old_letters(limit: int) -> int:
    """Delete letters that were sent a month ago, or given up three months ago, at most `limit`."""
    old = (
        select(Letter.id)
        .where(
            or_(
                Letter.sent_at < func.now() - SENT_ARE_KEPT,
                Letter.failed_at < func.now() - FAILED_ARE_KEPT,
            )
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = delete(Letter).where(Letter.id.in_(old)).returning(Letter.id)
    return len(db.session.scalars(statement, execution_options={"synchronize_session": False}).all())
