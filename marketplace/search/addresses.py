"""The address of each state of a search: one, whichever way one got there."""

from urllib.parse import urlencode

from flask import url_for

from marketplace.search.filters import NEWEST, Search
from marketplace.search.places import Place


class Addresses:
    """Makes addresses of searches. The part before the arguments is asked of Flask once for each page."""

    def __init__(self) -> None:
        self._bases: dict[str, str] = {}

    def of(self, search: Search, *, after: Place | None = None, before: Place | None = None) -> str:
        """Return the address of a search, and in it of the page after or before a place.

        A category without words has the category's own page.
        """
        arguments = search.arguments()
        if has_category_page(search):
            arguments = [pair for pair in arguments if pair[0] != "category"]
        places = (("after", after), ("before", before))
        arguments += [(name, str(place)) for name, place in places if place is not None]
        return self.base(search) + (f"?{urlencode(arguments)}" if arguments else "")

    def base(self, search: Search) -> str:
        """Return the address without its arguments: where a form of the page is sent."""
        path = search.category if has_category_page(search) else None
        if (path or "") not in self._bases:
            self._bases[path or ""] = (
                url_for("categories.show", path=path) if path else url_for("search.show")
            )
        return self._bases[path or ""]

    def kept(self, search: Search, *names: str) -> list[tuple[str, str]]:
        """Return what a form carries along that asks for the fields `names` anew."""
        arguments = search.without(*names).arguments()
        return [pair for pair in arguments if not (has_category_page(search) and pair[0] == "category")]


def feed_address(search: Search) -> str:
    """Return the address of a search's feed, which has no order of its own."""
    query = search.changed(sort=NEWEST, near=None).query_string()
    return url_for("search.feed") + (f"?{query}" if query else "")


def has_category_page(search: Search) -> bool:
    """Tell whether the search is one of a category's own page."""
    return search.category is not None and not search.words
