"""The pages to write a listing: the form, its drafts, the check of the answers, and publishing."""

from uuid import UUID, uuid4

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError

from marketplace import access
from marketplace.categories import queries as categories
from marketplace.extensions import csrf
from marketplace.listings import queries as listings
from marketplace.listings.actions import KeptError
from marketplace.listings.models import Listing
from marketplace.pictures import queries as pictures
from marketplace.pictures import uploads
from marketplace.posting import actions, blueprint, queries
from marketplace.posting.forms import ListingForm, id_or_none
from marketplace.posting.pages import (
    Sheet,
    sheet_of,
    show_answers,
    show_form,
    show_gone,
    suggested_categories,
    value_guides,
)
from marketplace.posting.sending import Press, read_press
from marketplace.posting.typed import of_listing
from marketplace.screening import queries as screening
from marketplace.throttling.actions import Throttled, count_attempt
from marketplace.throttling.rules import KEEP_FOR_LATER, PUBLISH
from marketplace.visitor_address import visitor_network

Page = ResponseReturnValue
BEGUN_AGAIN = "Your draft was published or discarded meanwhile. What you sent now is kept as a new one."
HELD = "Your listing is kept. A moderator looks at it first: then it is on show."
KEPT = "Something that you take out is promised in a swap: leave it in until that is over."
CHANGED_ELSEWHERE = "This was changed in another window meanwhile: look it over once more, then publish it."


@blueprint.get("/listings/new")
@access.signed_in
def new() -> Page:
    area = queries.find_own_area(current_user.id)
    return show_form(Sheet(uuid4(), {"area": area} if area else {}))


@blueprint.get("/listings/<id:listing_id>/edit")
@access.owner_of(listings.get_listing)
def edit(listing: Listing) -> Page:
    if begun := queries.find_draft_of(listing.id):
        return redirect(url_for("posting.draft", draft_id=begun), 303)
    items = listings.items_of(listing)
    shown = pictures.pictures_of_items([item.id for item in items])
    alts = {item_id: [(each.id, each.alt) for each in found] for item_id, found in shown.items()}
    typed = of_listing(listing, items, alts)
    return show_form(Sheet(uuid4(), typed, listing, listing.updated_at.isoformat()))


@blueprint.get("/drafts/<uuid:draft_id>")
@access.signed_in
def draft(draft_id: UUID) -> Page:
    found = queries.find_draft(draft_id, current_user.id)
    return show_form(sheet_of(found)) if found else show_gone()


# What was typed is kept also when the session has ended meanwhile, so this view looks at the token itself.
@blueprint.post("/drafts/<uuid:draft_id>")
@csrf.exempt
@access.public
@uploads.takes_pictures
def save(draft_id: UUID) -> Page:
    press = read_press(draft_id)
    try:
        if not _comes_from_its_session():
            return _keep_for_later(press)
        press.take_pictures(current_user.id)
        place = press.act()
        saved = actions.save_draft(current_user.id, press.sent, press.uploaded)
    except actions.DraftMovedOn:
        return {"moved_on": True}, 409
    except actions.DraftRefused as refused:
        return _show_again(press, str(refused))
    except Throttled as throttled:
        return _show_again(press, throttled.sentence, 429, throttled.headers)
    address = url_for("posting.draft", draft_id=saved.id)
    if press.sent.by_itself:
        return {"url": address, "saves": saved.form["saves"]}
    if press.sent.saves and saved.form["saves"] == 1:
        flash(BEGUN_AGAIN)
    elif press.told:
        flash(press.told, "success")
    return redirect(address + place, 303)


@blueprint.get("/drafts/<uuid:draft_id>/check")
@access.signed_in
def check(draft_id: UUID) -> Page:
    found = queries.find_draft(draft_id, current_user.id)
    if found is None:
        return show_gone()
    sheet = sheet_of(found)
    form = ListingForm(categories.load_tree(), found.form, screening.all_words())
    if not form.validate() or not sheet.owned:
        return show_form(sheet, form)
    return show_answers(sheet, form)


@blueprint.post("/drafts/<uuid:draft_id>/publish")
@access.verified
def publish(draft_id: UUID) -> Page:
    found = actions.lock_draft(draft_id, current_user.id)
    if found is None:
        return show_gone()
    sheet = sheet_of(found)
    words = screening.all_words()
    form = ListingForm(categories.load_tree(), found.form, words)
    checked = (request.form.get("saves"), request.form.get("seen", ""))
    as_checked = checked == (str(sheet.saves), sheet.listing.updated_at.isoformat() if sheet.listing else "")
    if not as_checked:
        flash(CHANGED_ELSEWHERE)
    if not as_checked or not form.validate():
        return redirect(url_for("posting.check", draft_id=draft_id), 303)
    count_attempt(PUBLISH, current_user.id)
    try:
        listing_id, held = actions.publish_draft(found, current_user.id, form.draft(), words)
    except KeptError:
        flash(KEPT, "error")
        return redirect(url_for("posting.draft", draft_id=draft_id), 303)
    if held:
        flash(HELD)
    else:
        flash("Your changes are published." if sheet.listing else "Your listing is published.", "success")
    return redirect(url_for("listings.show", listing_id=listing_id), 303)


@blueprint.get("/drafts/<uuid:draft_id>/discard")
@access.signed_in
def confirm_discard(draft_id: UUID) -> Page:
    found = queries.find_draft(draft_id, current_user.id)
    return render_template("posting/discard.html", sheet=sheet_of(found)) if found else show_gone()


@blueprint.post("/drafts/<uuid:draft_id>/discard")
@access.signed_in
def discard(draft_id: UUID) -> Page:
    found = actions.lock_draft(draft_id, current_user.id)
    if found is None:
        return show_gone()
    actions.discard_draft(found)
    flash("Your draft is discarded.", "success")
    return redirect(url_for("posting.mine", tab="drafts"), 303)


@blueprint.get("/listings/new/suggestions")
@access.signed_in
def suggestions() -> Page:
    tree = categories.load_tree()
    chosen = id_or_none(request.args.get("category_id"))
    names = request.args.getlist("name")[:20]
    return {
        "categories": suggested_categories(request.args.get("title", ""), tree, chosen),
        "values": value_guides(names, tree, chosen, id_or_none(request.args.get("without"))),
    }


def _comes_from_its_session() -> bool:
    """Tell whether a member sent this form in the session that is still going on."""
    try:
        csrf.protect()
    except CSRFError:
        return False
    return bool(current_user.is_authenticated)


def _keep_for_later(press: Press) -> Page:
    """Keep what was typed for whoever logs in and comes back to it."""
    if press.sent.by_itself:
        return {"logged_out": True}, 401
    count_attempt(KEEP_FOR_LATER, visitor_network())
    press.act()
    address = url_for("posting.draft", draft_id=actions.save_without_owner(press.sent))
    if current_user.is_authenticated:
        return redirect(address, 303)
    flash("You had been logged out. What you typed is kept: log in to go on.")
    return redirect(url_for("accounts.login", next=address), 303)


def _show_again(press: Press, refused: str, status: int = 422, headers: dict[str, str] | None = None) -> Page:
    """Show what was sent with the reason why it is not kept."""
    if press.sent.by_itself:
        return {"refused": refused}, status, headers or {}
    sent = press.sent
    listing = queries.find_own_listing(sent.listing_id, getattr(current_user, "id", None))
    sheet = Sheet(sent.draft_id, sent.typed, listing, sent.based_on, sent.saves)
    return show_form(sheet, refused=refused), status, headers or {}
