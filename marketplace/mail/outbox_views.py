"""The page on which development shows the letters that it wrote into files."""

from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from flask import current_app, render_template

from marketplace import access
from marketplace.mail import outbox

SHOWN = 50


@dataclass(frozen=True)
class Shown:
    """A letter as the page shows it."""

    subject: str
    to: str
    date: str
    text: str


@outbox.get("/outbox")
@access.public
def show() -> str:
    files = sorted(Path(current_app.config["OUTBOX_PATH"]).glob("*.eml"), reverse=True)
    return render_template("mail/outbox.html", letters=[_read(file) for file in files[:SHOWN]])


def _read(file: Path) -> Shown:
    message = message_from_bytes(file.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(("plain",))
    return Shown(message["Subject"], message["To"], message["Date"], body.get_content() if body else "")
