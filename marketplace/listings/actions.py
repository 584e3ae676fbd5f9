"""Writes to listings and items."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from marketplace.exchanges.conditions import is_kept_for
from marketplace.extensions import db
from marketplace.listings.drafts import ItemDraft, ListingDraft
from marketplace.listings.models import Listing, ListingItem
from marketplace.search.models import SearchEntry

_ITEM_FIELDS = ("kind", "name", "description", "exchange_type", "duration_days", "value", "condition")


def _in_days(days: Any) -> ColumnElement[Any]:
    """So many days from now; NULL, which is never, for NULL."""
    return func.now() + func.make_interval(0, 0, 0, cast(days, Integer))


# What was typed into the items, as rows beside the stored ones.
_TYPED = (
    func.jsonb_to_recordset(bindparam("items", type_=JSONB))
    .table_valued(
        column("id", BigInteger),
        *(column(name, ListingItem.__table__.c[name].type) for name in _ITEM_FIELDS),
        name="typed",
    )
    .render_derived(with_types=True)
)
_CHANGE_ITEMS = (
    update(ListingItem)
    .values({name: _TYPED.c[name] for name in _ITEM_FIELDS})
    .where(
        ListingItem.id == _TYPED.c.id,
        # By the index of a listing's items, however many the typed ones may be.
        ListingItem.listing_id == bindparam("of_listing", type_=BigInteger),
        # Items that stay as they are keep the moment of their last change.
        tuple_(*(getattr(ListingItem, name) for name in _ITEM_FIELDS)).is_distinct_from(
            tuple_(*(_TYPED.c[name] for name in _ITEM_FIELDS))
        ),
    )
    .execution_options(synchronize_session=False)
)
_DELETE_ITEMS = (
    delete(ListingItem)
    .where(ListingItem.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .execution_options(synchronize_session=False)
)
_ADD_ITEMS = insert(ListingItem).returning(ListingItem.id, sort_by_parameter_order=True)
_ITEM_IDS = (
    select(ListingItem.id)
    .where(
        ListingItem.listing_id == bindparam("listing_id", type_=BigInteger),
        ListingItem.owner_id == bindparam("owner_id", type_=BigInteger),
    )
    .order_by(ListingItem.id)
)


def _of_owner(**changes: Any) -> Any:
    """Change what is not content: the listing does not count as changed by its owner."""
    return (
        update(Listing)
        .values(updated_at=Listing.updated_at, **changes)
        .where(
            Listing.owner_id == bindparam("owner", type_=BigInteger),
            Listing.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))),
        )
        .returning(Listing.id)
        .execution_options(synchronize_session=False)
    )


_ARCHIVE = _of_owner(status="archived")
_RESTORE = _of_owner(
    status="active",
    expires_at=case(
        (Listing.expires_at > func.now(), Listing.expires_at), else_=_in_days(Listing.lifetime_days)
    ),
)
_RENEW = _of_owner(status="active", expires_at=_in_days(Listing.lifetime_days)).where(
    Listing.status != "archived", Listing.lifetime_days.is_not(None)
)
# The index of search entries knows which ones have ended; the listing itself says whether that still holds.
_ENDED = (
    select(Listing.id)
    .join(SearchEntry, SearchEntry.listing_id == Listing.id)
    .where(
        SearchEntry.expires_at <= func.now(),
        Listing.status == "active",
        Listing.expires_at <= func.now(),
    )
    .order_by(SearchEntry.expires_at)
    .limit(bindparam("limit", type_=Integer))
    .with_for_update(of=Listing, skip_locked=True)
)
_EXPIRE = (
    update(Listing)
    .values(status="expired", updated_at=Listing.updated_at)
    .where(Listing.id == func.any(bindparam("ids", type_=ARRAY(BigInteger))))
    .execution_options(synchronize_session=False)
)


class KeptError(Exception):
    """Something of it is promised in a swap that is not over: it stays as it is until then."""


def post_listing(owner_id: int, draft: ListingDraft) -> tuple[int, list[int]]:
    """Publish a new listing; return its id and those of its items, in the order of `draft`."""
    values = _columns(draft) | {"owner_id": owner_id, "expires_at": _in_days(draft.lifetime_days)}
    listing_id = db.session.execute(insert(Listing).values(values).returning(Listing.id)).scalar_one()
    return listing_id, _add_items(listing_id, owner_id, draft.items)


def edit_listing(listing: Listing, draft: ListingDraft) -> list[int]:
    """Make the listing and its items what `draft` says; return the ids of the items in its order.

    Items it names by id keep it, the others go. A listing that had expired is shown again. Raises KeptError.
    """
    # Two tabs saving at once take turns, so that neither loses an item to the other half-way.
    db.session.execute(select(Listing.id).where(Listing.id == listing.id).with_for_update(key_share=True))
    left: set[int | None] = set(
        db.session.scalars(_ITEM_IDS, {"listing_id": listing.id, "owner_id": listing.owner_id})
    )
    if out := left - {item.id for item in draft.items}:
        _refuse_kept(ListingItem.id.in_(out))
    _change(listing, draft)
    # The id that each item keeps. An id of somebody else's item is nobody's here, and so is one that was
    # named before: such an item is a new one.
    places: list[int | None] = []
    for item in draft.items:
        places.append(item.id if item.id in left else None)
        left.discard(item.id)
    if left:
        db.session.execute(_DELETE_ITEMS, {"ids": list(left)})
    if kept := [asdict(item) for item, place in zip(draft.items, places, strict=True) if place]:
        db.session.execute(_CHANGE_ITEMS, {"items": kept, "of_listing": listing.id})
    new = [item for item, place in zip(draft.items, places, strict=True) if not place]
    new_ids = iter(_add_items(listing.id, listing.owner_id, new))
    return [place or next(new_ids) for place in places]


def archive_listings(owner_id: int, listing_ids: Sequence[int]) -> list[int]:
    """Take these listings of the member off the site; return the ids of those that are there.

    Raises KeptError, and takes none, when something of one of them is promised.
    """
    _lock_listings(Listing.owner_id == owner_id, Listing.id.in_(listing_ids))
    _refuse_kept(ListingItem.listing_id.in_(listing_ids), ListingItem.owner_id == owner_id)
    return _changed(_ARCHIVE, owner_id, listing_ids)


def restore_listings(owner_id: int, listing_ids: Sequence[int]) -> list[int]:
    """Put these listings of the member back on the site, and return the ids of those that are there.

    They are shown for their whole time again when that has run out.
    """
    return _changed(_RESTORE, owner_id, listing_ids)


def renew_listings(owner_id: int, listing_ids: Sequence[int]) -> list[int]:
    """Show these listings of the member for their whole time again, counted from now; return their ids.

    Archived listings, and those shown without end, are left alone and left out.
    """
    return _changed(_RENEW, owner_id, listing_ids)


def expire_listings(limit: int) -> int:
    """Mark at most `limit` listings whose time has run out as expired; return how many.

    Those that somebody else is changing at this moment are passed over.
    """
    ended = list(db.session.scalars(_ENDED, {"limit": limit}))
    if ended:
        # Not for nothing: each write tells pages that something has changed.
        db.session.execute(_EXPIRE, {"ids": ended})
    return len(ended)


def delete_listing(listing: Listing) -> None:
    """Delete the listing; the database deletes its items with it. Raises KeptError."""
    _lock_listings(Listing.id == listing.id)
    _refuse_kept(ListingItem.listing_id == listing.id)
    db.session.delete(listing)
    db.session.flush()


def _lock_listings(*which: ColumnElement[bool]) -> None:
    db.session.execute(
        select(Listing.id).where(*which).order_by(Listing.id).with_for_update(key_share=True)
    ).all()


def _refuse_kept(*which: ColumnElement[bool]) -> None:
    """Raise KeptError when one of these items is promised; nobody promises one until this request ends."""
    lock = select(ListingItem.id).where(*which).order_by(ListingItem.id).with_for_update()
    ids = db.session.scalars(lock).all()
    # By a statement of its own, which sees what was promised while this one waited for the locks.
    kept = select(ListingItem.id).where(ListingItem.id.in_(ids), is_kept_for(ListingItem.id)).limit(1)
    if ids and db.session.scalar(kept) is not None:
        raise KeptError


def _columns(draft: ListingDraft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "category_id": draft.category_id,
        "description": draft.description,
        "area": draft.area,
        "lifetime_days": draft.lifetime_days,
    }


def _change(listing: Listing, draft: ListingDraft) -> None:
    keeps_its_end = and_(
        Listing.lifetime_days.is_not_distinct_from(cast(draft.lifetime_days, Integer)),
        or_(Listing.status == "archived", Listing.expires_at > func.now()),
    )
    changes = _columns(draft) | {
        "status": case((Listing.status == "archived", "archived"), else_="active"),
        "expires_at": case((keeps_its_end, Listing.expires_at), else_=_in_days(draft.lifetime_days)),
        "updated_at": func.now(),
    }
    for name, value in changes.items():
        setattr(listing, name, value)
    db.session.flush()


def _changed(statement: Any, owner_id: int, listing_ids: Sequence[int]) -> list[int]:
    return list(db.session.scalars(statement, {"owner": owner_id, "ids": list(listing_ids)}))


def _add_items(listing_id: int, owner_id: int, items: Sequence[ItemDraft]) -> list[int]:
    """Store new items in one statement, and return their ids in the same order."""
    if not items:
        return []
    whose = {"listing_id": listing_id, "owner_id": owner_id}
    rows = [{**whose, **{name: getattr(item, name) for name in _ITEM_FIELDS}} for item in items]
    return list(db.session.scalars(_ADD_ITEMS, rows))
