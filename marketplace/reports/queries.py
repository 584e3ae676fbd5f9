"""Reads of what can be reported, and of the reports of a member."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import abort
from sqlalchemy import BigInteger, Select, and_, bindparam, case, func, literal, null, or_, select
from sqlalchemy.orm import aliased

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.exchanges.conditions import REVIEW_IS_SHOWN, review_is_shown_at
from marketplace.exchanges.course_models import ExchangeMessage, ExchangeReview
from marketplace.exchanges.models import Exchange
from marketplace.extensions import db
from marketplace.listings.models import Listing, ListingItem
from marketplace.listings.queries import IS_SHOWN
from marketplace.own_data.parts import MEMBER_ID
from marketplace.pictures.models import Picture
from marketplace.reports.models import Case, Report

# So many reports of a member are told: the newest.
OWN_MAXIMUM = 100

_ID = bindparam("id", type_=BigInteger)
OWN_REPORTS = (
    select(Case.kind, Case.object_id, Report.reason, Report.words, Report.created_at, Case.decided_at)
    .join(Case, Case.id == Report.case_id)
    .where(Report.reporter_id == MEMBER_ID)
    .order_by(Report.id)
)


@dataclass(frozen=True)
class Reported:
    """Something that can be reported: what it is, whose, what it is called, and where it is seen.

    `exchange_id` is that of a message, and `about` names the member whom a review is about.
    """

    kind: str
    id: int
    owner_id: int
    name: str
    listing_id: int | None
    item_id: int | None
    username: str
    exchange_id: int | None = None
    about: str | None = None


def _found(object_id: Any, name: Any, listing_id: Any, item_id: Any) -> Select[Any]:
    return select(
        object_id.label("id"),
        User.id.label("owner_id"),
        name.label("name"),
        listing_id.label("listing_id"),
        item_id.label("item_id"),
        User.username,
    )


_VIEWER = bindparam("viewer_id", type_=BigInteger)
_SHOWN_OR_OWN = or_(IS_SHOWN, Listing.owner_id == _VIEWER)
_STATEMENTS = {
    "listing": _found(Listing.id, Listing.title, Listing.id, null())
    .join(User, User.id == Listing.owner_id)
    .where(Listing.id == _ID, _SHOWN_OR_OWN),
    "item": _found(ListingItem.id, ListingItem.name, Listing.id, ListingItem.id)
    .join(Listing, Listing.id == ListingItem.listing_id)
    .join(User, User.id == Listing.owner_id)
    .where(ListingItem.id == _ID, _SHOWN_OR_OWN),
    "picture": _found(Picture.id, ListingItem.name, Listing.id, ListingItem.id)
    .join(ListingItem, ListingItem.id == Picture.item_id)
    .join(Listing, Listing.id == ListingItem.listing_id)
    .join(User, User.id == Listing.owner_id)
    .where(Picture.id == _ID, _SHOWN_OR_OWN),
}
_MEMBER = _found(User.id, User.username, null(), null()).where(
    func.lower(User.username) == bindparam("username"), User.is_active
)
_reviewed = aliased(User)
_author_id = case((ExchangeMessage.author == "proposer", Exchange.proposer_id), else_=Exchange.receiver_id)
_reviewer_id = case((ExchangeReview.side == "proposer", Exchange.proposer_id), else_=Exchange.receiver_id)
# What one member wrote to another is seen by the two alone.
_STATEMENTS["message"] = (
    _found(ExchangeMessage.id, func.concat("Message of ", User.username), null(), null())
    .add_columns(Exchange.id.label("exchange_id"))
    .join_from(ExchangeMessage, Exchange, Exchange.id == ExchangeMessage.exchange_id)
    .join(User, User.id == _author_id)
    .where(ExchangeMessage.id == _ID, or_(Exchange.proposer_id == _VIEWER, Exchange.receiver_id == _VIEWER))
)
_STATEMENTS["review"] = (
    _found(ExchangeReview.id, func.concat("Review by ", User.username), null(), null())
    .add_columns(null().label("exchange_id"), _reviewed.username.label("about"))
    .join_from(ExchangeReview, Exchange, Exchange.id == ExchangeReview.exchange_id)
    .join(User, User.id == _reviewer_id)
    .join(_reviewed, _reviewed.id == ExchangeReview.about_id)
    .where(ExchangeReview.id == _ID, or_(REVIEW_IS_SHOWN, User.id == _VIEWER))
)
_OWN = (
    select(
        Report.id,
        Report.reason,
        Report.words,
        Report.created_at,
        Case.kind,
        Case.name,
        Case.decision,
        Case.decided_at,
    )
    .join(Case, Case.id == Report.case_id)
    .where(Report.reporter_id == bindparam("member_id", type_=BigInteger))
    .order_by(Report.id.desc())
    .limit(OWN_MAXIMUM)
)
_IS_REPORTED = select(literal(True)).where(
    select(Report.id)
    .join(Case, Case.id == Report.case_id)
    .where(
        and_(
            Case.kind == bindparam("kind"),
            Case.object_id == bindparam("object_id", type_=BigInteger),
            Case.decided_at.is_(None),
        ),
        Report.reporter_id == bindparam("member_id", type_=BigInteger),
    )
    .exists()
)


def get_reported(kind: str, object_id: int, viewer_id: int) -> Reported:
    """Return what is of this kind and has this id; 404 unless the viewer sees it, or it is their own."""
    values: dict[str, Any] = {"id": object_id, "viewer_id": viewer_id}
    if kind == "review":
        values |= review_is_shown_at(clock.now())
    row = db.session.execute(_STATEMENTS[kind], values).one_or_none()
    return Reported(kind, *row) if row else abort(404)


def message_as_reported(message_id: int, author_id: int) -> Reported:
    """Return a message that its author has just written, as something that the site reports."""
    return get_reported("message", message_id, author_id)


def get_reported_member(username: str) -> Reported:
    """Return the active member with this name, whatever its case, as somebody who is reported; else 404."""
    row = db.session.execute(_MEMBER, {"username": username.lower()}).one_or_none()
    return Reported("member", *row) if row else abort(404)


def has_reported(member_id: int, reported: Reported) -> bool:
    """Tell whether a report of the member about it waits for a moderator."""
    values = {"kind": reported.kind, "object_id": reported.id, "member_id": member_id}
    return db.session.execute(_IS_REPORTED, values).scalar() is not None


def own_reports(member_id: int) -> Sequence[Any]:
    """Return the newest reports of the member with what was decided, newest first."""
    return db.session.execute(_OWN, {"member_id": member_id}).all()
