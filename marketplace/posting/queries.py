"""Reads of drafts, of a member's own listings, and of what helps to fill in the form."""

from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    and_,
    bindparam,
    func,
    or_,
    select,
    text,
)

from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.listings.paging import Part, Place, part_of
from marketplace.listings.queries import beyond_place
from marketplace.own_data.parts import MEMBER_ID
from marketplace.posting.models import ListingDraft

PAGE_SIZE = 30
# The listings that end so soon are told to their owner.
SOON = "7 days"

_OWNER = bindparam("owner_id", type_=BigInteger)
_IS_HIDDEN = Listing.hidden_at.is_not(None)
_HAS_ENDED = Listing.expires_at <= func.now()
_ENDS_SOON = and_(
    Listing.status == "active",
    ~_IS_HIDDEN,
    Listing.expires_at > func.now(),
    Listing.expires_at <= func.now() + text(f"interval '{SOON}'"),
)
# The same conditions for the lists and for their counts, whether or not the sweep has been there.
_STATES = {
    "active": and_(Listing.status == "active", ~_IS_HIDDEN, or_(Listing.expires_at.is_(None), ~_HAS_ENDED)),
    "expired": and_(
        ~_IS_HIDDEN, or_(Listing.status == "expired", and_(Listing.status == "active", _HAS_ENDED))
    ),
    "archived": and_(~_IS_HIDDEN, Listing.status == "archived"),
    "hidden": _IS_HIDDEN,
    "ending": _ENDS_SOON,
}
_COUNTS = select(
    *(func.count().filter(condition).label(state) for state, condition in _STATES.items()),
    select(func.count()).where(ListingDraft.owner_id == _OWNER).scalar_subquery().label("drafts"),
).where(Listing.owner_id == _OWNER)
_OWN = select(Listing.id, Listing.title, Listing.created_at, Listing.expires_at, Listing.lifetime_days).where(
    Listing.owner_id == _OWNER
)
# By the state, and by whether it goes back.
_PAGES = {
    (state, back): beyond_place(_OWN.where(condition), back).limit(PAGE_SIZE + 1)
    for state, condition in _STATES.items()
    for back in (False, True)
}
_DRAFTS = (
    select(
        ListingDraft.id,
        ListingDraft.listing_id,
        ListingDraft.form["title"].astext.label("title"),
        ListingDraft.updated_at,
        Listing.title.label("listing_title"),
    )
    .outerjoin(Listing, Listing.id == ListingDraft.listing_id)
    .where(ListingDraft.owner_id == _OWNER)
    .order_by(ListingDraft.updated_at.desc(), ListingDraft.id)
)
_NEWEST_OWN = (
    select(Listing.id, Listing.title, Listing.created_at)
    .where(Listing.owner_id == _OWNER)
    .order_by(Listing.created_at.desc(), Listing.id.desc())
    .limit(1)
)
# Only the newest listings are looked at, so that this stays quick however many there are.
_newest_areas = (
    select(Listing.area)
    .where(Listing.status == "active", ~_IS_HIDDEN)
    .order_by(Listing.created_at.desc(), Listing.id.desc())
    .limit(1000)
    .subquery()
)
_AREAS = (
    select(_newest_areas.c.area)
    .where(_newest_areas.c.area.is_not(None))
    .group_by(_newest_areas.c.area)
    .order_by(func.count().desc(), _newest_areas.c.area)
    .limit(20)
)
_OWN_AREA = (
    select(Listing.area)
    .where(Listing.owner_id == _OWNER, Listing.area.is_not(None))
    .order_by(Listing.created_at.desc(), Listing.id.desc())
    .limit(1)
)

OWN_DRAFTS = (
    select(
        ListingDraft.id,
        ListingDraft.listing_id,
        ListingDraft.form,
        ListingDraft.created_at,
        ListingDraft.updated_at,
    )
    .where(ListingDraft.owner_id == MEMBER_ID)
    .order_by(ListingDraft.created_at, ListingDraft.id)
)


class Counts(NamedTuple):
    """How many listings and drafts a member has of each kind; those `ending` are among the active ones."""

    active: int
    expired: int
    archived: int
    hidden: int
    ending: int
    drafts: int


def find_draft(draft_id: UUID, member_id: int) -> ListingDraft | None:
    """Return the draft when it is the member's, or nobody's yet; None for everybody else's."""
    draft = db.session.get(ListingDraft, draft_id)
    return draft if draft is not None and draft.owner_id in (None, member_id) else None


def find_draft_of(listing_id: int) -> UUID | None:
    """Return the id of the draft in which this listing's owner is changing it, or None."""
    statement = select(ListingDraft.id).where(
        ListingDraft.listing_id == listing_id, ListingDraft.owner_id.is_not(None)
    )
    return db.session.scalar(statement.order_by(ListingDraft.created_at, ListingDraft.id).limit(1))


def find_own_listing(listing_id: int | None, member_id: int | None) -> Listing | None:
    """Return the listing when it is the member's; None for visitors."""
    listing = db.session.get(Listing, listing_id) if listing_id and member_id else None
    return listing if listing is not None and listing.owner_id == member_id else None


def count_own(member_id: int) -> Counts:
    """Return how many listings and drafts the member has."""
    return Counts(**db.session.execute(_COUNTS, {"owner_id": member_id}).one()._mapping)


def page_of_own(member_id: int, state: str, place: Place) -> Part:
    """Return the page of the member's listings in this state at `place`, newest first."""
    values = place.parameters() | {"owner_id": member_id}
    return part_of(db.session.execute(_PAGES[state, place.back], values).all(), PAGE_SIZE, place)


def own_drafts(member_id: int) -> list[Any]:
    """Return the member's drafts, the one changed last first; there are never more than a page of them."""
    return list(db.session.execute(_DRAFTS, {"owner_id": member_id}))


def find_newest_own(member_id: int) -> Any | None:
    """Return the member's newest listing (id, title, created_at), or None."""
    return db.session.execute(_NEWEST_OWN, {"owner_id": member_id}).one_or_none()


def areas_used_most() -> list[str]:
    """Return the areas that the newest listings of the site name most often."""
    return list(db.session.scalars(_AREAS))


def find_own_area(member_id: int) -> str | None:
    """Return the area that the member named last, or None."""
    return db.session.scalar(_OWN_AREA, {"owner_id": member_id})
