"""The letter of the day: what is new, in one letter, in the member's morning."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import func, select, update

from marketplace import clock
from marketplace.extensions import db
from marketplace.mail.actions import compose_letter
from marketplace.mail.models import Letter
from marketplace.notifications import queries, wording
from marketplace.notifications.kinds import find_kind
from marketplace.notifications.models import Notification

LETTER = "notification_digest"
MEMBERS_AT_ONCE = 100
# The others are on the site.
TOLD_MAXIMUM = 50
# Any number that no other lock of the site has.
_LOCK = 2_060_001


def write_digests() -> int:
    """Write the letters of the day that are due, at most so many at once, and return to how many members.

    Whatever waits by then is in the letter, however long that was not done. None while somebody else does
    the same. Each notification is taken once, since that is noted in the transaction of the letter.
    """
    if not db.session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    now = clock.now()
    due = db.session.scalars(queries.members_due(now, MEMBERS_AT_ONCE)).all()
    statement = (
        update(Notification)
        .where(Notification.member_id.in_(due), queries.is_waiting())
        .values(mailed_at=now)
        .returning(Notification.id)
        .execution_options(synchronize_session=False)
    )
    rows = queries.worth_a_letter(db.session.scalars(statement).all())
    db.session.add_all(_letter(list(told)) for _, told in groupby(rows, lambda row: row.member_id))
    db.session.flush()
    return len(due)


def _letter(rows: Sequence[Any]) -> Letter:
    entries = [
        (
            wording.sentence_of(kind, row.details, row.who),
            wording.sentence_as_html(kind, row.details, row.who),
            wording.address_of(kind, row.details),
        )
        for row in rows[:TOLD_MAXIMUM]
        for kind in [find_kind(row.kind)]
    ]
    return compose_letter(
        LETTER,
        rows[0].email,
        rows[0].member_id,
        username=rows[0].username,
        number=len(rows),
        entries=entries,
    )
