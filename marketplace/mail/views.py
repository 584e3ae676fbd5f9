"""The pages behind the links in letters to get no more of them."""

from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.extensions import csrf
from marketplace.mail import actions, blueprint, queries
from marketplace.mail.addresses import read_unsubscribe_token
from marketplace.mail.rules import TOPICS


@dataclass(frozen=True)
class Topic:
    """Something that letters are about."""

    name: str
    title: str
    is_wanted: bool


@blueprint.get("/unsubscribe/<token>")
@access.public
def unsubscribe(token: str) -> str:
    member_id, topic = read_unsubscribe_token(token) or abort(404)
    return render_template(
        "mail/unsubscribe.html",
        token=token,
        topic=TOPICS[topic],
        is_done=queries.is_unsubscribed(member_id, topic),
    )


# The reader's mail program sends this form by itself when its button is pressed, and has no session here
# (RFC 8058). Whoever has the address may do this and nothing else: it was in a letter to the member alone.
@blueprint.post("/unsubscribe/<token>")
@csrf.exempt
@access.public
def stop_letters(token: str) -> Response:
    member_id, topic = read_unsubscribe_token(token) or abort(404)
    actions.unsubscribe(member_id, topic)
    return redirect(url_for("mail.unsubscribe", token=token), 303)


@blueprint.post("/account/letters")
@access.signed_in
def choose_letters() -> Response:
    """Stop, or start, the letters about the topic that the pressed button names."""
    if (topic := request.form.get("stop")) in TOPICS:
        actions.unsubscribe(current_user.id, topic)
        flash("You get no more of these letters.", "success")
    elif (topic := request.form.get("start")) in TOPICS:
        actions.subscribe(current_user.id, topic)
        flash("You get these letters again.", "success")
    else:
        abort(400)
    return redirect(url_for("accounts.show", _anchor="letters"), 303)


def topics() -> list[Topic]:
    """What the account page shows: all topics, and which of them the member wants letters about."""
    unwanted = queries.unsubscribed_topics(current_user.id)
    return [Topic(name, title, name not in unwanted) for name, title in TOPICS.items()]
