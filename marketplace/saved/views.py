"""The page of saved things, and the forms that change them."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.saved import actions, blueprint, queries
from marketplace.saved.rules import WATCHED_MAXIMUM
from marketplace.urls import path_on_this_site


@blueprint.get("/my/saved")
@access.signed_in
def show() -> str:
    return render_template(
        "saved/show.html", watched=queries.watched_by(categories.load_tree(), current_user.id)
    )


@blueprint.post("/listings/<id:listing_id>/watch")
@access.signed_in
def watch(listing_id: int) -> Response:
    try:
        if not actions.watch_listing(current_user.id, listing_id):
            abort(404)
    except actions.TooManyError:
        flash(f"You watch {WATCHED_MAXIMUM} listings, which is as many as can be: remove one first.", "error")
    else:
        flash("The listing is on your watchlist.", "success")
    return _back_to(url_for("listings.show", listing_id=listing_id))


@blueprint.post("/listings/<id:listing_id>/unwatch")
@access.signed_in
def unwatch(listing_id: int) -> Response:
    if not actions.unwatch_listing(current_user.id, listing_id):
        abort(404)
    flash("The listing is no longer on your watchlist.", "success")
    return _back_to(url_for("saved.show"))


def _back_to(otherwise: str) -> Response:
    """Lead back to the page that the form was on, which its address names as `next`."""
    return redirect(path_on_this_site(request.args.get("next")) or otherwise, 303)
