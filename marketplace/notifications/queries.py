"""Reads of notifications, and of how members want to be told."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    and_,
    bindparam,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.listings.paging import Part, Place, part_of
from marketplace.mail.queries import is_unwanted, unsubscribed_topics
from marketplace.members.models import Profile
from marketplace.notifications.kinds import all_kinds
from marketplace.notifications.models import Notification, NotificationChoice
from marketplace.notifications.rules import COUNTED_MAXIMUM, DAILY, NONE
from marketplace.own_data.parts import MEMBER_ID

PAGE_SIZE = 30

_MEMBER_ID = bindparam("member_id", type_=BigInteger)
_who = aliased(User)

OWN_NOTIFICATIONS = (
    select(
        Notification.kind,
        Notification.details,
        Notification.created_at,
        Notification.read_at,
        Notification.mailed_at,
    )
    .where(Notification.member_id == MEMBER_ID)
    .order_by(Notification.id)
)
OWN_CHOICES = (
    select(NotificationChoice.kind, NotificationChoice.letters, NotificationChoice.updated_at)
    .where(NotificationChoice.member_id == MEMBER_ID)
    .order_by(NotificationChoice.kind)
)
# How many notifications a member of `users` has not read.
UNREAD = (
    select(func.count())
    .select_from(
        select(literal(1))
        .where(Notification.member_id == User.id, Notification.read_at.is_(None))
        # Whoever has more is told so.
        .limit(COUNTED_MAXIMUM + 1)
        .correlate(User)
        .subquery()
    )
    .scalar_subquery()
)
_LISTED = (
    select(
        Notification.id,
        Notification.kind,
        Notification.details,
        Notification.created_at,
        Notification.read_at,
        _who.username.label("who"),
    )
    .outerjoin(_who, _who.id == Notification.by_id)
    .where(Notification.member_id == _MEMBER_ID)
    .limit(PAGE_SIZE + 1)
)
_PLACE = tuple_(Notification.created_at, Notification.id)
_CURSOR = tuple_(bindparam("created_at", type_=DateTime(timezone=True)), bindparam("id", type_=BigInteger))
_PAGES = {
    True: _LISTED.where(_PLACE > _CURSOR).order_by(Notification.created_at, Notification.id),
    False: _LISTED.where(_PLACE < _CURSOR).order_by(Notification.created_at.desc(), Notification.id.desc()),
}
# Whom letters reach. A member who is leaving has asked for none.
_GETS_LETTERS = and_(User.is_active, User.email_verified_at.is_not(None), User.leaving_at.is_(None))


def page_of_notifications(member_id: int, place: Place) -> Part:
    """Return one page of the member's notifications, newest first."""
    values = {"member_id": member_id, **place.parameters()}
    return part_of(db.session.execute(_PAGES[place.back], values).all(), PAGE_SIZE, place)


def get_notification(notification_id: int) -> Notification:
    """Return the notification, whoever it is for; 404 when there is none."""
    return db.session.get(Notification, notification_id) or abort(404)


def find_recipient(member_id: int, kind: str, by_id: int | None) -> Any | None:
    """Return what must be known to tell the member of something; None of a member who has left.

    Who is to be deleted at the same moment is deleted before this, or after the transaction.
    """
    statement = (
        select(
            User.username,
            User.email,
            and_(_GETS_LETTERS, ~is_unwanted(User.id, kind)).label("gets_letters"),
            NotificationChoice.letters,
            func.coalesce(Profile.time_zone, "UTC").label("time_zone"),
            select(_who.username).where(_who.id == by_id).scalar_subquery().label("who"),
        )
        .outerjoin(
            NotificationChoice,
            and_(NotificationChoice.member_id == User.id, NotificationChoice.kind == kind),
        )
        .outerjoin(Profile, Profile.member_id == User.id)
        .where(User.id == member_id)
        .with_for_update(key_share=True, read=True, of=User)
    )
    return db.session.execute(statement).one_or_none()


def is_waiting() -> ColumnElement[bool]:
    """The condition that a notification waits for the letter of a day."""
    return and_(Notification.digest_at.is_not(None), Notification.mailed_at.is_(None))


def members_due(now: datetime, limit: int) -> Any:
    """Select the ids of members whose letter of the day is due, those who wait for longest first."""
    return (
        select(Notification.member_id)
        .where(is_waiting(), Notification.digest_at <= now)
        .group_by(Notification.member_id)
        .order_by(func.min(Notification.digest_at), Notification.member_id)
        .limit(limit)
    )


def worth_a_letter(ids: Collection[int]) -> Sequence[Any]:
    """Return those of the notifications that letters are to tell of, by member, newest first.

    Not those that were read on the site meanwhile, or whose kind the member no longer wants letters about.
    """
    statement = (
        select(
            Notification.member_id,
            Notification.kind,
            Notification.details,
            _who.username.label("who"),
            User.username,
            User.email,
        )
        .join(User, User.id == Notification.member_id)
        .outerjoin(_who, _who.id == Notification.by_id)
        .where(
            Notification.id.in_(ids),
            Notification.read_at.is_(None),
            _GETS_LETTERS,
            ~is_unwanted(Notification.member_id, Notification.kind),
        )
        .order_by(Notification.member_id, Notification.created_at.desc(), Notification.id.desc())
    )
    return db.session.execute(statement).all()


def daily_kinds(member_id: int) -> list[str]:
    """Return the kinds that the letter of the day tells the member of, whether it comes or not."""
    chosen = _choices(member_id)
    return [kind.name for kind in all_kinds().values() if chosen.get(kind.name, kind.letters) == DAILY]


def letters_about(member_id: int, topics: Collection[str]) -> dict[str, str]:
    """Return how letters about each topic come to the member: at once, once a day, or never."""
    unwanted, chosen, kinds = unsubscribed_topics(member_id), _choices(member_id), all_kinds()
    usual = {name: kinds[name].letters for name in topics if name in kinds}
    return {
        name: NONE if name in unwanted else chosen.get(name, usual.get(name, "at_once")) for name in topics
    }


def _choices(member_id: int) -> dict[str, str]:
    statement = (
        select(NotificationChoice.kind, NotificationChoice.letters)
        .where(NotificationChoice.member_id == member_id)
        .order_by(NotificationChoice.kind)
    )
    return {row.kind: row.letters for row in db.session.execute(statement)}
