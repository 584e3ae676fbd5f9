"""Reads for moderators, and of what members are told."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    DateTime,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.listings.models import Listing, ListingItem
from marketplace.listings.paging import Part, Place, part_of
from marketplace.moderation.models import Measure
from marketplace.own_data.parts import MEMBER_ID
from marketplace.pictures.models import Picture
from marketplace.reports.models import Case, Report

PAGE_SIZE = 50
# So many former measures and cases are told, and so many reports of one case: the newest.
TOLD_MAXIMUM = 100

_ID = bindparam("id", type_=BigInteger)
_MEMBER_ID = bindparam("member_id", type_=BigInteger)
_moderator = aliased(User)

_count_reports = select(func.count()).where(Report.case_id == Case.id).correlate(Case).scalar_subquery()
_LISTED = (
    select(
        Case.id,
        Case.kind,
        Case.name,
        Case.created_at,
        Case.decision,
        Case.decided_at,
        User.username,
        _moderator.username.label("moderator"),
        _count_reports.label("reports"),
    )
    .join(User, User.id == Case.member_id)
    .outerjoin(_moderator, _moderator.id == Case.decided_by)
    .limit(PAGE_SIZE + 1)
)
_QUEUE = _LISTED.where(Case.decided_at.is_(None), Case.id > bindparam("after", type_=BigInteger)).order_by(
    Case.id
)
_PLACE = tuple_(Case.decided_at, Case.id)
_CURSOR = tuple_(bindparam("created_at", type_=DateTime(timezone=True)), _ID)
_decided = _LISTED.where(Case.decided_at.is_not(None))
_DECIDED = {
    True: _decided.where(_PLACE > _CURSOR).order_by(Case.decided_at, Case.id),
    False: _decided.where(_PLACE < _CURSOR).order_by(Case.decided_at.desc(), Case.id.desc()),
}
_CASE = (
    select(
        Case.id,
        Case.kind,
        Case.object_id,
        Case.listing_id,
        Case.member_id,
        Case.name,
        Case.created_at,
        Case.version,
        Case.decision,
        Case.decided_at,
        _moderator.username.label("moderator"),
        User.username,
        User.role,
        User.created_at.label("member_since"),
        User.suspended_until,
        func.coalesce(User.suspended_until > func.now(), False).label("is_suspended"),
        Listing.id.is_not(None).label("has_listing"),
        Listing.hidden_at.is_not(None).label("is_hidden"),
        and_(
            Listing.hidden_at.is_not(None),
            Case.decided_at.is_(None),
            exists(
                select(Report.id)
                .where(Report.case_id == Case.id, Report.reason == "screened")
                .correlate(Case)
            ),
        ).label("is_held"),
        Listing.owner_id,
        Listing.title,
        Listing.description,
        Listing.area,
        Listing.status,
        Listing.created_at.label("listing_since"),
        Listing.updated_at.label("listing_changed"),
        exists(
            select(Picture.id)
            .join(ListingItem, ListingItem.id == Picture.item_id)
            .where(Picture.id == Case.object_id, Case.kind == "picture")
            .correlate(Case)
        ).label("has_picture"),
    )
    .join(User, User.id == Case.member_id)
    .outerjoin(Listing, Listing.id == Case.listing_id)
    .outerjoin(_moderator, _moderator.id == Case.decided_by)
    .where(Case.id == _ID)
)
_REPORTS = (
    select(Report.id, Report.reason, Report.words, Report.created_at, Report.reporter_id, User.username)
    .outerjoin(User, User.id == Report.reporter_id)
    .where(Report.case_id == _ID)
    .order_by(Report.id)
    .limit(TOLD_MAXIMUM)
)
_REPORTERS = select(Report.reporter_id).where(Report.case_id == _ID).order_by(Report.id)
_MEASURES = (
    select(
        Measure.id,
        Measure.kind,
        Measure.name,
        Measure.reason,
        Measure.ends_at,
        Measure.listing_id,
        Measure.case_id,
        Measure.created_at,
        _moderator.username.label("moderator"),
    )
    .outerjoin(_moderator, _moderator.id == Measure.decided_by)
    .where(Measure.member_id == _MEMBER_ID)
    .order_by(Measure.id.desc())
    .limit(TOLD_MAXIMUM)
)
_FORMER = _LISTED.where(
    or_(
        and_(Case.kind == bindparam("kind"), Case.object_id == bindparam("object_id", type_=BigInteger)),
        Case.member_id == _MEMBER_ID,
    ),
    Case.id != _ID,
).order_by(Case.id.desc())
_SUSPENSION = (
    select(Measure.reason)
    .where(Measure.member_id == _MEMBER_ID, Measure.kind == "suspended")
    .order_by(Measure.id.desc())
    .limit(1)
)
_WHY_HIDDEN = (
    select(Measure.reason)
    .where(Measure.listing_id == _ID, Measure.kind == "hidden")
    .order_by(Measure.id.desc())
    .limit(1)
)

OWN_MEASURES = (
    select(
        Measure.kind, Measure.name, Measure.listing_id, Measure.reason, Measure.ends_at, Measure.created_at
    )
    .where(Measure.member_id == MEMBER_ID)
    .order_by(Measure.id)
)


def open_cases(after: int) -> Sequence[Any]:
    """Return the open cases after the one with this id (0 for the first), oldest first.

    One more than PAGE_SIZE says that there are more.
    """
    return db.session.execute(_QUEUE, {"after": after}).all()


def page_of_decided(place: Place) -> Part:
    """Return the page of decided cases at `place`, the one decided last first."""
    rows = db.session.execute(_DECIDED[place.back], place.parameters()).all()
    # The place of a decided case is that of its decision.
    return part_of([_Decided(row) for row in rows], PAGE_SIZE, place)


class _Decided:
    """A decided case, whose place among others is that of its decision."""

    def __init__(self, row: Any) -> None:
        self.row = row
        self.id = row.id
        self.created_at = row.decided_at


def find_case(case_id: int) -> Any | None:
    """Return the case with the member whom it concerns and the listing as it is now, or None."""
    return db.session.execute(_CASE, {"id": case_id}).one_or_none()


def reports_of(case_id: int) -> Sequence[Any]:
    """Return the reports of a case, oldest first, with the names of those who are still members."""
    return db.session.execute(_REPORTS, {"id": case_id}).all()


def reporters_of(case_id: int) -> set[int | None]:
    """Return the ids of all who reported in a case; None stands for the site, and for those who left."""
    return set(db.session.scalars(_REPORTERS, {"id": case_id}))


def measures_against(member_id: int) -> Sequence[Any]:
    """Return what moderators did about this member and their listings, newest first."""
    return db.session.execute(_MEASURES, {"member_id": member_id}).all()


def other_cases(case: Any) -> Sequence[Any]:
    """Return the other cases about the same thing or the same member, newest first."""
    values = {"kind": case.kind, "object_id": case.object_id, "member_id": case.member_id, "id": case.id}
    return db.session.execute(_FORMER, values).all()


def why_suspended(member_id: int) -> str | None:
    """Return the reason of the member's last suspension, or None."""
    return db.session.scalar(_SUSPENSION, {"member_id": member_id})


def why_hidden(listing_id: int) -> str | None:
    """Return the reason for which the listing was hidden last, or None."""
    return db.session.scalar(_WHY_HIDDEN, {"id": listing_id})
