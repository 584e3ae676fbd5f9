"""Writes of moderators. Each decision is a row in the audit log, in the same transaction."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update

from marketplace.accounts.models import User
from marketplace.audit.actions import record
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.mail.actions import write_letter
from marketplace.moderation import queries, rules
from marketplace.moderation.models import Measure
from marketplace.pictures import actions as pictures
from marketplace.reports.models import Case

# What a decision is called among the measures that the member is told; a dismissal is none.
_MEASURES = {
    "hide": "hidden",
    "remove_picture": "picture_removed",
    "warn": "warned",
    "suspend": "suspended",
    "show_again": "shown_again",
    "lift": "lifted",
}


class CaseMovedOnError(Exception):
    """Somebody has decided about the case since the page was made."""


class NotToJudgeError(Exception):
    """The moderator may not judge this case; the words say why."""


class NotPossibleError(Exception):
    """What was chosen cannot be done about the case as it is."""


def decide(
    actor: User, case_id: int, version: int, decision: str, reason: str, days: int | None = None
) -> Any | None:
    """Decide a case, or take back what was decided; return it as it was before, or None when there is none.

    `decision` is one of rules.DECISIONS, `version` that of the case as the moderator saw it, and `days` how
    long a suspension lasts. Raises CaseMovedOnError, NotToJudgeError and NotPossibleError.
    """
    # The listing first, in the order in which its owner's changes lock it and ask for a look at it.
    of_case = select(Case.listing_id).where(Case.id == case_id).scalar_subquery()
    db.session.execute(select(Listing.id).where(Listing.id == of_case).with_for_update(key_share=True))
    # Two moderators at once take turns: the second one sees what the first one decided.
    db.session.execute(select(Case.id).where(Case.id == case_id).with_for_update())
    case = queries.find_case(case_id)
    if case is None:
        return None
    if case.version != version:
        raise CaseMovedOnError
    refusal = rules.obstacle(actor, case.member_id, case.role, queries.reporters_of(case_id))
    if refusal is not None:
        raise NotToJudgeError(refusal)
    if decision not in rules.possible_decisions(case):
        raise NotPossibleError
    ends_at = None
    if decision in ("hide", "show_again"):
        _hide(case.listing_id, func.now() if decision == "hide" else None)
    elif decision == "remove_picture":
        pictures.take_away_picture(case.object_id)
    elif decision in ("suspend", "lift"):
        ends_at = _suspend(case.member_id, days if decision == "suspend" else None)
    if decision in _MEASURES:
        _tell(actor, case, _MEASURES[decision], reason, ends_at)
    record(
        actor.id,
        decision,
        case.kind,
        case.object_id,
        member_id=case.member_id,
        reason=reason,
        before={
            "case": case.id,
            "decision": case.decision,
            "hidden": case.is_hidden,
            "suspended_until": case.suspended_until.isoformat() if case.suspended_until else None,
        },
    )
    changes: dict[str, Any] = {"version": Case.version + 1}
    if case.decision is None:
        # What is shown again was found to be all right.
        decided = "dismiss" if decision == "show_again" else decision
        changes |= {"decision": decided, "decided_at": func.now(), "decided_by": actor.id}
    db.session.execute(update(Case).where(Case.id == case_id).values(changes))
    return case


def acknowledge(member: User) -> None:
    """Note that the member has read what moderators had to say."""
    member.notice_at = None
    db.session.flush()


def _hide(listing_id: int, moment: Any) -> None:
    # Its owner did not change it.
    db.session.execute(
        update(Listing)
        .where(Listing.id == listing_id)
        .values(hidden_at=moment, updated_at=Listing.updated_at)
        .execution_options(synchronize_session=False)
    )


def _suspend(member_id: int, days: int | None) -> datetime | None:
    """Suspend the member, with all their listings, for so many days; None ends it now. Return the end."""
    now = db.session.execute(select(func.now())).scalar_one()
    until: datetime | None = now + timedelta(days=days) if days else None
    for table, owner, column in (
        (User, User.id, "suspended_until"),
        (Listing, Listing.owner_id, "shown_from"),
    ):
        db.session.execute(
            update(table)
            .where(owner == member_id)
            .values({column: until, "updated_at": table.updated_at})
            .execution_options(synchronize_session=False)
        )
    return until


def _tell(actor: User, case: Any, kind: str, reason: str, ends_at: datetime | None) -> None:
    db.session.add(
        Measure(
            member_id=case.member_id,
            case_id=case.id,
            listing_id=case.listing_id,
            kind=kind,
            name=case.title or case.name,
            reason=reason,
            ends_at=ends_at,
            decided_by=actor.id,
        )
    )
    db.session.flush()
    member = db.session.execute(
        update(User)
        .where(User.id == case.member_id)
        .values(notice_at=func.now(), updated_at=User.updated_at)
        .returning(User.email, User.email_verified_at)
        .execution_options(synchronize_session=False)
    ).one()
    if member.email_verified_at is not None:
        # Whoever is suspended cannot read it on the site.
        write_letter(
            "moderators_notice",
            member.email,
            case.member_id,
            username=case.username,
            what=rules.MEASURE_WORDS[kind],
            about=case.title or case.name,
            reason=reason,
            ends_at=ends_at.strftime("%-d %B %Y, %H:%M UTC") if ends_at else None,
        )
