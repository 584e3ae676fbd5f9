"""The pages of listings and of their items."""

from flask import abort, render_template
from flask_login import current_user

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.categories.counts import Link, link
from marketplace.conditional import conditional
from marketplace.listings import blueprint, queries
from marketplace.listings.models import Listing


@blueprint.get("/listings/<id:listing_id>")
@access.public
@conditional
def show(listing_id: int) -> str:
    listing = queries.get_listing(listing_id)
    is_owner = _may_see(listing)
    items = queries.items_of(listing)
    return render_template(
        "listings/show.html",
        listing=listing,
        trail=_trail(listing),
        offers=[item for item in items if item.kind == "offer"],
        wants=[item for item in items if item.kind == "want"],
        is_owner=is_owner,
    )


@blueprint.get("/items/<id:item_id>")
@access.public
@conditional
def item(item_id: int) -> str:
    found = queries.find_item(item_id) or abort(404)
    is_owner = _may_see(found.listing)
    return render_template(
        "listings/item.html",
        item=found,
        listing=found.listing,
        trail=_trail(found.listing),
        is_owner=is_owner,
        others=[other for other in queries.items_of(found.listing) if other.id != found.id],
    )


def _may_see(listing: Listing) -> bool:
    """Tell whether the listing is the reader's own; 404 when it is archived and somebody else's."""
    is_owner = bool(current_user.is_authenticated and current_user.id == listing.owner_id)
    if listing.status != "active" and not is_owner:
        abort(404)
    return is_owner


def _trail(listing: Listing) -> list[Link]:
    node = categories.load_tree().find(listing.category_id)
    return [link(above) for above in node.trail()] if node else []
