"""The pages to read, post, edit, archive and delete listings."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.listings import actions, blueprint, queries, shown
from marketplace.listings.forms import ListingForm, values_of
from marketplace.listings.models import Listing
from marketplace.listings.reading import counterparts_url, gone, link_to, may_see, reading

Page = str | Response | tuple[str, int]


@blueprint.get("/listings/<id:listing_id>")
@access.public
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


@blueprint.get("/my/listings")
@access.signed_in
def mine() -> str:
    tree = categories.load_tree()
    return render_template(
        "listings/mine.html",
        active=queries.own_cards(tree, current_user.id, "active"),
        archived=queries.own_cards(tree, current_user.id, "archived"),
    )


@blueprint.get("/listings/new")
@access.signed_in
def new() -> str:
    form = ListingForm(categories.load_tree())
    form.open_rows()
    return _new_page(form)


@blueprint.post("/listings/new")
@access.signed_in
def create() -> Page:
    form = ListingForm(categories.load_tree())
    if form.change_rows(request.form):
        return _new_page(form)
    form.drop_blank_rows()
    if not form.validate():
        form.open_rows()
        return _new_page(form), 422
    listing = actions.post_listing(current_user.id, form.draft())
    flash("Your listing is published.", "success")
    return redirect(url_for("listings.show", listing_id=listing.id), 303)


@blueprint.get("/listings/<id:listing_id>/edit")
@access.owner_of(queries.get_listing)
def edit(listing: Listing) -> str:
    form = ListingForm(categories.load_tree(), data=values_of(listing, queries.items_of(listing)))
    form.open_rows()
    return _edit_page(form, listing)


@blueprint.post("/listings/<id:listing_id>/edit")
@access.owner_of(queries.get_listing)
def update(listing: Listing) -> Page:
    form = ListingForm(categories.load_tree())
    if form.change_rows(request.form):
        return _edit_page(form, listing)
    form.drop_blank_rows()
    if not form.validate():
        form.open_rows()
        return _edit_page(form, listing), 422
    actions.edit_listing(listing, form.draft())
    flash("Your changes are saved.", "success")
    return redirect(url_for("listings.show", listing_id=listing.id), 303)


@blueprint.post("/listings/<id:listing_id>/archive")
@access.owner_of(queries.get_listing)
def archive(listing: Listing) -> Response:
    actions.archive_listing(listing)
    flash("Your listing is archived: only you can see it.", "success")
    return redirect(url_for("listings.show", listing_id=listing.id), 303)


@blueprint.post("/listings/<id:listing_id>/restore")
@access.owner_of(queries.get_listing)
def restore(listing: Listing) -> Response:
    actions.restore_listing(listing)
    flash("Your listing is back on the site.", "success")
    return redirect(url_for("listings.show", listing_id=listing.id), 303)


@blueprint.get("/listings/<id:listing_id>/delete")
@access.owner_of(queries.get_listing)
def confirm_delete(listing: Listing) -> str:
    return render_template("listings/delete.html", listing=listing)


@blueprint.post("/listings/<id:listing_id>/delete")
@access.owner_of(queries.get_listing)
def delete(listing: Listing) -> Response:
    actions.delete_listing(listing)
    flash(f"“{listing.title}” is deleted.", "success")
    return redirect(url_for("listings.mine"), 303)


def _gone_page(listing: Any, state: str) -> tuple[str, int]:
    return render_template("listings/gone.html", **gone(listing, state)), 410


def _new_page(form: ListingForm) -> str:
    return render_template(
        "listings/form.html",
        form=form,
        listing=None,
        action_url=url_for("listings.create"),
        cancel_url=url_for("listings.mine"),
        error_list=form.error_list(),
    )


def _edit_page(form: ListingForm, listing: Listing) -> str:
    return render_template(
        "listings/form.html",
        form=form,
        listing=listing,
        action_url=url_for("listings.update", listing_id=listing.id),
        cancel_url=url_for("listings.show", listing_id=listing.id),
        error_list=form.error_list(),
    )
