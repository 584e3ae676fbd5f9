"""The home page."""

from flask import render_template

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.categories.counts import count_nodes
from marketplace.conditional import conditional
from marketplace.listings import queries as listings
from marketplace.pages import blueprint


@blueprint.get("/")
@access.public
@conditional
def home() -> str:
    tree = categories.load_tree()
    counts = listings.count_active_by_category([node.id for node in tree.nodes()])
    return render_template(
        "pages/home.html",
        roots=count_nodes(tree.roots, counts),
        cards=listings.newest_cards(tree, limit=12),
    )
