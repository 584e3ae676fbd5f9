"""Reads of listings and items."""

from collections.abc import Sequence
from itertools import chain
from typing import Any, TypeVarTuple

from flask import abort
from sqlalchemy import (
    ARRAY,
    BigInteger,
    DateTime,
    Select,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from marketplace.accounts.models import User
from marketplace.categories.models import Category
from marketplace.categories.tree import Tree
from marketplace.extensions import db
from marketplace.listings.cards import Card, make_cards
from marketplace.listings.models import Listing, ListingItem
from marketplace.own_data.parts import MEMBER_ID
from marketplace.pictures import queries as pictures

PAGE_SIZE = 24
Columns = TypeVarTuple("Columns")

# Statements are built once: building one costs more than most of them take to run.
CARD_COLUMNS = (
    Listing.id,
    Listing.title,
    Listing.category_id,
    Listing.created_at,
    Listing.owner_id,
    Listing.area,
)
# Of the member whose listing it is.
OWNER_COLUMNS = (User.username, User.is_active.label("owner_is_active"))
# Everyone may see a listing as long as this holds; nobody waits for the sweep that marks it as expired.
IS_SHOWN = and_(
    Listing.status == "active",
    Listing.hidden_at.is_(None),
    or_(Listing.shown_from.is_(None), Listing.shown_from <= func.now()),
    or_(Listing.expires_at.is_(None), Listing.expires_at > func.now()),
)
# What of a listing comes before what, where the newest come first.
_PLACE = tuple_(Listing.created_at, Listing.id)
_CURSOR = tuple_(bindparam("created_at", type_=DateTime(timezone=True)), bindparam("id", type_=BigInteger))
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
_OWN_ITEM = (
    ListingItem.id,
    ListingItem.kind,
    ListingItem.name,
    ListingItem.description,
    ListingItem.exchange_type,
    ListingItem.duration_days,
    ListingItem.value,
    ListingItem.condition,
    ListingItem.created_at,
    ListingItem.updated_at,
)
_own_item = func.jsonb_build_object(
    *chain.from_iterable((literal_column(f"'{column.key}'"), column) for column in _OWN_ITEM)
)
OWN_LISTINGS = (
    select(
        Listing.id,
        Listing.title,
        Category.name.label("category"),
        Listing.description,
        Listing.area,
        Listing.status,
        Listing.lifetime_days,
        Listing.expires_at,
        Listing.hidden_at,
        Listing.created_at,
        Listing.updated_at,
        select(func.jsonb_agg(aggregate_order_by(_own_item, ListingItem.id)))
        .where(ListingItem.listing_id == Listing.id, ListingItem.owner_id == Listing.owner_id)
        .scalar_subquery()
        .label("items"),
    )
    .join(Category, Category.id == Listing.category_id)
    .where(Listing.owner_id == MEMBER_ID)
    .order_by(Listing.id)
)


def beyond_place(statement: Select[*Columns], back: bool) -> Select[*Columns]:
    """Return `statement` for the listings beyond a paging.Place, newest first, or oldest first if `back`."""
    if back:
        return statement.where(_PLACE > _CURSOR).order_by(Listing.created_at, Listing.id)
    return statement.where(_PLACE < _CURSOR).order_by(Listing.created_at.desc(), Listing.id.desc())


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


def cards_of(tree: Tree, rows: Sequence[Any]) -> list[Card]:
    """Return a card for each of `rows`: the CARD_COLUMNS and OWNER_COLUMNS, in their order."""
    if not rows:
        return []
    ids = [row.id for row in rows]
    items = db.session.execute(_CARD_ITEMS, {"listing_ids": ids})
    return make_cards(tree, rows, items, pictures.covers_of_listings(ids))
