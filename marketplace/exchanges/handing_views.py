"""The pages of the hand-over: where and when, a file for calendars, a sheet to print, that it happened."""

from typing import Any

from flask import Response as Answer
from flask import abort, render_template
from flask_login import current_user

from marketplace import access, clock
from marketplace.exchanges import (
    blueprint,
    course_pages,
    course_queries,
    handing_actions,
    lists,
    pages,
    queries,
    rules,
)
from marketplace.exchanges.answers import REFUSALS, Page, done, page_of
from marketplace.exchanges.calendar import event_file
from marketplace.exchanges.course_queries import Lent
from marketplace.exchanges.handing_actions import Note
from marketplace.exchanges.handing_forms import ArrangeForm, CancelForm, NoteForm
from marketplace.exchanges.moving import NotPossibleError
from marketplace.exchanges.queries import Found
from marketplace.exchanges.timetable import moment_in_zone
from marketplace.exchanges.wording import FORMER, names_in_words
from marketplace.mail.addresses import link_to
from marketplace.members import clocks
from marketplace.pictures import uploads
from marketplace.pictures.actions import store_uploads

NO_TIME = "Say this as a day and a time, such as 2026-05-03 and 18:30"
IS_OVER = "That is over: choose a time to come"


@blueprint.get("/swaps/<id:exchange_id>/arrange")
@access.signed_in
def meeting(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    exchange, zone = found.exchange, clocks.zone_of_reader()
    if not _can(found, "arrange"):
        return page_of(exchange_id, REFUSALS[NotPossibleError]), 409
    at = exchange.handover_at.astimezone(zone) if exchange.handover_at is not None else None
    typed = {
        "place": exchange.handover_place,
        "day": f"{at:%Y-%m-%d}" if at else "",
        "hour": f"{at:%H:%M}" if at else "",
    }
    return _meeting_page(ArrangeForm(data=typed), found, zone.key)


@blueprint.post("/swaps/<id:exchange_id>/arrange")
@access.signed_in
def arrange(exchange_id: int) -> Page:
    found, form = queries.get_found(exchange_id, current_user.id), ArrangeForm()
    zone = clocks.zone_of_reader()
    is_whole = form.validate()
    at = moment_in_zone(form.day.data, form.hour.data, zone)
    if is_whole and at is None:
        form.day.errors.append(NO_TIME)
    elif is_whole and at is not None and at <= clock.now():
        form.day.errors.append(IS_OVER)
    if form.error_list() or at is None:
        return _meeting_page(form, found, zone.key), 422
    place, side = form.place.data, found.side
    return done(
        exchange_id,
        lambda: handing_actions.arrange(exchange_id, side, place, at),
        "The other side is told where and when.",
    )


@blueprint.get("/swaps/<id:exchange_id>/hand-over.ics")
@access.signed_in
def calendar(exchange_id: int) -> Answer:
    found = queries.get_found(exchange_id, current_user.id)
    exchange = found.exchange
    if exchange.handover_at is None or exchange.state != "accepted":
        abort(404)
    things = lists.names_of_things([exchange_id])
    names = [name for side in rules.OTHER_SIDE for name in things.get((exchange_id, side), [])]
    url = link_to("exchanges.show", exchange_id=exchange_id)
    host = url.split("/")[2].partition(":")[0]
    content = event_file(
        uid=f"swap-{exchange_id}@{host}",
        changed_at=exchange.updated_at,
        begins_at=exchange.handover_at,
        summary=f"Swap with {found.other or FORMER}: {names_in_words(names)}",
        place=exchange.handover_place or "",
        url=url,
    )
    headers = {
        "Content-Disposition": f'attachment; filename="hand-over-{exchange_id}.ics"',
        "Cache-Control": "private, no-store",
    }
    return Answer(content, mimetype="text/calendar", headers=headers)


@blueprint.get("/swaps/<id:exchange_id>/sheet")
@access.signed_in
def sheet(exchange_id: int) -> Page:
    found, now = queries.get_found(exchange_id, current_user.id), clock.now()
    if found.exchange.accepted_at is None:
        abort(404)
    return render_template(
        "exchanges/sheet.html",
        exchange=found.exchange,
        own_name=found.names[found.side],
        name=found.other or FORMER,
        versions=pages.shown_versions(found, queries.story_of(exchange_id, now))[:1],
        course=course_pages.course_of(found, now),
    )


@blueprint.get("/swaps/<id:exchange_id>/hand")
@access.signed_in
def confirm_handing(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if not _can(found, "hand", "complete"):
        return page_of(exchange_id, REFUSALS[NotPossibleError]), 409
    loans = course_queries.loans_of(exchange_id, clock.now())
    return _handing_page(found, [(lent, note_form(lent)) for lent in loans])


@blueprint.post("/swaps/<id:exchange_id>/hand")
@access.signed_in
@uploads.takes_pictures
def hand(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if not _can(found, "hand", "complete"):
        return page_of(exchange_id, REFUSALS[NotPossibleError]), 409
    loans = course_queries.loans_of(exchange_id, clock.now())
    forms = [(lent, note_form(lent)) for lent in loans]
    notes = {lent.loan.id: noted(form) for lent, form in forms}
    if any(note is None for note in notes.values()):
        return _handing_page(found, forms), 422
    side, known = found.side, {loan_id: note for loan_id, note in notes.items() if note is not None}
    return done(
        exchange_id,
        lambda: handing_actions.confirm(exchange_id, side, known),
        "You have said that you gave and got everything.",
    )


@blueprint.get("/swaps/<id:exchange_id>/cancel")
@access.signed_in
def confirm_cancel(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if not _can(found, "cancel"):
        return page_of(exchange_id, REFUSALS[NotPossibleError]), 409
    return _cancel_page(CancelForm(), found)


@blueprint.post("/swaps/<id:exchange_id>/cancel")
@access.signed_in
def cancel(exchange_id: int) -> Page:
    found, form = queries.get_found(exchange_id, current_user.id), CancelForm()
    if not form.validate():
        return _cancel_page(form, found), 422
    reason, side = form.reason.data or "", found.side
    return done(
        exchange_id, lambda: handing_actions.cancel(exchange_id, side, reason), "The swap is called off."
    )


def note_form(lent: Lent) -> NoteForm:
    """Return the form about a lent thing, whose fields begin with the number of its loan."""
    return NoteForm(prefix=f"{lent.loan.id}-")


def noted(form: NoteForm) -> Note | None:
    """Return what is noted of a lent thing, with its picture stored; None when something is wrong with it."""
    if not form.validate():
        return None
    picture_id = None
    if files := uploads.files_of(form.picture.name)[:1]:
        (picture,) = store_uploads(current_user.id, None, files)
        if isinstance(picture, str):
            form.picture.errors = [picture]
            return None
        picture_id = picture.id
    return Note(form.condition.data or None, picture_id)


def _can(found: Found, *names: str) -> bool:
    return not set(names).isdisjoint(pages.can_be_done(found, clock.now()))


def _meeting_page(form: ArrangeForm, found: Found, zone: str) -> str:
    return _form_page("exchanges/arrange.html", form, found, zone=zone.replace("_", " "))


def _cancel_page(form: CancelForm, found: Found) -> str:
    return _form_page("exchanges/cancel.html", form, found)


def _form_page(template: str, form: Any, found: Found, **values: Any) -> str:
    return render_template(
        template,
        form=form,
        exchange=found.exchange,
        name=found.other or FORMER,
        error_list=form.error_list(),
        **values,
    )


def _handing_page(found: Found, forms: list[tuple[Lent, NoteForm]]) -> str:
    return render_template(
        "exchanges/hand.html",
        exchange=found.exchange,
        name=found.other or FORMER,
        forms=forms,
        error_list=[error for _, form in forms for error in form.error_list()],
    )
