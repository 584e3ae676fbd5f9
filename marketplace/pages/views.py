"""The home page."""

from flask import render_template

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.categories.counts import count_nodes
from marketplace.conditional import conditional
from marketplace.pages import blueprint
from marketplace.search import queries as search
from marketplace.search.filters import Search
from marketplace.search.matching import Match
from marketplace.search.totals import count_by_category

NEWEST_SHOWN = 12


@blueprint.get("/")
@access.public
@conditional
def home() -> str:
    tree = categories.load_tree()
    return render_template(
        "pages/home.html",
        roots=count_nodes(tree.roots, count_by_category()),
        cards=search.newest_cards(tree, Match(Search()), NEWEST_SHOWN),
    )
