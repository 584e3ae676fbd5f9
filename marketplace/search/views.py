"""The page of results, and the feed of any search."""

from flask import Response, render_template

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.conditional import conditional
from marketplace.search import blueprint, queries
from marketplace.search.addresses import Addresses, feed_address
from marketplace.search.feed import ENTRIES, entries_of
from marketplace.search.filters import NEWEST
from marketplace.search.requests import Page, answer, count_search, requested_search
from marketplace.search.sought import Sought
from marketplace.search.wording import name_of


@blueprint.get("/search")
@access.public
@conditional
def show() -> Page:
    tree = categories.load_tree()
    search, problems = requested_search(tree)
    return answer("search/show.html", search, problems, tree)


@blueprint.get("/search.atom")
@access.public
@conditional
def feed() -> Response:
    tree = categories.load_tree()
    search, problems = requested_search(tree)
    count_search()
    sought = Sought(search.changed(sort=NEWEST, near=None), problems, tree)
    page = render_template(
        "search/feed.xml",
        name=name_of(sought.search, tree),
        entries=entries_of(queries.newest_cards(tree, sought.match(), ENTRIES)),
        feed_url=feed_address(sought.search),
        page_url=Addresses().of(sought.search),
    )
    return Response(page, content_type="application/atom+xml; charset=utf-8")
