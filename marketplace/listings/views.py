"""The pages of listings and of their items."""

from typing import Any

from flask import abort, render_template

from marketplace import access
from marketplace.conditional import conditional_but_for_ends
from marketplace.listings import blueprint, shown
from marketplace.listings.reading import counterparts_url, gone, link_to, may_see, reading

Page = str | tuple[str, int]


@blueprint.get("/listings/<id:listing_id>")
@access.public
@conditional_but_for_ends
def show(listing_id: int) -> Page:
    listing = shown.find_listing(listing_id)
    if listing is None:
        return _gone_page(shown.find_removed(listing_id) or abort(404), "removed")
    if not may_see(listing):
        return _gone_page(listing, listing.state)
    items = shown.items_of(listing)
    return render_template(
        "listings/show.html",
        offers=[item for item in items if item.kind == "offer"],
        wants=[item for item in items if item.kind == "want"],
        **reading(listing, listing.title, items),
    )


@blueprint.get("/items/<id:item_id>")
@access.public
@conditional_but_for_ends
def item(item_id: int) -> Page:
    listing = shown.find_listing_of_item(item_id) or abort(404)
    if not may_see(listing):
        return _gone_page(listing, listing.state)
    items = shown.items_of(listing)
    found = next((each for each in items if each.id == item_id), None) or abort(404)
    return render_template(
        "listings/item.html",
        item=found,
        others=[each for each in items if each is not found],
        counterparts_url=counterparts_url(found),
        **reading(listing, found.name, [found], [link_to(listing)]),
    )


def _gone_page(listing: Any, state: str) -> tuple[str, int]:
    return render_template("listings/gone.html", **gone(listing, state)), 410
