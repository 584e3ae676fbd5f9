"""The page to say how a completed swap went."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access, clock
from marketplace.exchanges import blueprint, queries, review_actions, thread_pages
from marketplace.exchanges.moving import NotPossibleError
from marketplace.exchanges.queries import Found
from marketplace.exchanges.thread_forms import ReviewForm
from marketplace.exchanges.wording import FORMER
from marketplace.screening import queries as screening

Page = str | Response | tuple[str, int]

SAID = "Thank you for saying how it went."
NOT_NOW = "How it went can be said once, in the two weeks after a swap is completed."


@blueprint.get("/swaps/<id:exchange_id>/review")
@access.signed_in
def ask_for_review(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    if not thread_pages.reviews_of(found, clock.now()).can_review:
        return _not_now(exchange_id)
    return _review_page(ReviewForm(), found)


@blueprint.post("/swaps/<id:exchange_id>/review")
@access.signed_in
def review(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    form = ReviewForm(screening.all_words())
    if not form.validate():
        return _review_page(form, found), 422
    try:
        review_actions.review(exchange_id, found.side, form.thumbs.data, form.words.data)
    except NotPossibleError:
        return _not_now(exchange_id)
    flash(SAID, "success")
    return redirect(url_for("exchanges.show", exchange_id=exchange_id, _anchor="reviews"), 303)


def _not_now(exchange_id: int) -> Response:
    flash(NOT_NOW)
    return redirect(url_for("exchanges.show", exchange_id=exchange_id), 303)


def _review_page(form: ReviewForm, found: Found) -> str:
    return render_template(
        "exchanges/review.html",
        form=form,
        exchange=found.exchange,
        name=found.other or FORMER,
        error_list=form.error_list(),
    )
