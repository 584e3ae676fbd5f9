"""Saved things for tests."""

from typing import Any

from marketplace.accounts.models import User
from marketplace.listings.models import Listing
from marketplace.saved.models import SavedSearch, WatchedListing
from tests.factories.listings import ListingFactory


class SavedFactory(ListingFactory):
    """Lets members save things."""

    def watched(self, member: User, listing: Listing) -> WatchedListing:
        """Let `member` watch `listing`."""
        watched: WatchedListing = self.saved(WatchedListing(member_id=member.id, listing_id=listing.id))
        return watched

    def saved_search(self, member: User, **values: Any) -> SavedSearch:
        """Let `member` keep a search, for drills unless told otherwise."""
        number = self.number()
        defaults = {"owner_id": member.id, "name": f"Drills {number}", "query": f"q=drill+{number}"}
        kept: SavedSearch = self.saved(SavedSearch(**(defaults | values)))
        return kept
