"""The pages of swaps: the lists of a member's, each of them, and what can be done with it."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from marketplace import access, clock
from marketplace.database.request_transaction import keep_if_refused
from marketplace.exchanges import actions, blueprint, pages, queries, rules, thread_pages
from marketplace.exchanges.forms import HALVES, AskForm, DeclineForm, ProposalForm, Selection, id_of
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.queries import Choice, Found
from marketplace.exchanges.wording import FORMER, ON_HOLD, STATE_WORDS
from marketplace.extensions import db
from marketplace.listings.paging import requested_place
from marketplace.throttling.actions import count_attempt
from marketplace.throttling.rules import PROPOSE

Page = str | Response | tuple[str, int]
Act = Callable[[], Any]

OWN = "This is your own: there is nobody to swap it with."
SENT = "Your proposal is sent."
ASKED = "Your question is sent."
SAME = "There is an open proposal between the two of you about exactly these things already"
NOT_OFFERED = "Something of it is not on offer any more, or one of you cannot swap now"
REFUSALS = {
    actions.ChangedError: "It was changed meanwhile: here is the new proposal, and below what you looked at.",
    actions.NotPossibleError: "This is not possible any more: here is how it is now.",
    actions.NotOfferedError: f"{NOT_OFFERED}: here is what was proposed.",
    actions.PromisedError: "Somebody was quicker: something of it is promised to somebody else now.",
    actions.SameThingsError: f"{SAME}.",
}
# SQLSTATEs of a deadlock, and of a lock that was not to be had in time.
BUSY = {"40P01", "55P03"}


@blueprint.get("/swaps")
@access.signed_in
def inbox() -> Page:
    tab = request.args.get("tab", "for_you")
    if tab not in queries.TABS:
        tab = "for_you"
    place, first_url = requested_place(), url_for("exchanges.inbox", tab=tab)
    part = queries.page_of_member(current_user.id, tab, place)
    if place.cursor and not part.rows:
        return render_template("listings/beyond.html", first_url=first_url), 404
    return render_template(
        "exchanges/inbox.html",
        tab=tab,
        tabs=pages.make_tabs(tab, queries.count_of_member(current_user.id)),
        rows=pages.make_rows(current_user.id, part),
        newest_url=first_url if place.cursor else None,
        **pages.pages_beside(tab, part),
    )


@blueprint.get("/swaps/<id:exchange_id>")
@access.signed_in
def show(exchange_id: int) -> Page:
    return _page_of(exchange_id)


@blueprint.get("/items/<id:item_id>/ask")
@access.verified
def question(item_id: int) -> Page:
    subject = queries.get_subject(item_id, current_user.id)
    return _own(subject) or _question_page(AskForm(), subject)


@blueprint.post("/items/<id:item_id>/ask")
@access.verified
def ask(item_id: int) -> Page:
    subject = queries.get_subject(item_id, current_user.id)
    if own := _own(subject):
        return own
    form = AskForm()
    if not form.validate():
        return _question_page(form, subject), 422
    count_attempt(PROPOSE, current_user.id)
    try:
        exchange = actions.ask(current_user.id, subject.owner_id, item_id, form.words.data)
    except actions.NotOfferedError:
        form.words.errors.append(NOT_OFFERED)
        return _question_page(form, subject), 409
    flash(ASKED, "success")
    return _to(exchange.id)


@blueprint.get("/items/<id:item_id>/swap")
@access.verified
def new(item_id: int) -> Page:
    subject = queries.get_subject(item_id, current_user.id)
    if own := _own(subject):
        return own
    chosen = {"give": [], "get": [item_id] if subject.kind == "offer" else []}
    selection = Selection(chosen, {})
    choices = _choices(current_user.id, subject.owner_id, selection)
    return _proposal_page(ProposalForm(), selection, choices, subject.username)


@blueprint.post("/items/<id:item_id>/swap")
@access.verified
def propose(item_id: int) -> Page:
    subject = queries.get_subject(item_id, current_user.id)
    if own := _own(subject):
        return own
    form, selection = ProposalForm(), Selection.from_request()
    choices = _choices(current_user.id, subject.owner_id, selection)
    things = selection.check(choices, {"give": "proposer", "get": "receiver"})
    answer = _proposal_looked_over(form, selection, choices, things, "proposer", subject.username)
    if answer is not None:
        return answer
    count_attempt(PROPOSE, current_user.id)
    receiver_id, days = subject.owner_id, int(form.open_days.data)
    try:
        exchange = actions.propose(current_user.id, receiver_id, things, form.note.data, days)
    except (actions.NotOfferedError, actions.SameThingsError) as refusal:
        return _refused_proposal(refusal, form, selection, choices, subject.username)
    flash(SENT, "success")
    return _to(exchange.id)


@blueprint.get("/swaps/<id:exchange_id>/change")
@access.signed_in
def other_proposal(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if not _can_propose(found):
        return _page_of(exchange_id, REFUSALS[actions.NotPossibleError]), 409
    selection = _selection_of(found)
    choices = _choices_within(found, selection)
    return _proposal_page(ProposalForm(), selection, choices, found.other or FORMER, found.exchange)


@blueprint.post("/swaps/<id:exchange_id>/change")
@access.signed_in
def change(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if _version_shown() != found.exchange.version:
        return _page_of(exchange_id, REFUSALS[actions.ChangedError], _version_shown()), 409
    if not _can_propose(found):
        return _page_of(exchange_id, REFUSALS[actions.NotPossibleError]), 409
    form, selection = ProposalForm(), Selection.from_request()
    choices, name = _choices_within(found, selection), found.other or FORMER
    things = selection.check(choices, {"give": found.side, "get": rules.OTHER_SIDE[found.side]})
    answer = _proposal_looked_over(form, selection, choices, things, found.side, name, found.exchange)
    if answer is not None:
        return answer
    count_attempt(PROPOSE, current_user.id)
    version, note, days = found.exchange.version, form.note.data, int(form.open_days.data)
    try:
        _twice(lambda: actions.change(exchange_id, found.side, version, things, note, days))
    except (actions.NotOfferedError, actions.SameThingsError) as refusal:
        return _refused_proposal(refusal, form, selection, choices, name, found.exchange)
    except (actions.ChangedError, actions.NotPossibleError) as refusal:
        return _refused(exchange_id, refusal, version)
    flash(SENT, "success")
    return _to(exchange_id)


@blueprint.post("/swaps/<id:exchange_id>/accept")
@access.signed_in
def accept(exchange_id: int) -> Page:
    side, version = queries.get_found(exchange_id, current_user.id).side, _version_shown()
    return _done(exchange_id, lambda: actions.accept(exchange_id, side, version), "You have accepted.")


@blueprint.post("/swaps/<id:exchange_id>/undo")
@access.signed_in
def undo(exchange_id: int) -> Page:
    side = queries.get_found(exchange_id, current_user.id).side
    return _done(exchange_id, lambda: actions.undo(exchange_id, side), "Your acceptance is taken back.")


@blueprint.post("/swaps/<id:exchange_id>/withdraw")
@access.signed_in
def withdraw(exchange_id: int) -> Page:
    side = queries.get_found(exchange_id, current_user.id).side
    return _done(exchange_id, lambda: actions.withdraw(exchange_id, side), "It is withdrawn.")


@blueprint.get("/swaps/<id:exchange_id>/decline")
@access.signed_in
def confirm_decline(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if "decline" not in pages.can_be_done(found, clock.now()):
        return _page_of(exchange_id, REFUSALS[actions.NotPossibleError]), 409
    return _decline_page(DeclineForm(), found)


@blueprint.post("/swaps/<id:exchange_id>/decline")
@access.signed_in
def decline(exchange_id: int) -> Page:
    found, form = queries.get_found(exchange_id, current_user.id), DeclineForm()
    if not form.validate():
        return _decline_page(form, found), 422
    reason, side = form.reason.data or "", found.side
    return _done(exchange_id, lambda: actions.decline(exchange_id, side, reason), "You have declined.")


def _page_of(exchange_id: int, refusal: str | None = None, looked_at: int | None = None) -> str:
    """Return the page of the exchange; `refusal` says why what was asked for was not done.

    `looked_at` is the number of an earlier proposal, which is shown open.
    """
    found, now = queries.get_found(exchange_id, current_user.id), clock.now()
    story = queries.story_of(exchange_id, now)
    versions = pages.shown_versions(found, story)
    state = rules.state_at(found.exchange, now)
    is_on_hold = state == "proposed" and versions[0].is_on_hold
    possible = pages.can_be_done(found, now)
    return render_template(
        "exchanges/show.html",
        exchange=found.exchange,
        other=found.other,
        state=state,
        is_on_hold=is_on_hold,
        state_words=ON_HOLD if is_on_hold else STATE_WORDS[state],
        is_awaited=found.exchange.awaits == found.side,
        question=queries.question_of(exchange_id),
        versions=versions,
        events=pages.shown_events(found, story),
        thread=thread_pages.thread_of(found),
        reviews=thread_pages.reviews_of(found, now),
        # Who accepts what is on hold would be refused.
        possible=[each for each in possible if each != "accept" or not is_on_hold],
        undo_until=found.exchange.accepted_at and found.exchange.accepted_at + rules.UNDO_LASTS,
        refusal=refusal,
        looked_at=looked_at,
    )


def _done(exchange_id: int, act: Act, told: str) -> Page:
    """Do what was asked for and say so, or show how it is and why it was not done."""
    version = _version_shown()
    try:
        _twice(act)
    except tuple(REFUSALS) as refusal:
        return _refused(exchange_id, refusal, version)
    flash(told, "success")
    return _to(exchange_id)


def _refused(exchange_id: int, refusal: Exception, looked_at: int) -> Page:
    if isinstance(refusal, actions.NotPossibleError):
        # That the time is over has been noted.
        keep_if_refused()
    return _page_of(exchange_id, REFUSALS[type(refusal)], looked_at), 409


def _twice(act: Act) -> Any:
    """Do it, and once more when the database was too busy with what others did to the same things."""
    try:
        return act()
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) not in BUSY:
            raise
        db.session.rollback()
        return act()


def _to(exchange_id: int) -> Response:
    return redirect(url_for("exchanges.show", exchange_id=exchange_id), 303)


def _own(subject: Any) -> Response | None:
    if subject.owner_id != current_user.id:
        return None
    flash(OWN)
    return redirect(url_for("listings.item", item_id=subject.id), 303)


def _version_shown() -> int:
    """Return the number of the proposal that the page showed; one that none has when that is not said."""
    text = request.form.get("version", "")
    return 0 if text == "0" else id_of(text) or -1


def _can_propose(found: Found) -> bool:
    return not {"change", "offer"}.isdisjoint(pages.can_be_done(found, clock.now()))


def _selection_of(found: Found) -> Selection:
    """Tick what the latest proposal is about, or what was asked about."""
    exchange = found.exchange
    if exchange.version:
        things = queries.story_of(exchange.id, clock.now()).things.get(exchange.version, [])
        return Selection.of_things(things, found.side)
    mine, theirs = ("give", "get") if found.side == "receiver" else ("get", "give")
    return Selection({mine: list(exchange.item_ids), theirs: []}, {})


def _choices_within(found: Found, selection: Selection) -> dict[str, list[Choice]]:
    exchange = found.exchange
    other_id = exchange.receiver_id if found.side == "proposer" else exchange.proposer_id
    return _choices(current_user.id, other_id, selection, exchange.id)


def _choices(
    own_id: int, other_id: int | None, selection: Selection, exchange_id: int = 0
) -> dict[str, list[Choice]]:
    whose = dict(zip(HALVES, (own_id, other_id), strict=True))
    return {half: queries.choices_of(whose[half], selection.ids[half], exchange_id) for half in HALVES}


def _proposal_looked_over(
    form: ProposalForm,
    selection: Selection,
    choices: dict[str, list[Choice]],
    things: list[actions.Thing],
    side: str,
    name: str,
    exchange: Exchange | None = None,
) -> Page | None:
    """Return the form when something is wrong or is to be changed, the page to check it, or None: send it."""
    if not form.validate() or selection.errors:
        return _proposal_page(form, selection, choices, name, exchange), 422
    if request.form.get("go") == "send":
        return None
    if request.form.get("go") == "back":
        return _proposal_page(form, selection, choices, name, exchange)
    return render_template(
        "exchanges/check.html",
        form=form,
        selection=selection,
        shown=pages.shown_draft(things, choices, side, form.note.data),
        name=name,
        exchange=exchange,
    )


def _proposal_page(
    form: ProposalForm,
    selection: Selection,
    choices: dict[str, list[Choice]],
    name: str,
    exchange: Exchange | None = None,
) -> str:
    errors = [(sentence, field) for field, sentence in selection.errors.items()]
    return render_template(
        "exchanges/propose.html",
        form=form,
        selection=selection,
        choices=choices,
        name=name,
        exchange=exchange,
        error_list=[*errors, *form.error_list()],
    )


def _refused_proposal(
    refusal: Exception,
    form: ProposalForm,
    selection: Selection,
    choices: dict[str, list[Choice]],
    name: str,
    exchange: Exchange | None = None,
) -> Page:
    selection.errors["give"] = SAME if isinstance(refusal, actions.SameThingsError) else NOT_OFFERED
    return _proposal_page(form, selection, choices, name, exchange), 409


def _question_page(form: AskForm, subject: Any) -> str:
    return render_template("exchanges/ask.html", form=form, subject=subject, error_list=form.error_list())


def _decline_page(form: DeclineForm, found: Found) -> str:
    return render_template(
        "exchanges/decline.html",
        form=form,
        exchange=found.exchange,
        name=found.other or FORMER,
        error_list=form.error_list(),
    )
