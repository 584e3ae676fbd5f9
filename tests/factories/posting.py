"""Drafts for tests."""

from typing import Any

from marketplace.posting.models import ListingDraft
from tests.factories.base import Factory


class DraftFactory(Factory):
    """Makes drafts that are nobody's and for a new listing, unless told otherwise."""

    def draft(self, form: dict[str, Any] | None = None, **values: Any) -> ListingDraft:
        """Save a draft with what was typed into its form."""
        filled = {"title": "A draft", "saves": 1, "offers": [{}], "wants": [], **(form or {})}
        draft: ListingDraft = self.saved(ListingDraft(form=filled, **values))
        return draft
