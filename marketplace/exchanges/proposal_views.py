"""The pages to propose a swap, to change a proposal, and to ask a question."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
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
    return _draft_to(subject, Selection(chosen, {})).page()


@blueprint.post("/items/<id:item_id>/swap")
@access.verified
def propose(item_id: int) -> Page:
    subject = choosing.get_subject(item_id, current_user.id)
    if own := _own(subject):
        return own
    draft = _draft_to(subject, Selection.from_request())
    things, answer = draft.look_over()
    if answer is not None:
        return answer
    count_attempt(PROPOSE, current_user.id)
    receiver_id, note, days = subject.owner_id, draft.form.note.data, int(draft.form.open_days.data)
    try:
        exchange = actions.propose(current_user.id, receiver_id, things, note, days)
    except (actions.NotOfferedError, actions.SameThingsError, OverdueError) as refusal:
        return draft.refused(refusal)
    flash(SENT, "success")
    return answers.to(exchange.id)


@blueprint.get("/swaps/<id:exchange_id>/change")
@access.signed_in
def other_proposal(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if not _can_propose(found):
        return answers.page_of(exchange_id, answers.NOT_POSSIBLE), 409
    return _draft_within(found, _selection_of(found)).page()


@blueprint.post("/swaps/<id:exchange_id>/change")
@access.signed_in
def change(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    version = answers.version_shown()
    if version != found.exchange.version:
        return answers.refused(exchange_id, actions.ChangedError(), version)
    if not _can_propose(found):
        return answers.page_of(exchange_id, answers.NOT_POSSIBLE), 409
    draft = _draft_within(found, Selection.from_request())
    things, answer = draft.look_over()
    if answer is not None:
        return answer
    count_attempt(PROPOSE, current_user.id)
    note, days = draft.form.note.data, int(draft.form.open_days.data)
    try:
        answers.twice(lambda: actions.change(exchange_id, found.side, version, things, note, days))
    except (actions.NotOfferedError, actions.SameThingsError, OverdueError) as refusal:
        return draft.refused(refusal)
    except (actions.ChangedError, NotPossibleError) as refusal:
        return answers.refused(exchange_id, refusal, version)
    flash(SENT, "success")
    return answers.to(exchange_id)


@dataclass(frozen=True)
class Draft:
    """A proposal that is being made: what is typed and ticked, by which side, and with whom."""

    form: ProposalForm
    selection: Selection
    side: str
    other_id: int | None
    name: str
    exchange: Exchange | None = None

    def page(self) -> str:
        """Return the form, with all that both have to choose from."""
        errors = [(sentence, field) for field, sentence in self.selection.errors.items()]
        return render_template(
            "exchanges/propose.html",
            form=self.form,
            selection=self.selection,
            choices=self._read(choosing.choices_of),
            name=self.name,
            exchange=self.exchange,
            error_list=[*errors, *self.form.error_list()],
        )

    def look_over(self) -> tuple[list[actions.Thing], Page | None]:
        """Return the things, and the page to answer with: the form, or what to check; None: send it."""
        chosen = self._read(choosing.chosen_of)
        givers = {"give": self.side, "get": rules.OTHER_SIDE[self.side]}
        things = self.selection.check(chosen, givers)
        if not self.form.validate() or self.selection.errors:
            return things, (self.page(), 422)
        if request.form.get("go") == "send":
            return things, None
        if request.form.get("go") == "back":
            return things, self.page()
        return things, render_template(
            "exchanges/check.html",
            form=self.form,
            selection=self.selection,
            shown=pages.shown_draft(things, chosen, self.side, self.form.note.data),
            name=self.name,
            exchange=self.exchange,
        )

    def refused(self, refusal: Exception) -> Page:
        """Return the form with the sentence for what the database knew better."""
        sentences = {actions.SameThingsError: SAME, OverdueError: OVERDUE}
        self.selection.errors["give"] = sentences.get(type(refusal), NOT_OFFERED)
        return self.page(), 409

    def _read(self, of: Callable[[int | None, Sequence[int], int], list[Choice]]) -> dict[str, list[Choice]]:
        whose = zip(HALVES, (current_user.id, self.other_id), strict=True)
        exchange_id = self.exchange.id if self.exchange else 0
        return {half: of(member_id, self.selection.ids[half], exchange_id) for half, member_id in whose}


def _draft_to(subject: Any, selection: Selection) -> Draft:
    return Draft(ProposalForm(), selection, "proposer", subject.owner_id, subject.username)


def _draft_within(found: Found, selection: Selection) -> Draft:
    exchange = found.exchange
    other_id = exchange.receiver_id if found.side == "proposer" else exchange.proposer_id
    return Draft(ProposalForm(), selection, found.side, other_id, found.other or FORMER, exchange)


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


def _question_page(form: AskForm, subject: Any) -> str:
    return render_template("exchanges/ask.html", form=form, subject=subject, error_list=form.error_list())
