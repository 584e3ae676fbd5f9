"""Reads for the pages that show one listing, one item, or all that a member has on show."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Integer, and_, bindparam, case, func, literal, select
from sqlalchemy.orm import aliased

from marketplace.accounts.models import User
from marketplace.blocks.queries import apart
from marketplace.categories.tree import Tree
from marketplace.exchanges.conditions import promise_of
from marketplace.extensions import db
from marketplace.listings.cards import Page
from marketplace.listings.models import Listing, ListingItem, RemovedListing
from marketplace.listings.paging import Place, part_of
from marketplace.listings.queries import (
    CARD_COLUMNS,
    IS_SHOWN,
    OWNER_COLUMNS,
    PAGE_SIZE,
    beyond_place,
    cards_of,
)

# A member's listings are counted as far as this; more are told as "1,000+".
COUNTED = 1000

_OWNER = bindparam("owner_id", type_=BigInteger)


def counted(owner_id: Any, *outer: Any) -> Any:
    """Return the scalar subquery that counts what a member has on show, up to one more than `COUNTED`.

    `outer` are the tables of the statement around it that `owner_id` belongs to.
    """
    some = select(literal(1)).where(Listing.owner_id == owner_id, IS_SHOWN).limit(COUNTED + 1)
    return select(func.count()).select_from(some.correlate(*outer).subquery()).scalar_subquery()


def next_end(owner_id: Any, *outer: Any) -> Any:
    """Return the scalar subquery for when the first of the listings that `counted` counts ends.

    It is when the count changes next, though nothing is changed.
    """
    some = select(Listing.expires_at).where(Listing.owner_id == owner_id, IS_SHOWN).limit(COUNTED + 1)
    part = some.correlate(*outer).subquery()
    return select(func.min(part.c.expires_at)).scalar_subquery()


_shown = aliased(Listing)
# What moderators decided comes first. What has outlived its time counts as expired, whether or not the
# sweep has been there.
_STATE = case(
    (_shown.hidden_at.is_not(None), "hidden"),
    (_shown.shown_from > func.now(), "suspended"),
    (and_(_shown.status == "active", _shown.expires_at <= func.now()), "expired"),
    else_=_shown.status,
)
_LISTING = select(
    _shown.id,
    _shown.owner_id,
    _shown.category_id,
    _shown.title,
    _shown.description,
    _shown.area,
    _shown.lifetime_days,
    _shown.expires_at,
    _shown.created_at,
    _shown.updated_at,
    _STATE.label("state"),
    User.username.label("owner"),
    User.is_active.label("owner_is_active"),
    User.created_at.label("owner_since"),
    counted(_shown.owner_id, _shown).label("owner_listings"),
    next_end(_shown.owner_id, _shown).label("owner_next_end"),
).join(User, User.id == _shown.owner_id)
_BY_ID = _LISTING.where(_shown.id == bindparam("id", type_=BigInteger), apart(_shown.owner_id))
_BY_ITEM = _LISTING.where(
    _shown.id
    == select(ListingItem.listing_id)
    .where(ListingItem.id == bindparam("id", type_=BigInteger))
    .scalar_subquery(),
    apart(_shown.owner_id),
)
_ITEMS = (
    select(
        ListingItem.id,
        ListingItem.kind,
        ListingItem.name,
        ListingItem.description,
        ListingItem.exchange_type,
        ListingItem.duration_days,
        ListingItem.value,
        ListingItem.condition,
        promise_of(ListingItem.id).label("promise"),
    )
    .where(
        ListingItem.listing_id == bindparam("listing_id", type_=BigInteger), ListingItem.owner_id == _OWNER
    )
    .order_by(ListingItem.id)
)
_REMOVED = select(RemovedListing.id, RemovedListing.category_id, RemovedListing.removed_at).where(
    RemovedListing.id == bindparam("id", type_=BigInteger)
)
_of_member = (
    select(*CARD_COLUMNS, *OWNER_COLUMNS)
    .join(User, User.id == Listing.owner_id)
    .where(Listing.owner_id == _OWNER, IS_SHOWN)
    .limit(bindparam("limit", type_=Integer))
)
# By whether it goes back.
_OF_MEMBER = {back: beyond_place(_of_member, back) for back in (False, True)}


def count_in_words(count: int) -> str:
    """Say how many listings there are, of which no more than one beyond `COUNTED` were counted."""
    if count > COUNTED:
        return f"{COUNTED:,}+ listings"
    return f"{count:,} listing{'' if count == 1 else 's'}"


def find_listing(listing_id: int) -> Any | None:
    """Return the listing with its owner, whatever its state; None where a block keeps the reader away."""
    return db.session.execute(_BY_ID, {"id": listing_id}).one_or_none()


def find_listing_of_item(item_id: int) -> Any | None:
    """Return the listing that the item is part of as `find_listing` does, or None."""
    return db.session.execute(_BY_ITEM, {"id": item_id}).one_or_none()


def find_removed(listing_id: int) -> Any | None:
    """Return what is known of a listing that was deleted (id, category_id, removed_at), or None."""
    return db.session.execute(_REMOVED, {"id": listing_id}).one_or_none()


def items_of(listing: Any) -> Sequence[Any]:
    """Return the items of a listing, oldest first."""
    return db.session.execute(_ITEMS, {"listing_id": listing.id, "owner_id": listing.owner_id}).all()


def page_of_member(tree: Tree, owner_id: int, place: Place, address: str) -> Page:
    """Return the page of what the member has on show at `place`, newest first.

    `address` is that of the first page.
    """
    values = place.parameters() | {"owner_id": owner_id, "limit": PAGE_SIZE + 1}
    part = part_of(db.session.execute(_OF_MEMBER[place.back], values).all(), PAGE_SIZE, place)
    return Page(
        cards_of(tree, part.rows),
        newest_url=address if place.cursor else None,
        newer_url=f"{address}?newer={part.newer}" if part.newer else None,
        older_url=f"{address}?older={part.older}" if part.older else None,
    )
