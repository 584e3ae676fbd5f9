"""The pages of loans: to keep something for longer, and that it is back. `loan` names which one."""

from flask import abort, render_template, request
from flask_login import current_user

from marketplace import access, clock
from marketplace.exchanges import blueprint, course_pages, course_queries, loan_actions, queries, rules
from marketplace.exchanges.actions import ChangedError
from marketplace.exchanges.answers import REFUSALS, Page, done, page_of
from marketplace.exchanges.course_pages import ShownLoan
from marketplace.exchanges.course_queries import Lent
from marketplace.exchanges.forms import AHEAD, id_of
from marketplace.exchanges.handing_forms import LongerForm, NoteForm
from marketplace.exchanges.handing_views import NO_TIME, note_form, noted
from marketplace.exchanges.moving import NotPossibleError
from marketplace.exchanges.queries import Found
from marketplace.exchanges.telling import member_of
from marketplace.exchanges.timetable import moment_in_zone
from marketplace.exchanges.wording import FORMER
from marketplace.members import clocks
from marketplace.pictures import uploads

NOT_LATER = "Choose a time after that at which it is due, and still to come"
TOO_LATE = "Choose a time within a year from now"


@blueprint.get("/swaps/<id:exchange_id>/longer")
@access.signed_in
def longer(exchange_id: int) -> Page:
    found, lent = _get(exchange_id)
    shown = _shown(found, lent)
    if not shown.can_ask:
        return page_of(exchange_id, shown.obstacle or REFUSALS[NotPossibleError]), 409
    return _longer_page(LongerForm(), found, lent, shown)


@blueprint.post("/swaps/<id:exchange_id>/longer")
@access.signed_in
def ask_longer(exchange_id: int) -> Page:
    found, lent = _get(exchange_id)
    form, zone = LongerForm(), clocks.zone_of(member_of(found.exchange, lent.lender))
    is_whole = form.validate()
    until = moment_in_zone(form.day.data, form.hour.data, zone)
    if is_whole and until is None:
        form.day.errors.append(NO_TIME)
    elif is_whole and until is not None:
        if until <= max(lent.loan.due_at, clock.now()):
            form.day.errors.append(NOT_LATER)
        elif until > clock.now() + AHEAD:
            form.day.errors.append(TOO_LATE)
    if form.error_list() or until is None:
        return _longer_page(form, found, lent, _shown(found, lent)), 422
    side, loan_id = found.side, lent.loan.id
    return done(
        exchange_id,
        lambda: loan_actions.ask_longer(exchange_id, side, loan_id, until),
        "You have asked. Until it is granted, it is due as before.",
    )


@blueprint.post("/swaps/<id:exchange_id>/lend-longer")
@access.signed_in
def lend_longer(exchange_id: int) -> Page:
    found, lent = _get(exchange_id)
    until, side, loan_id = lent.loan.asked_until, found.side, lent.loan.id
    if until is None:
        return page_of(exchange_id, REFUSALS[NotPossibleError]), 409
    if request.form.get("until") != until.isoformat():
        return page_of(exchange_id, REFUSALS[ChangedError]), 409
    return done(
        exchange_id,
        lambda: loan_actions.lend_longer(exchange_id, side, loan_id, until),
        "You lend it for longer.",
    )


@blueprint.get("/swaps/<id:exchange_id>/back")
@access.signed_in
def confirm_back(exchange_id: int) -> Page:
    found, lent = _get(exchange_id)
    if not _shown(found, lent).can_confirm:
        return page_of(exchange_id, REFUSALS[NotPossibleError]), 409
    return _back_page(note_form(lent), found, lent)


@blueprint.post("/swaps/<id:exchange_id>/back")
@access.signed_in
@uploads.takes_pictures
def back(exchange_id: int) -> Page:
    found, lent = _get(exchange_id)
    if not _shown(found, lent).can_confirm:
        return page_of(exchange_id, REFUSALS[NotPossibleError]), 409
    form = note_form(lent)
    note = noted(form)
    if note is None:
        return _back_page(form, found, lent), 422
    side, loan_id = found.side, lent.loan.id
    return done(
        exchange_id,
        lambda: loan_actions.confirm_return(exchange_id, side, loan_id, note),
        "You have said that it is back.",
    )


def _get(exchange_id: int) -> tuple[Found, Lent]:
    """Return the exchange and the loan of it that the request names; 404 when there is none."""
    found = queries.get_found(exchange_id, current_user.id)
    loan_id = id_of(request.values.get("loan", ""))
    loans = course_queries.loans_of(exchange_id, clock.now())
    lent = next((each for each in loans if each.loan.id == loan_id), None)
    return found, lent or abort(404)


def _shown(found: Found, lent: Lent) -> ShownLoan:
    now, zone = clock.now(), clocks.zone_of(member_of(found.exchange, lent.lender))
    possible = set(rules.possible(found.exchange, found.side, now))
    return course_pages.shown_loan(lent, found.side, possible, zone, {}, now)


def _longer_page(form: LongerForm, found: Found, lent: Lent, shown: ShownLoan) -> str:
    return render_template(
        "exchanges/longer.html",
        form=form,
        exchange=found.exchange,
        name=found.other or FORMER,
        lent=lent,
        shown=shown,
        error_list=form.error_list(),
    )


def _back_page(form: NoteForm, found: Found, lent: Lent) -> str:
    return render_template(
        "exchanges/back.html",
        form=form,
        exchange=found.exchange,
        name=found.other or FORMER,
        lent=lent,
        is_borrowed=lent.borrower == found.side,
        error_list=form.error_list(),
    )
