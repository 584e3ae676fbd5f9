"""The pages of a member's own listings: all of them, and what is done with each once it is published."""

from datetime import UTC, datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.listings import actions
from marketplace.listings import queries as listings
from marketplace.listings.models import Listing
from marketplace.listings.paging import Part, requested_place
from marketplace.posting import blueprint, queries
from marketplace.posting.forms import id_or_none
from marketplace.posting.own_pages import TABS, draft_rows, listing_rows, make_tabs, pages_beside

WITHOUT_END = "This listing is shown without an end: there is nothing to renew."
HIDDEN = "This listing is hidden: only a moderator can show it again."
KEPT = "Something of it is promised in a swap: that has to be over first. Look under “Swaps”."
TICK = "Tick the listings first, then choose what to do with them."
# What can be done with several listings at once, and how it is told.
ACTS = {
    "renew": (actions.renew_listings, "Renewed {}: shown for the whole time again."),
    "archive": (actions.archive_listings, "Archived {}: only you can see what is archived."),
    "restore": (actions.restore_listings, "Put back {}."),
}


@blueprint.get("/my/listings")
@access.signed_in
def mine() -> str | tuple[str, int]:
    tab = request.args.get("tab", "active")
    if tab not in TABS:
        tab = "active"
    counts, place = queries.count_own(current_user.id), requested_place()
    first_url = url_for("posting.mine", tab=tab)
    part = Part([], None, None)
    if tab != "drafts":
        part = queries.page_of_own(current_user.id, tab, place)
        if place.cursor and not part.rows:
            return render_template("listings/beyond.html", first_url=first_url), 404
    return render_template(
        "posting/mine.html",
        tab=tab,
        counts=counts,
        tabs=make_tabs(tab, counts),
        rows=listing_rows(part.rows, datetime.now(UTC)),
        drafts=draft_rows(queries.own_drafts(current_user.id)) if tab == "drafts" else [],
        newest_url=first_url if place.cursor else None,
        **pages_beside(tab, part),
    )


@blueprint.post("/my/listings")
@access.signed_in
def change_several() -> Response:
    act, told = ACTS.get(request.form.get("act", "")) or abort(400)
    ids = [listing_id for each in request.form.getlist("id") if (listing_id := id_or_none(each))]
    if ids:
        try:
            done = len(act(current_user.id, ids[: queries.PAGE_SIZE]))
        except actions.KeptError:
            flash(KEPT, "error")
        else:
            flash(told.format("1 listing" if done == 1 else f"{done} listings"), "success")
    else:
        flash(TICK, "error")
    return redirect(url_for("posting.mine", tab=request.args.get("tab")), 303)


@blueprint.post("/listings/<id:listing_id>/renew")
@access.owner_of(listings.get_listing)
def renew(listing: Listing) -> Response:
    if listing.hidden_at is not None:
        flash(HIDDEN, "error")
    elif listing.status == "archived":
        flash("This listing is archived: put it back first.", "error")
    elif listing.lifetime_days is None:
        flash(WITHOUT_END)
    else:
        _ = actions.renew_listings(current_user.id, [listing.id]) or abort(404)
        flash(f"Your listing is renewed: it is shown for {listing.lifetime_days} days from now.", "success")
    return redirect(url_for("listings.show", listing_id=listing.id), 303)


@blueprint.post("/listings/<id:listing_id>/archive")
@access.owner_of(listings.get_listing)
def archive(listing: Listing) -> Response:
    try:
        _ = actions.archive_listings(current_user.id, [listing.id]) or abort(404)
    except actions.KeptError:
        flash(KEPT, "error")
    else:
        flash("Your listing is archived: only you can see it.", "success")
    return redirect(url_for("listings.show", listing_id=listing.id), 303)


@blueprint.post("/listings/<id:listing_id>/restore")
@access.owner_of(listings.get_listing)
def restore(listing: Listing) -> Response:
    if listing.hidden_at is not None:
        flash(HIDDEN, "error")
    else:
        _ = actions.restore_listings(current_user.id, [listing.id]) or abort(404)
        flash("Your listing is back on the site.", "success")
    return redirect(url_for("listings.show", listing_id=listing.id), 303)


@blueprint.get("/listings/<id:listing_id>/delete")
@access.owner_of(listings.get_listing)
def confirm_delete(listing: Listing) -> str:
    return render_template("posting/delete.html", listing=listing)


@blueprint.post("/listings/<id:listing_id>/delete")
@access.owner_of(listings.get_listing)
def delete(listing: Listing) -> Response:
    try:
        actions.delete_listing(listing)
    except actions.KeptError:
        flash(KEPT, "error")
        return redirect(url_for("listings.show", listing_id=listing.id), 303)
    flash(f"“{listing.title}” is deleted.", "success")
    return redirect(url_for("posting.mine"), 303)
