"""Reads of listings and items."""

from collections.abc import Sequence
from typing import Any

from flask import abort
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Integer,
    and_,
    bindparam,
    column,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import User
from marketplace.categories.tree import Tree
from marketplace.database.base import MAX_BIGINT
from marketplace.extensions import db
from marketplace.listings.cards import Card, Page, make_cards, make_page
from marketplace.listings.models import Listing, ListingItem
from marketplace.listings.paging import Cursor
from marketplace.pictures import queries as pictures

PAGE_SIZE = 24

# Statements are built once: building one costs more than most of them take to run.
_NEWEST_ORDER = (Listing.created_at.desc(), Listing.id.desc())
CARD_COLUMNS = (
    Listing.id,
    Listing.title,
    Listing.category_id,
    Listing.created_at,
    Listing.owner_id,
    Listing.area,
)
# Everyone may see a listing as long as this holds; nobody waits for the sweep that marks it as expired.
IS_SHOWN = and_(
    Listing.status == "active", or_(Listing.expires_at.is_(None), Listing.expires_at > func.now())
)
_OLDER_THAN_CURSOR = tuple_(Listing.created_at, Listing.id) < tuple_(
    bindparam("created_at", type_=DateTime(timezone=True)), bindparam("id", type_=BigInteger)
)


def _newest_in_categories() -> Any:
    # One short index walk for each category, merged: never slow, however old a category's listings are.
    # The comparison is of rows: the same written with OR cannot use the index.
    ids = bindparam("category_ids", type_=ARRAY(BigInteger))
    category = func.unnest(ids).table_valued(column("id", BigInteger), name="category").render_derived()
    newest = (
        select(*CARD_COLUMNS)
        .where(Listing.category_id == category.c.id, Listing.status == "active", _OLDER_THAN_CURSOR)
        .order_by(*_NEWEST_ORDER)
        .limit(bindparam("limit", type_=Integer))
        .lateral("newest")
    )
    return (
        select(newest, User.username)
        .select_from(category)
        .join(newest, true())
        .join(User, User.id == newest.c.owner_id)
        .order_by(newest.c.created_at.desc(), newest.c.id.desc())
        .limit(bindparam("limit", type_=Integer))
    )


_NEWEST_IN_CATEGORIES = _newest_in_categories()
_NEWEST = (
    select(*CARD_COLUMNS, User.username)
    .join(User, User.id == Listing.owner_id)
    .where(Listing.status == "active")
    .order_by(*_NEWEST_ORDER)
    .limit(bindparam("limit", type_=Integer))
)
_CARD_ITEMS = (
    select(
        ListingItem.listing_id,
        ListingItem.kind,
        ListingItem.name,
        ListingItem.exchange_type,
        ListingItem.duration_days,
        ListingItem.value,
        ListingItem.condition,
    )
    .where(ListingItem.listing_id == func.any(bindparam("listing_ids", type_=ARRAY(BigInteger))))
    .order_by(ListingItem.listing_id, ListingItem.id)
)
_COUNTS = (
    select(Listing.category_id, func.count())
    .where(
        Listing.status == "active",
        Listing.category_id == func.any(bindparam("category_ids", type_=ARRAY(BigInteger))),
    )
    .group_by(Listing.category_id)
)


def get_listing(listing_id: int) -> Listing:
    """Return the listing with its owner, whatever its status; 404 when there is none."""
    listing = db.session.get(Listing, listing_id, options=[joinedload(Listing.owner, innerjoin=True)])
    return listing or abort(404)


def items_of(listing: Listing) -> list[ListingItem]:
    """Return the listing's items, oldest first."""
    statement = select(ListingItem).where(
        ListingItem.listing_id == listing.id, ListingItem.owner_id == listing.owner_id
    )
    return list(db.session.scalars(statement.order_by(ListingItem.id)))


def newest_cards(tree: Tree, limit: int) -> list[Card]:
    """Return the `limit` newest active listings of the whole site."""
    return cards_of(tree, db.session.execute(_NEWEST, {"limit": limit}).all())


def page_of_newest(tree: Tree, category_ids: list[int], cursor: Cursor | None, address: str) -> Page:
    """Return a page of the active listings in these categories, newest first, beginning after `cursor`.

    `address` is that of the first page.
    """
    rows = db.session.execute(
        _NEWEST_IN_CATEGORIES,
        {
            "category_ids": category_ids,
            "created_at": cursor.created_at if cursor else "infinity",
            "id": cursor.id if cursor else MAX_BIGINT,
            "limit": PAGE_SIZE + 1,
        },
    ).all()
    return make_page(cards_of(tree, rows), PAGE_SIZE, first=cursor is None, address=address)


def count_active_by_category(category_ids: list[int]) -> dict[int, int]:
    """Return how many active listings lie right in each of these categories; those with none are left out."""
    return dict(db.session.execute(_COUNTS, {"category_ids": category_ids}).all())


def cards_of(tree: Tree, rows: Sequence[Any]) -> list[Card]:
    """Return a card for each of `rows`: the CARD_COLUMNS and `username`, in their order."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    items = db.session.execute(_CARD_ITEMS, {"listing_ids": ids})
    return make_cards(tree, rows, items, pictures.covers_of_listings(ids))
