"""The pages to report something, and to see what became of it."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.reports import actions, blueprint, queries, rules
from marketplace.reports.forms import ReportForm
from marketplace.reports.queries import Reported

Page = str | Response | tuple[str, int]

OWN = "This is your own: there is nothing to report."
KNOWN = "You have reported this already. A moderator has yet to look at it."
THANKS = "Thank you: a moderator will look at it."
TOO_MANY = f"You have reported {actions.DAILY_MAXIMUM} things today, as many as can be: come back tomorrow"


@blueprint.get("/report/<any(listing,item,picture,message,review):kind>/<id:object_id>")
@access.signed_in
def ask(kind: str, object_id: int) -> Page:
    return _ask(queries.get_reported(kind, object_id, current_user.id))


@blueprint.post("/report/<any(listing,item,picture,message,review):kind>/<id:object_id>")
@access.signed_in
def tell(kind: str, object_id: int) -> Page:
    return _tell(queries.get_reported(kind, object_id, current_user.id))


@blueprint.get("/members/<username:username>/report")
@access.signed_in
def ask_about_member(username: str) -> Page:
    return _ask(queries.get_reported_member(username))


@blueprint.post("/members/<username:username>/report")
@access.signed_in
def tell_about_member(username: str) -> Page:
    return _tell(queries.get_reported_member(username))


@blueprint.get("/my/reports")
@access.signed_in
def mine() -> str:
    reports = [
        (each, rules.reason_in_words(each.reason), rules.outcome(each.decision, each.decided_at))
        for each in queries.own_reports(current_user.id)
    ]
    return render_template("reports/mine.html", reports=reports)


def _ask(reported: Reported) -> Page:
    if reported.owner_id == current_user.id:
        flash(OWN)
        return redirect(_address_of(reported), 303)
    if queries.has_reported(current_user.id, reported):
        flash(KNOWN)
        return redirect(url_for("reports.mine"), 303)
    return _form_page(ReportForm(), reported)


def _tell(reported: Reported) -> Page:
    if reported.owner_id == current_user.id:
        flash(OWN)
        return redirect(_address_of(reported), 303)
    form = ReportForm()
    if not form.validate():
        return _form_page(form, reported), 422
    try:
        is_new = actions.report(current_user.id, reported, form.reason.data, form.words.data)
    except actions.TooManyError:
        form.reason.errors.append(TOO_MANY)
        return _form_page(form, reported), 422
    flash(THANKS if is_new else KNOWN, "success")
    return redirect(url_for("reports.mine"), 303)


def _form_page(form: ReportForm, reported: Reported) -> str:
    return render_template(
        "reports/report.html",
        form=form,
        reported=reported,
        back_url=_address_of(reported),
        error_list=form.error_list(),
    )


def _address_of(reported: Reported) -> str:
    """The page on which it is seen."""
    if reported.exchange_id is not None:
        return url_for("exchanges.show", exchange_id=reported.exchange_id, _anchor="thread")
    if reported.about is not None:
        return url_for("members.reviews", username=reported.about)
    if reported.kind == "member":
        return url_for("members.show", username=reported.username)
    if reported.item_id is not None:
        return url_for("listings.item", item_id=reported.item_id)
    return url_for("listings.show", listing_id=reported.listing_id)
