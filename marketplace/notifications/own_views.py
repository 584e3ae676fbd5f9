"""The page on which a member chooses how to be told of what."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.mail.topics import single_topics
from marketplace.notifications import actions, blueprint, queries
from marketplace.notifications.kinds import all_kinds
from marketplace.notifications.rules import DAILY, LETTERS_IN_WORDS


@dataclass(frozen=True)
class Row:
    """A kind of thing with the ways in which letters about it can come, and the one that is chosen."""

    name: str
    title: str
    is_on_site: bool
    options: list[tuple[str, str]]
    chosen: str


@blueprint.get("/account/notifications")
@access.signed_in
def ask() -> str:
    return render_template("notifications/choose.html", rows=_rows())


@blueprint.post("/account/notifications")
@access.signed_in
def choose() -> Response:
    """Keep what was chosen; a kind that the page did not show yet stays as it is."""
    choices = {}
    for row in _rows():
        how = request.form.get(row.name)
        if how is None:
            continue
        if how not in dict(row.options):
            abort(400)
        choices[row.name] = how
    actions.choose_letters(current_user.id, choices)
    flash("Your choice is saved.", "success")
    return redirect(url_for("notifications.ask"), 303)


def _rows() -> list[Row]:
    """All kinds that letters can be about. One that is not told on the site is in no letter of the day."""
    topics = {topic.name: topic.title for topic in single_topics()}
    chosen = queries.letters_about(current_user.id, topics)
    return [
        Row(
            name,
            title,
            name in all_kinds(),
            [each for each in LETTERS_IN_WORDS.items() if each[0] != DAILY or name in all_kinds()],
            chosen[name],
        )
        for name, title in topics.items()
    ]
