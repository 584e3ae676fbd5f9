"""Listings and items for tests."""

from typing import Any

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
