"""Writes to listings and items."""

from sqlalchemy import func, select

from marketplace.extensions import db
from marketplace.listings import queries
from marketplace.listings.drafts import ItemDraft, ListingDraft
from marketplace.listings.models import Listing, ListingItem


def post_listing(owner_id: int, draft: ListingDraft) -> Listing:
    """Publish a new listing and return it."""
    listing = Listing(
        owner_id=owner_id, category_id=draft.category_id, title=draft.title, description=draft.description
    )
    db.session.add(listing)
    db.session.flush()
    db.session.add_all(_new_item(listing, item) for item in draft.items)
    db.session.flush()
    return listing


def edit_listing(listing: Listing, draft: ListingDraft) -> None:
    """Make the listing and its items what `draft` says: items it names by id keep it, the others go."""
    # Two tabs saving at once take turns, so that neither loses an item to the other half-way.
    db.session.execute(select(Listing.id).where(Listing.id == listing.id).with_for_update())
    known = {item.id: item for item in queries.items_of(listing)}
    listing.title = draft.title
    listing.category_id = draft.category_id
    listing.description = draft.description
    listing.updated_at = func.now()
    for item in draft.items:
        # An id of somebody else's item is nobody's here: it becomes a new item.
        stored = known.pop(item.id, None) if item.id else None
        if stored is None:
            db.session.add(_new_item(listing, item))
        else:
            _fill(stored, item)
    for removed in known.values():
        db.session.delete(removed)
    db.session.flush()


def archive_listing(listing: Listing) -> None:
    """Take the listing off the site and keep it for its owner."""
    listing.status = "archived"
    db.session.flush()


def restore_listing(listing: Listing) -> None:
    """Put an archived listing back on the site."""
    listing.status = "active"
    db.session.flush()


def delete_listing(listing: Listing) -> None:
    """Delete the listing; the database deletes its items with it."""
    db.session.delete(listing)
    db.session.flush()


def _new_item(listing: Listing, draft: ItemDraft) -> ListingItem:
    item = ListingItem(listing_id=listing.id, owner_id=listing.owner_id, kind=draft.kind)
    _fill(item, draft)
    return item


def _fill(item: ListingItem, draft: ItemDraft) -> None:
    item.kind = draft.kind
    item.name = draft.name
    item.description = draft.description
    item.exchange_type = draft.exchange_type
    item.duration_days = draft.duration_days
    item.value = draft.value
