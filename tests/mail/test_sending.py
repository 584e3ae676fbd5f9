"""Letters are sent once each, whatever happens to the mail server or to the sender."""

import pytest

from marketplace.extensions import db
from marketplace.mail import actions

VALUES = {"username": "ann", "title": "A drill", "ends_on": "3 May", "listing_id": 7}


@pytest.fixture
def write(app, connection):
    def write_one(address="ann@example.org", name="listing_ends", member_id=None, **values):
        with app.app_context():
            actions.write_letter(name, address, member_id, **(VALUES | values))
            db.session.commit()

    return write_one


@pytest.fixture
def send(app, connection):
    def run():
        result = app.test_cli_runner().invoke(args=["mail", "send"])
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run


def test_a_letter_is_sent_with_its_text_and_its_html(write, send, server_of_mail):
    write(title="Überraschung")
    assert send() == "Sent 1 letter; 0 to be tried again later, 0 given up."
    assert send() == "Sent 0 letters; 0 to be tried again later, 0 given up."
    (message,) = server_of_mail.messages
    assert server_of_mail.recipients == ["ann@example.org"]
    assert message["To"] == "ann@example.org"
    assert message["From"] == "Kula <kula@localhost>"
    assert message["Subject"] == "Your listing “Überraschung” ends in a week"
    assert message["Date"].datetime is not None
    assert message["Message-ID"].endswith("@localhost>")
    text, html = (message.get_body([kind]).get_content().replace("\r\n", "\n") for kind in ("plain", "html"))
    assert text.startswith("Hello ann,\n\nYour listing “Überraschung” is shown until 3 May.")
    assert "\nhttp://localhost:8000/listings/7\n" in text
    assert '<a href="http://localhost:8000/listings/7">renew it</a>' in html
