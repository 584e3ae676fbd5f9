"""What the forms of an exchange's messages do, their pictures, and how many are new."""

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.devices.sessions import do_not_note_use
from marketplace.exchanges import blueprint, private_pictures, queries, thread_actions, thread_queries
from marketplace.exchanges.forms import id_of
from marketplace.exchanges.moving import NotPossibleError
from marketplace.exchanges.queries import Found
from marketplace.exchanges.thread_forms import MessageForm
from marketplace.exchanges.thread_rules import PICTURES_MAXIMUM
from marketplace.exchanges.wording import FORMER, unread_in_words
from marketplace.pictures import actions as pictures
from marketplace.pictures import uploads
from marketplace.pictures.files import FOR_SOME, file_answer
from marketplace.pictures.models import Picture
from marketplace.screening import queries as screening
from marketplace.throttling.actions import count_attempt
from marketplace.throttling.rules import MESSAGE, UPLOAD

Page = str | Response | tuple[str, int]

SENT = "Your message is sent."
NOT_NOW = "You cannot write to each other here, or not any more"


@blueprint.post("/swaps/<id:exchange_id>/messages")
@access.signed_in
@uploads.takes_pictures
def send_message(exchange_id: int) -> Page:
    found = queries.get_found(exchange_id, current_user.id)
    words = screening.all_words()
    form = MessageForm(words)
    if not form.validate():
        return _message_page(form, found), 422
    count_attempt(MESSAGE, current_user.id)
    sent, refused = _take_pictures()
    if refused:
        # Of what was taken in no row is kept with this answer, and the sweep finds the files.
        form.pictures.errors = refused
        return _message_page(form, found), 422
    try:
        thread_actions.send(
            found.exchange, found.side, form.words.data, sent, id_of(request.form.get("seen", "")) or 0, words
        )
    except NotPossibleError:
        form.words.errors = [NOT_NOW]
        return _message_page(form, found), 409
    flash(SENT, "success")
    return _to_thread(exchange_id)


@blueprint.post("/swaps/<id:exchange_id>/read")
@access.signed_in
def read_messages(exchange_id: int) -> Response:
    """Note that the side has seen the messages up to the one that the page ended with."""
    found = queries.get_found(exchange_id, current_user.id)
    until_id = id_of(request.form.get("until", "")) or abort(400)
    thread_actions.mark_as_read(exchange_id, found.side, current_user.id, until_id)
    return _to_thread(exchange_id)


@blueprint.get("/swaps/<id:exchange_id>/messages/count")
@access.signed_in
def count_messages(exchange_id: int) -> Response:
    """How many messages there are after the last one of a page, for the script that offers to show them."""
    # It is the script that asks, whether anybody is there or not.
    do_not_note_use()
    found = queries.get_found(exchange_id, current_user.id)
    number = thread_queries.count_new(exchange_id, found.side, id_of(request.args.get("after", "")) or 0)
    response = jsonify(new=number, words=unread_in_words(number))
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.get("/swaps/<id:exchange_id>/pictures/<id:picture_id>/<name>")
@access.signed_in
def picture(exchange_id: int, picture_id: int, name: str) -> Response:
    """Show a picture of a message or a loan to whom it is for."""
    is_moderator = current_user.role != "member"
    key = private_pictures.key_of_picture(exchange_id, picture_id, current_user.id, is_moderator)
    return file_answer(key or abort(404), name, FOR_SOME)


def _take_pictures() -> tuple[list[int], list[str]]:
    """Take in the chosen files; return the ids of the pictures, and sentences about those refused."""
    files = uploads.files_of("pictures")
    if not files:
        return [], []
    count_attempt(UPLOAD, current_user.id, number=len(files))
    outcomes = pictures.store_uploads(current_user.id, None, files, PICTURES_MAXIMUM)
    stored = [each.id for each in outcomes if isinstance(each, Picture)]
    return stored, [each for each in outcomes if isinstance(each, str)]


def _message_page(form: MessageForm, found: Found) -> str:
    return render_template(
        "exchanges/message.html",
        form=form,
        exchange=found.exchange,
        name=found.other or FORMER,
        seen=request.form.get("seen", ""),
        error_list=form.error_list(),
    )


def _to_thread(exchange_id: int) -> Response:
    return redirect(url_for("exchanges.show", exchange_id=exchange_id, _anchor="thread"), 303)
