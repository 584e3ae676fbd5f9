"""The pages of swaps: the lists of a member's, each of them, and how it is answered."""

from flask import render_template, request, url_for
from flask_login import current_user

from marketplace import access, clock
from marketplace.exchanges import actions, answers, blueprint, inbox, lists, pages, queries
from marketplace.exchanges.answers import Page
from marketplace.exchanges.forms import DeclineForm
from marketplace.exchanges.queries import Found
from marketplace.exchanges.wording import FORMER
from marketplace.listings.paging import requested_place


@blueprint.get("/swaps")
@access.signed_in
def swaps() -> Page:
    tab = request.args.get("tab", "for_you")
    if tab not in lists.TABS:
        tab = "for_you"
    place, first_url = requested_place(), url_for("exchanges.swaps", tab=tab)
    part = lists.page_of_member(current_user.id, tab, place)
    if place.cursor and not part.rows:
        return render_template("listings/beyond.html", first_url=first_url), 404
    return render_template(
        "exchanges/inbox.html",
        tab=tab,
        tabs=inbox.make_tabs(tab, lists.count_of_member(current_user.id)),
        rows=inbox.make_rows(current_user.id, part),
        newest_url=first_url if place.cursor else None,
        **inbox.pages_beside(tab, part),
    )


@blueprint.get("/swaps/<id:exchange_id>")
@access.signed_in
def show(exchange_id: int) -> Page:
    return answers.page_of(exchange_id)


@blueprint.post("/swaps/<id:exchange_id>/accept")
@access.signed_in
def accept(exchange_id: int) -> Page:
    side, version = queries.get_found(exchange_id, current_user.id).side, answers.version_shown()
    return answers.done(exchange_id, lambda: actions.accept(exchange_id, side, version), "You have accepted.")


@blueprint.post("/swaps/<id:exchange_id>/undo")
@access.signed_in
def undo(exchange_id: int) -> Page:
    side = queries.get_found(exchange_id, current_user.id).side
    return answers.done(
        exchange_id, lambda: actions.undo(exchange_id, side), "Your acceptance is taken back."
    )


@blueprint.post("/swaps/<id:exchange_id>/withdraw")
@access.signed_in
def withdraw(exchange_id: int) -> Page:
    side = queries.get_found(exchange_id, current_user.id).side
    return answers.done(exchange_id, lambda: actions.withdraw(exchange_id, side), "It is withdrawn.")


@blueprint.get("/swaps/<id:exchange_id>/decline")
@access.signed_in
def confirm_decline(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if "decline" not in pages.can_be_done(found, clock.now()):
        return answers.page_of(exchange_id, answers.NOT_POSSIBLE), 409
    return _decline_page(DeclineForm(), found)


@blueprint.post("/swaps/<id:exchange_id>/decline")
@access.signed_in
def decline(exchange_id: int) -> Page:
    found, form = queries.get_found(exchange_id, current_user.id), DeclineForm()
    if not form.validate():
        return _decline_page(form, found), 422
    reason, side = form.reason.data or "", found.side
    return answers.done(exchange_id, lambda: actions.decline(exchange_id, side, reason), "You have declined.")


def _decline_page(form: DeclineForm, found: Found) -> str:
    return render_template(
        "exchanges/decline.html",
        form=form,
        exchange=found.exchange,
        name=found.other or FORMER,
        error_list=form.error_list(),
    )
