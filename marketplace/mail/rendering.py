"""Letters from their templates: `mail/<name>.txt`, which begins with the subject, and `mail/<name>.html`."""

from dataclasses import dataclass
from typing import Any

from flask import current_app, render_template, render_template_string

from marketplace.mail.addresses import link_to, unsubscribe_token
from marketplace.mail.models import SUBJECT_LENGTH
from marketplace.mail.rules import one_line
from marketplace.mail.topics import find_topic

_SUBJECT = "Subject: "


@dataclass(frozen=True)
class Words:
    """What a letter says."""

    subject: str
    text: str
    html: str


def render_letter(name: str, topic: str, member_id: int | None, values: dict[str, Any]) -> Words:
    """Fill the templates of the letter called `name`, which know `link(endpoint, …)` and `values`.

    It names the way to get no more letters about `topic`, if that is one. Whatever the values are, the
    subject is one line.
    """
    unsubscribe = None
    if member_id is not None and find_topic(topic):
        unsubscribe = link_to("mail.unsubscribe", token=unsubscribe_token(member_id, topic))
    known = {"link": link_to, "unsubscribe_link": unsubscribe, **values}
    source, _, _ = current_app.jinja_env.loader.get_source(  # type: ignore[union-attr]
        current_app.jinja_env, f"mail/{name}.txt"
    )
    # Apart, so that a line break in a value does not end the subject.
    first_line, _, body = source.partition("\n\n")
    subject = one_line(_plain(first_line, known))
    if not subject.startswith(_SUBJECT):
        raise ValueError(f"mail/{name}.txt does not begin with its subject.")
    return Words(
        subject.removeprefix(_SUBJECT)[:SUBJECT_LENGTH],
        _plain(body, known).strip() + "\n",
        render_template(f"mail/{name}.html", subject=subject.removeprefix(_SUBJECT), **known),
    )


def _plain(source: str, known: dict[str, Any]) -> str:
    # Templates that have no name count as HTML; this is text, in which nothing needs to be escaped.
    return render_template_string(f"{{% autoescape false %}}{source}{{% endautoescape %}}", **known)
