"""Saved things for tests."""

from marketplace.accounts.models import User
from marketplace.listings.models import Listing
from marketplace.saved.models import WatchedListing
from tests.factories.listings import ListingFactory


class SavedFactory(ListingFactory):
    """Lets members save things."""

    def watched(self, member: User, listing: Listing) -> WatchedListing:
        """Let `member` watch `listing`."""
        watched: WatchedListing = self.saved(WatchedListing(member_id=member.id, listing_id=listing.id))
        return watched
