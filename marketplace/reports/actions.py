"""Writes to reports: each goes into the open case about its object, or opens one."""

from typing import Any

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from marketplace.extensions import db
from marketplace.reports.models import Case, Report
from marketplace.reports.queries import Reported

# What one member can report within a day: enough for anybody who means well.
DAILY_MAXIMUM = 30


class TooManyError(Exception):
    """The member has reported as much as can be reported in a day."""


def report(reporter_id: int, reported: Reported, reason: str, words: str) -> bool:
    """Tell the moderators; return False when an open report of this member about it is there already.

    Raises TooManyError.
    """
    today = select(func.count()).where(
        Report.reporter_id == reporter_id, Report.created_at > func.now() - text("interval '1 day'")
    )
    if (db.session.scalar(today) or 0) >= DAILY_MAXIMUM:
        raise TooManyError
    return _add(reported, reporter_id=reporter_id, reason=reason, words=words)


def report_by_site(reported: Reported, words: str) -> None:
    """Put something into the queue because the site itself asks for a look; `words` say why, to moderators.

    While a case about it is open, the words are added to that.
    """
    _add(reported, reporter_id=None, reason="screened", words=words)


def forget_words_of(member_id: int) -> None:
    """Take out what a member wrote in reports, before the member is deleted; the reports stay."""
    db.session.execute(
        update(Report).where(Report.reporter_id == member_id).values(words=""),
        execution_options={"synchronize_session": False},
    )


def _add(reported: Reported, **columns: Any) -> bool:
    # The lock on the case keeps a moderator from deciding it while a report is on its way into it.
    opened = insert(Case).values(
        kind=reported.kind,
        object_id=reported.id,
        listing_id=reported.listing_id,
        member_id=reported.owner_id,
        name=reported.name,
    )
    case_id = db.session.execute(
        opened.on_conflict_do_update(
            index_elements=["kind", "object_id"],
            index_where=Case.decided_at.is_(None),
            set_={"version": Case.version},
        ).returning(Case.id)
    ).scalar_one()
    added = insert(Report).values(case_id=case_id, **columns).on_conflict_do_nothing().returning(Report.id)
    return db.session.execute(added).scalar() is not None
