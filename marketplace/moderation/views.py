"""The moderators' pages, and the page of notices for members."""

import re
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.audit import queries as audit
from marketplace.exchanges.case_pages import find_review, messages_around
from marketplace.listings import shown
from marketplace.listings.paging import requested_place
from marketplace.moderation import actions, blueprint, queries, rules
from marketplace.moderation.forms import DecisionForm
from marketplace.pictures import queries as pictures
from marketplace.reports.rules import reason_in_words

Page = str | Response | tuple[str, int]

# The id of a case, or 0.
AFTER = re.compile(r"[0-9]{1,18}", re.ASCII)
MOVED_ON = "Somebody has decided about this meanwhile: look at what they did first."
NOT_POSSIBLE = "This cannot be done any more: look at how things are now."


@blueprint.get("/moderation")
@access.moderator
def queue() -> str:
    if request.args.get("show") == "decided":
        place = requested_place()
        part = queries.page_of_decided(place)
        return render_template(
            "moderation/decided.html",
            cases=[each.row for each in part.rows],
            words=rules.DECIDED_WORDS,
            newest_url=url_for("moderation.queue", show="decided") if place.cursor else None,
            newer_url=url_for("moderation.queue", show="decided", newer=part.newer) if part.newer else None,
            older_url=url_for("moderation.queue", show="decided", older=part.older) if part.older else None,
        )
    after = request.args.get("after", "0")
    if not AFTER.fullmatch(after):
        abort(404)
    cases = queries.open_cases(int(after))
    return render_template(
        "moderation/queue.html",
        cases=cases[: queries.PAGE_SIZE],
        first_url=url_for("moderation.queue") if after != "0" else None,
        more_url=url_for("moderation.queue", after=cases[queries.PAGE_SIZE - 1].id)
        if len(cases) > queries.PAGE_SIZE
        else None,
    )


@blueprint.get("/moderation/cases/<id:case_id>")
@access.moderator
def show(case_id: int) -> str:
    case = queries.find_case(case_id) or abort(404)
    return _case_page(case, DecisionForm(data={"version": case.version}))


@blueprint.post("/moderation/cases/<id:case_id>")
@access.moderator
def decide(case_id: int) -> Page:
    case = queries.find_case(case_id) or abort(404)
    form = DecisionForm()
    form.offer(rules.possible_decisions(case))
    if form.version.data != str(case.version):
        return _moved_on(case, form, MOVED_ON)
    if not form.validate():
        return _case_page(case, form), 422
    try:
        _ = actions.decide(
            current_user, case_id, case.version, form.decision.data, form.reason.data, form.days.data
        ) or abort(404)
    except actions.CaseMovedOnError:
        return _moved_on(queries.find_case(case_id) or abort(404), form, MOVED_ON)
    except actions.NotPossibleError:
        return _moved_on(queries.find_case(case_id) or abort(404), form, NOT_POSSIBLE)
    except actions.NotToJudgeError:
        # The page says why.
        return _case_page(case, form), 403
    flash("Your decision is done, and in the log.", "success")
    return redirect(url_for("moderation.queue"), 303)


@blueprint.get("/moderation/log")
@access.administrator
def log() -> str:
    place = requested_place()
    part = audit.page_of_log(place)
    return render_template(
        "moderation/log.html",
        entries=part.rows,
        newest_url=url_for("moderation.log") if place.cursor else None,
        newer_url=url_for("moderation.log", newer=part.newer) if part.newer else None,
        older_url=url_for("moderation.log", older=part.older) if part.older else None,
    )


@blueprint.get("/my/notices")
@access.signed_in
def notices() -> str:
    return render_template(
        "moderation/notices.html",
        measures=queries.measures_against(current_user.id),
        words=rules.MEASURE_WORDS,
        waits=current_user.notice_at is not None,
    )


@blueprint.post("/my/notices")
@access.signed_in
def acknowledge() -> Response:
    actions.acknowledge(current_user)
    flash("Thank you for reading it.", "success")
    return redirect(url_for("moderation.notices"), 303)


def _moved_on(case: Any, form: DecisionForm, sentence: str) -> tuple[str, int]:
    # What was typed stays, and is for the case as it is now.
    form.version.data = str(case.version)
    form.decision.data = None
    return _case_page(case, form, sentence), 409


def _case_page(case: Any, form: DecisionForm, told: str | None = None) -> str:
    reports = queries.reports_of(case.id)
    items = shown.items_of(_OfListing(case)) if case.has_listing else []
    form.offer(rules.possible_decisions(case))
    return render_template(
        "moderation/case.html",
        case=case,
        form=form,
        reports=[(each, reason_in_words(each.reason)) for each in reports],
        items=items,
        pictures=pictures.pictures_of_items([item.id for item in items]),
        around=messages_around(case.object_id) if case.kind == "message" else [],
        review=find_review(case.object_id) if case.kind == "review" else None,
        measures=queries.measures_against(case.member_id),
        measure_words=rules.MEASURE_WORDS,
        others=queries.other_cases(case),
        decided_words=rules.DECIDED_WORDS,
        obstacle=rules.obstacle(
            current_user, case.member_id, case.role, {each.reporter_id for each in reports}
        ),
        told=told,
        error_list=form.error_list(),
    )


class _OfListing:
    """The listing of a case, as the reads of listings know one."""

    def __init__(self, case: Any) -> None:
        self.id = case.listing_id
        self.owner_id = case.owner_id
