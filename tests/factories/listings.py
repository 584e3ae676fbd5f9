"""Listings and items for tests."""

from typing import Any

from sqlalchemy import select

from marketplace.listings.models import Listing, ListingItem
from tests.factories.accounts import MemberFactory
from tests.factories.categories import CategoryFactory


class ListingFactory(MemberFactory, CategoryFactory):
    """Makes listings with one item offered, unless told otherwise."""

    def listing(self, *, items: list[dict[str, Any]] | None = None, **values: Any) -> Listing:
        """Save a listing; `items` are the columns of its items."""
        number = self.number()
        if "owner_id" not in values:
            values["owner_id"] = self.member().id
        if "category_id" not in values:
            values["category_id"] = self.category().id
        listing: Listing = self.saved(Listing(**({"title": f"Listing {number}", "description": ""} | values)))
        for columns in items if items is not None else [{}]:
            self.item(listing, **columns)
        return listing

    def thing_of(self, listing: Listing) -> ListingItem:
        """Return the first item of `listing`."""
        from marketplace.extensions import db

        with self.app.app_context():
            statement = select(ListingItem).where(ListingItem.listing_id == listing.id)
            return db.session.scalars(statement.order_by(ListingItem.id).limit(1)).one()

    def item(self, listing: Listing, **values: Any) -> ListingItem:
        """Save an item of `listing`."""
        defaults = {
            "listing_id": listing.id,
            "owner_id": listing.owner_id,
            "kind": "offer",
            "name": f"Item {self.number()}",
            "exchange_type": "permanent",
        }
        item: ListingItem = self.saved(ListingItem(**(defaults | values)))
        return item
