"""Reads of what members want letters about."""

from typing import Any

from sqlalchemy import ColumnElement, exists, select

from marketplace.extensions import db
from marketplace.mail.models import Letter, UnsubscribedTopic
from marketplace.own_data.parts import MEMBER_ID

OWN_LETTERS = (
    select(Letter.name, Letter.address, Letter.created_at, Letter.sent_at)
    .where(Letter.member_id == MEMBER_ID)
    .order_by(Letter.id)
)
OWN_TOPICS = (
    select(UnsubscribedTopic.topic, UnsubscribedTopic.created_at)
    .where(UnsubscribedTopic.member_id == MEMBER_ID)
    .order_by(UnsubscribedTopic.topic)
)


def is_unsubscribed(member_id: int, topic: str) -> bool:
    """Tell whether the member wants no letters about `topic`."""
    return bool(
        db.session.scalar(
            select(exists().where(UnsubscribedTopic.member_id == member_id, UnsubscribedTopic.topic == topic))
        )
    )


def wants_letters(topic: str, member_id: Any, once: Any) -> ColumnElement[bool]:
    """The condition that a member wants letters about `topic`, and was not written to about `once` yet."""
    unwanted = exists().where(UnsubscribedTopic.member_id == member_id, UnsubscribedTopic.topic == topic)
    written = exists().where(Letter.name == topic, Letter.once == once)
    return ~unwanted & ~written


def unsubscribed_topics(member_id: int) -> set[str]:
    """Return the topics that the member wants no letters about."""
    statement = (
        select(UnsubscribedTopic.topic)
        .where(UnsubscribedTopic.member_id == member_id)
        .order_by(UnsubscribedTopic.topic)
    )
    return set(db.session.scalars(statement))
