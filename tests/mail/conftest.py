"""A mail server, and a site that sends its letters there."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.mail import MailServer, mail_server


@pytest.fixture
def server_of_mail(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that the site knows by its SMTP_URL."""
    with mail_server() as server:
        monkeypatch.setitem(app.config, "SMTP_URL", server.url)
        yield server
