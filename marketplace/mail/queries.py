"""Reads of what members want letters about."""

from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from marketplace.extensions import db
from marketplace.mail.models import Letter, UnsubscribedTopic
from marketplace.mail.topics import Topic
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


def is_unsubscribed(member_id: int, topic: Topic) -> bool:
    """Tell whether the member wants no letters about the topic, nor about any of its parts."""
    names = topic.names_for(member_id)
    unwanted = select(func.count()).where(
        UnsubscribedTopic.member_id == member_id, UnsubscribedTopic.topic.in_(names)
    )
    return db.session.scalar(unwanted) == len(names)


def is_unwanted(member_id: Any, topic: Any) -> ColumnElement[bool]:
    """The condition that a member wants no letters about a topic."""
    return exists().where(UnsubscribedTopic.member_id == member_id, UnsubscribedTopic.topic == topic)


def wants_letters(topic: str, member_id: Any, once: Any) -> ColumnElement[bool]:
    """The condition that a member wants letters about `topic`, and was not written to about `once` yet."""
    written = exists().where(Letter.name == topic, Letter.once == once)
    return ~is_unwanted(member_id, topic) & ~written


def unsubscribed_topics(member_id: int) -> set[str]:
    """Return the topics that the member wants no letters about."""
    statement = (
        select(UnsubscribedTopic.topic)
        .where(UnsubscribedTopic.member_id == member_id)
        .order_by(UnsubscribedTopic.topic)
    )
    return set(db.session.scalars(statement))
