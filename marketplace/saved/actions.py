"""Writes to saved things."""

from sqlalchemy import delete, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.blocks.queries import apart
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.listings.queries import IS_SHOWN
from marketplace.saved import queries, searches
from marketplace.saved.models import QUERY_LENGTH, SavedSearch, WatchedListing
from marketplace.saved.rules import SEARCHES_MAXIMUM, WATCHED_MAXIMUM


class TooManyError(Exception):
    """The member keeps as many as can be kept."""


class TooLongError(Exception):
    """The search is longer than can be kept."""


def watch_listing(member_id: int, listing_id: int) -> bool:
    """Put the listing on the member's watchlist, and tell whether there is one that can be watched.

    A listing that is watched already stays where it is in the list. Raises TooManyError when it is full.
    """
    if not queries.is_watched(member_id, listing_id) and queries.count_watched(member_id) >= WATCHED_MAXIMUM:
        raise TooManyError
    # Whoever deletes the listing at the same moment comes before, and it is not there, or after.
    there = select(literal(member_id), Listing.id).where(
        Listing.id == listing_id, IS_SHOWN, apart(Listing.owner_id)
    )
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


def keep_search(owner_id: int, name: str, query: str) -> None:
    """Keep the search that `query` stands for; one that is kept already gets the name.

    Raises TooManyError when the member keeps as many as can be kept, and TooLongError.
    """
    if len(query.encode()) > QUERY_LENGTH:
        raise TooLongError
    is_kept = select(exists().where(SavedSearch.owner_id == owner_id, SavedSearch.query == query))
    if not db.session.scalar(is_kept) and searches.count_searches(owner_id) >= SEARCHES_MAXIMUM:
        raise TooManyError
    statement = insert(SavedSearch).values(owner_id=owner_id, name=name, query=query)
    db.session.execute(
        statement.on_conflict_do_update(
            constraint="uq_saved_searches_owner_id_query", set_={"name": statement.excluded.name}
        )
    )


def rename_search(search: SavedSearch, name: str) -> None:
    """Give a search that is kept another name."""
    search.name = name
    db.session.flush()


def mark_as_seen(search: SavedSearch) -> None:
    """Note that the member looks at the search now."""
    search.seen_at = func.now()
    db.session.flush()


def remove_search(search: SavedSearch) -> None:
    """No longer keep the search."""
    db.session.delete(search)
    db.session.flush()
