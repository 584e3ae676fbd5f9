"""The administrators' page of screened words."""

from flask import flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.screening import actions, blueprint, queries
from marketplace.screening.forms import OUTCOME_WORDS, WordForm

THERE_ALREADY = "These words are in the list already"
TOO_MANY = f"The list has {queries.WORDS_MAXIMUM} entries, and takes no more: remove some first"


@blueprint.get("/moderation/words")
@access.administrator
def words() -> str:
    return _page(WordForm())


@blueprint.post("/moderation/words")
@access.administrator
def add() -> Response | tuple[str, int]:
    form = WordForm()
    if not form.validate():
        return _page(form), 422
    try:
        actions.add_word(current_user.id, form.words.data, form.outcome.data, form.note.data)
    except actions.WordThereError:
        form.words.errors = [THERE_ALREADY]
        return _page(form), 422
    except actions.TooManyError:
        form.words.errors = [TOO_MANY]
        return _page(form), 422
    flash("Listings are looked through for these words from now on.", "success")
    return redirect(url_for("screening.words"), 303)


@blueprint.post("/moderation/words/<id:word_id>/remove")
@access.administrator
def remove(word_id: int) -> Response:
    removed = actions.remove_word(current_user.id, word_id)
    if removed is None:
        flash("Somebody has removed these words already.")
    else:
        flash(f"Nobody looks for “{removed}” any more.", "success")
    return redirect(url_for("screening.words"), 303)


def _page(form: WordForm) -> str:
    return render_template(
        "screening/words.html",
        form=form,
        words=queries.all_words(),
        outcome_words=OUTCOME_WORDS,
        error_list=form.error_list(),
    )
