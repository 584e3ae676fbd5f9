"""The page of an exchange, and how what was asked for is done: or why it was not."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from marketplace import clock
from marketplace.database.request_transaction import keep_if_refused
from marketplace.exchanges import actions, course_pages, loan_actions, pages, queries, rules, thread_pages
from marketplace.exchanges.forms import id_of
from marketplace.exchanges.moving import NotPossibleError
from marketplace.exchanges.overdue import OverdueError
from marketplace.exchanges.wording import ON_HOLD, STATE_WORDS
from marketplace.extensions import db

Page = str | Response | tuple[str, int]
Act = Callable[[], Any]

SAME = "There is an open proposal between the two of you about exactly these things already"
NOT_OFFERED = "Something of it is not on offer any more, or one of you cannot swap now"
OVERDUE = "Nobody borrows anything more while something else should have been back: give that back first"
NOT_POSSIBLE = "This is not possible any more: here is how it is now."
REFUSALS = {
    actions.ChangedError: "It was changed meanwhile: here is the new proposal, and below what you looked at.",
    NotPossibleError: NOT_POSSIBLE,
    actions.NotOfferedError: f"{NOT_OFFERED}: here is what was proposed.",
    actions.PromisedError: "Somebody was quicker: something of it is promised to somebody else now.",
    actions.SameThingsError: f"{SAME}.",
    OverdueError: f"{OVERDUE}.",
    loan_actions.WaitedForError: "Somebody else would like to have it next, so it cannot be kept for longer.",
    loan_actions.TakenError: "It is promised to somebody else for a part of that time.",
}
# SQLSTATEs of a deadlock, and of a lock that was not to be had in time.
BUSY = {"40P01", "55P03"}


def page_of(exchange_id: int, refusal: str | None = None, looked_at: int | None = None) -> str:
    """Return the page of the exchange; `refusal` says why what was asked for was not done.

    `looked_at` is the number of an earlier proposal, which is shown open.
    """
    found, now = queries.get_found(exchange_id, current_user.id), clock.now()
    story = queries.story_of(exchange_id, now)
    versions = pages.shown_versions(found, story)
    state = rules.state_at(found.exchange, now)
    # Whoever went back to before proposals were kept, and up again, has swaps without any.
    is_on_hold = state == "proposed" and any(version.is_on_hold for version in versions[:1])
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
        course=course_pages.course_of(found, now),
    )


def done(exchange_id: int, act: Act, told: str) -> Page:
    """Do what was asked for and say so, or show how it is and why it was not done."""
    version = version_shown()
    try:
        twice(act)
    except tuple(REFUSALS) as refusal:
        return refused(exchange_id, refusal, version)
    flash(told, "success")
    return to(exchange_id)


def refused(exchange_id: int, refusal: Exception, looked_at: int) -> Page:
    if isinstance(refusal, NotPossibleError):
        # That the time is over has been noted.
        keep_if_refused()
    return page_of(exchange_id, REFUSALS[type(refusal)], looked_at), 409


def twice(act: Act) -> Any:
    """Do it, and once more when the database was too busy with what others did to the same things."""
    try:
        return act()
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) not in BUSY:
            raise
        db.session.rollback()
        return act()


def to(exchange_id: int) -> Response:
    return redirect(url_for("exchanges.show", exchange_id=exchange_id), 303)


def version_shown() -> int:
    """Return the number of the proposal that the page showed; one that none has when that is not said."""
    text = request.form.get("version", "")
    return 0 if text == "0" else id_of(text) or -1
