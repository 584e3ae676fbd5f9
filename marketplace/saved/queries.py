"""Reads of saved things."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select

from marketplace.accounts.models import User
from marketplace.blocks.queries import apart
from marketplace.categories.tree import Tree
from marketplace.extensions import db
from marketplace.listings.cards import Card
from marketplace.listings.models import Listing
from marketplace.listings.queries import CARD_COLUMNS, OWNER_COLUMNS, cards_of
from marketplace.own_data.parts import MEMBER_ID
from marketplace.saved.models import SavedSearch, WatchedListing
from marketplace.saved.rules import WATCHED_MAXIMUM, state_of

OWN_SEARCHES = (
    select(SavedSearch.name, SavedSearch.query, SavedSearch.created_at, SavedSearch.seen_at)
    .where(SavedSearch.owner_id == MEMBER_ID)
    .order_by(SavedSearch.id)
)
OWN_WATCHED = (
    select(WatchedListing.listing_id, WatchedListing.created_at)
    .where(WatchedListing.member_id == MEMBER_ID)
    .order_by(WatchedListing.created_at, WatchedListing.listing_id)
)
_IS_WATCHED = select(
    exists().where(
        WatchedListing.member_id == bindparam("member_id"),
        WatchedListing.listing_id == bindparam("listing_id"),
    )
)
_WATCHED = (
    select(
        *CARD_COLUMNS,
        *OWNER_COLUMNS,
        Listing.status,
        Listing.expires_at,
        or_(Listing.hidden_at.is_not(None), func.coalesce(Listing.shown_from > func.now(), False)).label(
            "taken_down"
        ),
        func.now().label("now"),
    )
    .join(WatchedListing, WatchedListing.listing_id == Listing.id)
    .join(User, User.id == Listing.owner_id)
    .where(WatchedListing.member_id == bindparam("member_id"), apart(Listing.owner_id))
    .order_by(WatchedListing.created_at.desc(), Listing.id.desc())
    .limit(WATCHED_MAXIMUM)
)
_COUNT_WATCHED = (
    select(func.count())
    .select_from(WatchedListing)
    .join(Listing, Listing.id == WatchedListing.listing_id)
    .where(WatchedListing.member_id == bindparam("member_id"), apart(Listing.owner_id))
)


@dataclass(frozen=True)
class Watched:
    """A listing that a member watches, as a card whose `state` says why it cannot be had, if so."""

    id: int
    card: Card


def is_watched(member_id: int, listing_id: int) -> bool:
    """Tell whether the member watches the listing."""
    return bool(
        db.session.execute(_IS_WATCHED, {"member_id": member_id, "listing_id": listing_id}).scalar_one()
    )


def count_watched(member_id: int) -> int:
    """Return how many listings the member watches."""
    return int(db.session.execute(_COUNT_WATCHED, {"member_id": member_id}).scalar_one())


def watched_by(tree: Tree, member_id: int) -> list[Watched]:
    """Return the listings that the member watches, the last one added first, whatever their status."""
    rows = db.session.execute(_WATCHED, {"member_id": member_id}).all()
    return [
        Watched(row.id, _with_state(card, row)) for row, card in zip(rows, cards_of(tree, rows), strict=True)
    ]


def _with_state(card: Card, row: Any) -> Card:
    card = replace(card, state=state_of(row.status, row.expires_at, row.now, row.taken_down))
    if row.taken_down:
        # What moderators took down is nobody's to read, not even here.
        return replace(card, title="A listing you saved", offers=[], wants=[], picture=None, condition=None)
    return card
