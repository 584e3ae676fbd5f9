"""Writes to saved things."""

from sqlalchemy import delete, exists, literal, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.listings.queries import IS_SHOWN
from marketplace.saved import queries
from marketplace.saved.models import WatchedListing
from marketplace.saved.rules import WATCHED_MAXIMUM


class TooManyError(Exception):
    """The member keeps as many as can be kept."""


def watch_listing(member_id: int, listing_id: int) -> bool:
    """Put the listing on the member's watchlist, and tell whether there is one that can be watched.

    A listing that is watched already stays where it is in the list. Raises TooManyError when it is full.
    """
    if not queries.is_watched(member_id, listing_id) and queries.count_watched(member_id) >= WATCHED_MAXIMUM:
        raise TooManyError
    # Whoever deletes the listing at the same moment comes before, and it is not there, or after.
    there = select(literal(member_id), Listing.id).where(Listing.id == listing_id, IS_SHOWN)
    db.session.execute(
        insert(WatchedListing)
        .from_select(["member_id", "listing_id"], there.with_for_update(key_share=True, read=True))
        .on_conflict_do_nothing()
    )
    return queries.is_watched(member_id, listing_id)


def unwatch_listing(member_id: int, listing_id: int) -> bool:
    """Take the listing off the member's watchlist, where it may be, and tell whether there is such a one."""
    db.session.execute(
        delete(WatchedListing).where(
            WatchedListing.member_id == member_id, WatchedListing.listing_id == listing_id
        )
    )
    return bool(db.session.scalar(select(exists().where(Listing.id == listing_id))))
