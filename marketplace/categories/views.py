"""The category pages: a search in each category, at an address of its own."""

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.categories import blueprint, queries
from marketplace.categories.counts import link
from marketplace.conditional import conditional
from marketplace.search.requests import answer, requested_search


@blueprint.get("/categories/<slugs:path>")
@access.public
@conditional
def show(path: str) -> str | Response | tuple[str, int]:
    tree = queries.load_tree()
    node = tree.find_by_path(path)
    if node is None:
        abort(404)
    if node.path != path:
        query = request.query_string.decode()
        return redirect(url_for("categories.show", path=node.path) + (f"?{query}" if query else ""), 301)
    search, problems = requested_search(tree, path)
    trail = [link(above) for above in node.trail()[:-1]]
    return answer("categories/show.html", search, problems, tree, category=node, trail=trail)
