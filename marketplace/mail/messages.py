"""Letters as messages. One that is sent again is the same, down to its id."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from flask import current_app

from marketplace.mail.addresses import link_to, unsubscribe_token
from marketplace.mail.carriers import sender_address
from marketplace.mail.models import Letter
from marketplace.mail.topics import find_topic


def message_of(letter: Letter) -> EmailMessage:
    """Return the letter with its headers, as text and as HTML."""
    sender = sender_address(current_app.config["MAIL_FROM"])
    message = EmailMessage()
    message["From"] = sender
    message["To"] = Address(addr_spec=letter.address)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.created_at)
    message["Message-ID"] = f"<{letter.id}.{letter.created_at:%Y%m%d%H%M%S%f}@{sender.domain}>"
    # No holiday answers, please.
    message["Auto-Submitted"] = "auto-generated"
    if letter.member_id is not None and find_topic(letter.name):
        address = link_to("mail.unsubscribe", token=unsubscribe_token(letter.member_id, letter.name))
        message["List-Unsubscribe"] = f"<{address}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text or "")
    message.add_alternative(letter.html or "", subtype="html")
    return message
