"""The pages of disputes: a side asks a moderator, and the moderators' list of those, and their decision."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_login import current_user

from marketplace import access, clock
from marketplace.exchanges import blueprint, course_pages, course_queries, dispute_actions, pages, queries
from marketplace.exchanges.answers import REFUSALS, Page, done, page_of
from marketplace.exchanges.handing_forms import DisputeForm, VerdictForm
from marketplace.exchanges.moving import NotPossibleError
from marketplace.exchanges.queries import Found
from marketplace.exchanges.wording import FORMER

OWN = "You are one of the two: somebody else must decide this."


@blueprint.get("/swaps/<id:exchange_id>/dispute")
@access.signed_in
def confirm_dispute(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if "dispute" not in pages.can_be_done(found, clock.now()):
        return page_of(exchange_id, REFUSALS[NotPossibleError]), 409
    return _dispute_page(DisputeForm(), found)


@blueprint.post("/swaps/<id:exchange_id>/dispute")
@access.signed_in
def dispute(exchange_id: int) -> Page:
    found, form = queries.get_found(exchange_id, current_user.id), DisputeForm()
    if not form.validate():
        return _dispute_page(form, found), 422
    words, side = form.words.data, found.side
    return done(
        exchange_id,
        lambda: dispute_actions.dispute(exchange_id, side, words),
        "A moderator will look at it. Until then, nothing is due.",
    )


@blueprint.get("/moderation/swaps")
@access.moderator
def disputes() -> str:
    return render_template("exchanges/disputes.html", disputes=course_queries.open_disputes())


@blueprint.get("/moderation/swaps/<id:exchange_id>")
@access.moderator
def judge(exchange_id: int) -> str:
    return _judge_page(VerdictForm(), course_queries.get_dispute(exchange_id))


@blueprint.post("/moderation/swaps/<id:exchange_id>")
@access.moderator
def decide(exchange_id: int) -> Page:
    row, form = course_queries.get_dispute(exchange_id), VerdictForm()
    if not form.validate():
        return _judge_page(form, row), 422
    try:
        dispute_actions.decide(current_user, exchange_id, form.decision.data, form.reason.data)
    except NotPossibleError:
        flash(REFUSALS[NotPossibleError])
        return redirect(url_for("exchanges.disputes"), 303)
    except dispute_actions.NotToJudgeError:
        # The page says why.
        return _judge_page(form, row), 403
    flash("Your decision is done, and both members are told.", "success")
    return redirect(url_for("exchanges.disputes"), 303)


def _dispute_page(form: DisputeForm, found: Found) -> str:
    return render_template(
        "exchanges/dispute.html",
        form=form,
        exchange=found.exchange,
        name=found.other or FORMER,
        error_list=form.error_list(),
    )


def _judge_page(form: VerdictForm, row: Any) -> str:
    now = clock.now()
    found = queries.get_found(row.id, row.proposer_id or row.receiver_id)
    story = queries.story_of(row.id, now)
    seen = Found(found.exchange, "proposer", {"proposer": row.proposer, "receiver": row.receiver})
    return render_template(
        "exchanges/judge.html",
        form=form,
        row=row,
        versions=pages.shown_versions(seen, story)[:1],
        course=course_pages.course_of(seen, now),
        events=pages.shown_events_to_moderator(seen, story),
        obstacle=OWN if current_user.id in (row.proposer_id, row.receiver_id) else None,
        error_list=form.error_list(),
    )
