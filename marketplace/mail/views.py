"""The pages behind the links in letters to get no more of them."""

from flask import abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from marketplace import access
from marketplace.extensions import csrf
from marketplace.mail import actions, blueprint, queries
from marketplace.mail.addresses import read_unsubscribe_token
from marketplace.mail.topics import Topic, find_topic


@blueprint.get("/unsubscribe/<token>")
@access.public
def unsubscribe(token: str) -> str:
    member_id, topic = _read(token)
    return render_template(
        "mail/unsubscribe.html",
        token=token,
        topic=topic.title,
        is_done=queries.is_unsubscribed(member_id, topic),
    )


# The reader's mail program sends this form by itself when its button is pressed, and has no session here
# (RFC 8058). Whoever has the address may do this and nothing else: it was in a letter to the member alone.
@blueprint.post("/unsubscribe/<token>")
@csrf.exempt
@access.public
def stop_letters(token: str) -> Response:
    member_id, topic = _read(token)
    actions.unsubscribe(member_id, topic)
    return redirect(url_for("mail.unsubscribe", token=token), 303)


def _read(token: str) -> tuple[int, Topic]:
    """Return the id of the member and the topic that the token is for; 404 when it is none of ours."""
    member_id, name = read_unsubscribe_token(token) or abort(404)
    return member_id, find_topic(name) or abort(404)
