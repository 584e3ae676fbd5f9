"""Writes: what members are told, what they have read, and how they want to be told."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from marketplace import clock
from marketplace.extensions import db
from marketplace.mail.actions import subscribe_to, unsubscribe_from, write_letter
from marketplace.notifications import queries, wording
from marketplace.notifications.kinds import all_kinds
from marketplace.notifications.models import Notification, NotificationChoice
from marketplace.notifications.rules import AT_ONCE, DAILY, KEPT, NONE, next_morning

LETTER = "notification"


def notify(
    member_id: int, kind: str, *, once: str, at: datetime, by_id: int | None = None, **values: str | int
) -> bool:
    """Tell the member of something that happened `at` this moment; False when the member was told before.

    `once` is what it is about: for each there is one notification, and one letter at most. `by_id` is the
    member who did it, and `values` are what the kind's sentence and address name. It takes effect with the
    transaction. False of a member who has left, too.
    """
    registered = all_kinds()[kind]
    recipient = queries.find_recipient(member_id, kind, by_id)
    if recipient is None:
        return False
    how = (recipient.letters or registered.letters) if recipient.gets_letters else NONE
    statement = insert(Notification).values(
        member_id=member_id,
        kind=kind,
        once=once,
        by_id=by_id,
        details=values,
        created_at=at,
        digest_at=next_morning(at, recipient.time_zone) if how == DAILY else None,
        mailed_at=at if how == AT_ONCE else None,
    )
    added = db.session.scalar(statement.on_conflict_do_nothing().returning(Notification.id))
    if added is None:
        return False
    if how == AT_ONCE:
        write_letter(
            LETTER,
            recipient.email,
            member_id,
            topic=kind,
            username=recipient.username,
            sentence=wording.sentence_of(registered, values, recipient.who),
            sentence_as_html=wording.sentence_as_html(registered, values, recipient.who),
            link_to_it=wording.address_of(registered, values),
        )
    return True


def mark_as_read(notification: Notification) -> None:
    """Note that the member has opened it; when it was read before, that stays."""
    if notification.read_at is None:
        notification.read_at = clock.now()
        db.session.flush()


def mark_as_read_about(member_id: int, kind: str, **values: str | int) -> None:
    """Note that the member has seen elsewhere what notifications of this kind with these values tell of."""
    statement = update(Notification).where(
        Notification.member_id == member_id,
        Notification.read_at.is_(None),
        Notification.kind == kind,
        Notification.details.contains(values),
    )
    db.session.execute(
        statement.values(read_at=clock.now()), execution_options={"synchronize_session": False}
    )


def mark_all_as_read(member_id: int, until_id: int) -> None:
    """Note that the member has read all up to the newest that the page showed, and none that came later."""
    statement = update(Notification).where(
        Notification.member_id == member_id, Notification.read_at.is_(None), Notification.id <= until_id
    )
    db.session.execute(
        statement.values(read_at=clock.now()), execution_options={"synchronize_session": False}
    )


def choose_letters(member_id: int, choices: Mapping[str, str]) -> None:
    """Let letters about each topic come as the member wants: at once, once a day, or never.

    That none come is what the links in letters say, too: it is kept in the same place.
    """
    wanted = {name: how for name, how in choices.items() if how != NONE}
    unsubscribe_from(member_id, choices.keys() - wanted.keys())
    subscribe_to(member_id, wanted.keys())
    kept = [
        {"member_id": member_id, "kind": name, "letters": how}
        for name, how in wanted.items()
        if name in all_kinds()
    ]
    if kept:
        statement = insert(NotificationChoice).values(kept)
        db.session.execute(
            statement.on_conflict_do_update(
                index_elements=["member_id", "kind"],
                set_={"letters": statement.excluded.letters, "updated_at": func.now()},
            )
        )


def remove_old_notifications(limit: int) -> int:
    """Delete notifications of half a year ago, read or not, at most `limit`."""
    old = (
        select(Notification.id)
        .where(Notification.created_at < clock.now() - KEPT)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    statement = delete(Notification).where(Notification.id.in_(old)).returning(Notification.id)
    return len(db.session.scalars(statement, execution_options={"synchronize_session": False}).all())
