"""From a request to a page of results: what is asked for, and the answer. Shared by all pages of results."""

from contextlib import suppress
from urllib.parse import urlencode

from flask import redirect, render_template, request
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from marketplace.categories.tree import Tree
from marketplace.search import filters
from marketplace.search.addresses import Addresses, has_category_page
from marketplace.search.page import find_results
from marketplace.search.places import Place, kind_of_place
from marketplace.search.sought import Sought
from marketplace.throttling.actions import count_attempt
from marketplace.throttling.rules import SEARCH
from marketplace.visitor_address import visitor_network

Page = str | Response | tuple[str, int]


def requested_search(tree: Tree, category: str | None = None) -> tuple[filters.Search, list[str]]:
    """Return the search that the address asks for, and sentences about what was ignored in it.

    `category` is the path of the category whose page it is.
    """
    search, problems = filters.read(request.args, lambda path: tree.find_by_path(path) is not None)
    return (search.changed(category=category) if category else search), problems


def count_search() -> None:
    """Count a search that is made anew, which takes the server longer than any other page.

    Raises Throttled when its sender has made too many. A database for reading alone is searched uncounted.
    """
    with suppress(OperationalError):
        count_attempt(SEARCH, visitor_network())


def answer(template: str, search: filters.Search, problems: list[str], tree: Tree, **context: object) -> Page:
    """Return the page of results: at its own address, or by way of a redirect to there."""
    addresses = Addresses()
    if addresses.base(search) != request.script_root + request.path:
        return redirect(_address_with_all_that_was_asked(search, addresses))
    count_search()
    sought = Sought(search, problems, tree)
    place, back, is_nonsense = _requested_place(sought.search)
    results = None if is_nonsense else find_results(sought, place, back)
    if results is None or (place is not None and not results.cards):
        return render_template("listings/beyond.html", first_url=addresses.of(sought.search)), 404
    keep = [pair for pair in search.arguments() if pair[0] != "q"]
    return render_template(template, results=results, search_query=sought.typed, search_keep=keep, **context)


def _address_with_all_that_was_asked(search: filters.Search, addresses: Addresses) -> str:
    """Return the search's own address with what was typed, right or wrong, so that it can be named there."""
    typed = [(name, value) for name, value in request.args.items(multi=True) if value.strip()]
    asked = [pair for pair in typed if pair[0] != "category"]
    if search.category and not has_category_page(search):
        asked.append(("category", search.category))
    return addresses.base(search) + (f"?{urlencode(asked)}" if asked else "")


def _requested_place(search: filters.Search) -> tuple[Place | None, bool, bool]:
    """Return the place in the address, whether the page before it is meant, and whether it is nonsense."""
    for name, back in (("after", False), ("before", True)):
        text = request.args.get(name)
        if text is not None:
            place = kind_of_place(search.sort).parse(text)
            return place, back, place is None
    return None, False, False
