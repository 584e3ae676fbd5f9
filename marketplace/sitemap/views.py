"""What search engines are told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask import Response, abort, current_app, url_for

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.database.base import MAX_BIGINT
from marketplace.sitemap import blueprint, queries
from marketplace.urls import whole_address


@blueprint.get("/robots.txt")
@access.public
def robots() -> Response:
    return Response(_render("robots.txt"), mimetype="text/plain")


@blueprint.get("/sitemap.xml")
@access.public
def index() -> Response:
    return _xml(_render("index.xml", numbers=queries.numbers_of_ranges()))


@blueprint.get("/sitemaps/pages.xml")
@access.public
def pages() -> Response:
    """The home page and the categories."""
    nodes = categories.load_tree().nodes()
    paths = [url_for("pages.home"), *(url_for("categories.show", path=node.path) for node in nodes)]
    return _addresses((path, None) for path in paths)


@blueprint.get("/sitemaps/<id:number>.xml")
@access.public
def listings(number: int) -> Response:
    """The listings on show in one range of ids."""
    if number > MAX_BIGINT // queries.RANGE:
        abort(404)
    found = queries.listings_in_range(number) or abort(404)
    # Making each address by its rule would take longer than all the rest.
    prefix = url_for("listings.show", listing_id=1).removesuffix("1")
    return _addresses((f"{prefix}{row.id}", row.updated_at) for row in found)


def _addresses(entries: Iterable[tuple[str, datetime | None]]) -> Response:
    """The sitemap of these paths, each with when its page changed, where that is known."""
    return _xml(_render("addresses.xml", site=whole_address(""), entries=entries))


def _xml(text: str) -> Response:
    return Response(text, mimetype="application/xml")


def _render(name: str, **values: Any) -> str:
    # Not by Flask's render_template: it would look for the member behind the session first.
    return current_app.jinja_env.get_template(f"sitemap/{name}").render(**values)
