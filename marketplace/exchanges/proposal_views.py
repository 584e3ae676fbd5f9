"""The pages to propose a swap, to change a proposal, and to ask a question."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access, clock
from marketplace.exchanges import actions, answers, blueprint, choosing, pages, queries, rules
from marketplace.exchanges.answers import NOT_OFFERED, OVERDUE, SAME, Page
from marketplace.exchanges.choosing import Choice
from marketplace.exchanges.forms import HALVES, AskForm, ProposalForm, Selection
from marketplace.exchanges.models import Exchange
from marketplace.exchanges.moving import NotPossibleError
from marketplace.exchanges.overdue import OverdueError
from marketplace.exchanges.queries import Found
from marketplace.exchanges.wording import FORMER
from marketplace.throttling.actions import count_attempt
from marketplace.throttling.rules import PROPOSE

OWN = "This is your own: there is nobody to swap it with."
SENT = "Your proposal is sent."
ASKED = "Your question is sent."


@blueprint.get("/items/<id:item_id>/ask")
@access.verified
def question(item_id: int) -> Page:
    subject = choosing.get_subject(item_id, current_user.id)
    return _own(subject) or _question_page(AskForm(), subject)


@blueprint.post("/items/<id:item_id>/ask")
@access.verified
def ask(item_id: int) -> Page:
    subject = choosing.get_subject(item_id, current_user.id)
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
    return answers.to(exchange.id)


@blueprint.get("/items/<id:item_id>/swap")
@access.verified
def new(item_id: int) -> Page:
    subject = choosing.get_subject(item_id, current_user.id)
    if own := _own(subject):
        return own
    chosen = {"give": [], "get": [item_id] if subject.kind == "offer" else []}
    selection = Selection(chosen, {})
    choices = _choices(current_user.id, subject.owner_id, selection)
    return _proposal_page(ProposalForm(), selection, choices, subject.username)


@blueprint.post("/items/<id:item_id>/swap")
@access.verified
def propose(item_id: int) -> Page:
    subject = choosing.get_subject(item_id, current_user.id)
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
    except (actions.NotOfferedError, actions.SameThingsError, OverdueError) as refusal:
        return _refused_proposal(refusal, form, selection, choices, subject.username)
    flash(SENT, "success")
    return answers.to(exchange.id)


@blueprint.get("/swaps/<id:exchange_id>/change")
@access.signed_in
def other_proposal(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if not _can_propose(found):
        return answers.page_of(exchange_id, answers.NOT_POSSIBLE), 409
    selection = _selection_of(found)
    choices = _choices_within(found, selection)
    return _proposal_page(ProposalForm(), selection, choices, found.other or FORMER, found.exchange)


@blueprint.post("/swaps/<id:exchange_id>/change")
@access.signed_in
def change(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    version = answers.version_shown()
    if version != found.exchange.version:
        return answers.refused(exchange_id, actions.ChangedError(), version)
    if not _can_propose(found):
        return answers.page_of(exchange_id, answers.NOT_POSSIBLE), 409
    form, selection = ProposalForm(), Selection.from_request()
    choices, name = _choices_within(found, selection), found.other or FORMER
    things = selection.check(choices, {"give": found.side, "get": rules.OTHER_SIDE[found.side]})
    answer = _proposal_looked_over(form, selection, choices, things, found.side, name, found.exchange)
    if answer is not None:
        return answer
    count_attempt(PROPOSE, current_user.id)
    note, days = form.note.data, int(form.open_days.data)
    try:
        answers.twice(lambda: actions.change(exchange_id, found.side, version, things, note, days))
    except (actions.NotOfferedError, actions.SameThingsError, OverdueError) as refusal:
        return _refused_proposal(refusal, form, selection, choices, name, found.exchange)
    except (actions.ChangedError, NotPossibleError) as refusal:
        return answers.refused(exchange_id, refusal, version)
    flash(SENT, "success")
    return answers.to(exchange_id)


def _own(subject: Any) -> Response | None:
    if subject.owner_id != current_user.id:
        return None
    flash(OWN)
    return redirect(url_for("listings.item", item_id=subject.id), 303)


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
    return {half: choosing.choices_of(whose[half], selection.ids[half], exchange_id) for half in HALVES}


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
    sentences = {actions.SameThingsError: SAME, OverdueError: OVERDUE}
    selection.errors["give"] = sentences.get(type(refusal), NOT_OFFERED)
    return _proposal_page(form, selection, choices, name, exchange), 409


def _question_page(form: AskForm, subject: Any) -> str:
    return render_template("exchanges/ask.html", form=form, subject=subject, error_list=form.error_list())
