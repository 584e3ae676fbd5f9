"""The page of saved things, and the forms that change them."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.saved import actions, blueprint, queries, searches
from marketplace.saved.forms import SearchNameForm
from marketplace.saved.models import SEARCH_NAME_LENGTH, SavedSearch
from marketplace.saved.rules import SEARCHES_MAXIMUM, WATCHED_MAXIMUM
from marketplace.search.addresses import Addresses
from marketplace.search.filters import read
from marketplace.search.wording import name_of
from marketplace.urls import path_on_this_site

Page = str | Response | tuple[str, int]


@blueprint.get("/my/saved")
@access.signed_in
def show() -> str:
    tree = categories.load_tree()
    return render_template(
        "saved/show.html",
        watched=queries.watched_by(tree, current_user.id),
        searches=searches.kept_by(tree, current_user.id),
        addresses=Addresses(),
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


@blueprint.get("/my/saved/searches/new")
@access.signed_in
def name_search() -> str:
    tree = categories.load_tree()
    search, _ = read(request.args, lambda path: tree.find_by_path(path) is not None)
    return _new_page(SearchNameForm(data={"name": name_of(search, tree)[:SEARCH_NAME_LENGTH]}))


@blueprint.post("/my/saved/searches/new")
@access.signed_in
def keep_search() -> Page:
    tree = categories.load_tree()
    search, _ = read(request.args, lambda path: tree.find_by_path(path) is not None)
    form = SearchNameForm()
    if not form.validate():
        return _new_page(form), 422
    try:
        actions.keep_search(current_user.id, form.name.data, search.query_string())
    except actions.TooManyError:
        form.name.errors.append(f"You keep {SEARCHES_MAXIMUM} searches, as many as can be: remove one first")
        return _new_page(form), 422
    except actions.TooLongError:
        form.name.errors.append("This search is too long to be kept: search for fewer words")
        return _new_page(form), 422
    flash("The search is saved. You see here when something new comes.", "success")
    return redirect(url_for("saved.show"), 303)


@blueprint.get("/my/saved/searches/<id:search_id>")
@access.owner_of(searches.get_search, refusal=404)
def edit_search(search: SavedSearch) -> str:
    return _edit_page(SearchNameForm(obj=search), search)


@blueprint.post("/my/saved/searches/<id:search_id>")
@access.owner_of(searches.get_search, refusal=404)
def rename_search(search: SavedSearch) -> Page:
    form = SearchNameForm()
    if not form.validate():
        return _edit_page(form, search), 422
    actions.rename_search(search, form.name.data)
    flash("The search has its new name.", "success")
    return redirect(url_for("saved.show"), 303)


@blueprint.post("/my/saved/searches/<id:search_id>/open")
@access.owner_of(searches.get_search, refusal=404)
def open_search(search: SavedSearch) -> Response:
    # A form and not a link: what is new is new until somebody has looked, and looking is noted.
    actions.mark_as_seen(search)
    return redirect(Addresses().of(searches.read_query(search.query, categories.load_tree())), 303)


@blueprint.post("/my/saved/searches/<id:search_id>/remove")
@access.owner_of(searches.get_search, refusal=404)
def remove_search(search: SavedSearch) -> Response:
    actions.remove_search(search)
    flash("The search is no longer saved.", "success")
    return redirect(url_for("saved.show"), 303)


def _new_page(form: SearchNameForm) -> str:
    return render_template(
        "saved/search.html",
        form=form,
        heading="Save this search",
        action_url=request.full_path.rstrip("?"),
        error_list=form.error_list(),
    )


def _edit_page(form: SearchNameForm, search: SavedSearch) -> str:
    return render_template(
        "saved/search.html",
        form=form,
        heading="Name this search",
        action_url=url_for("saved.rename_search", search_id=search.id),
        error_list=form.error_list(),
    )


def _back_to(otherwise: str) -> Response:
    """Lead back to the page that the form was on, which its address names as `next`."""
    return redirect(path_on_this_site(request.args.get("next")) or otherwise, 303)
