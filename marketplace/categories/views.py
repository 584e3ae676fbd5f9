"""The category pages."""

from flask import abort, render_template, request

from marketplace import access
from marketplace.categories import blueprint, queries
from marketplace.categories.counts import count_nodes, link
from marketplace.conditional import conditional
from marketplace.listings import queries as listings
from marketplace.listings.paging import requested_cursor


@blueprint.get("/categories/<slugs:path>")
@access.public
@conditional
def show(path: str) -> str:
    cursor = requested_cursor()
    tree = queries.load_tree()
    node = tree.find_by_path(path)
    if node is None:
        abort(404)
    subtree = [below.id for below in node.subtree()]
    counts = listings.count_active_by_category(subtree)
    return render_template(
        "categories/show.html",
        category=node,
        trail=[link(above) for above in node.trail()[:-1]],
        children=count_nodes(node.children, counts),
        total=sum(counts.values()),
        page=listings.page_of_newest(tree, subtree, cursor, request.path),
    )
