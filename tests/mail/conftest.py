"""A mail server, a site that sends its letters there, and what writes and sends them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.engine import Connection

from marketplace.extensions import db
from marketplace.mail import actions
from tests.support.mail import MailServer, mail_server

VALUES = {"username": "ann", "title": "A drill", "ends_on": "3 May", "listing_id": 7}


@pytest.fixture
def server_of_mail(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that the site knows by its SMTP_URL."""
    with mail_server() as server:
        monkeypatch.setitem(app.config, "SMTP_URL", server.url)
        yield server


@pytest.fixture
def write(app: Flask, connection: Connection) -> Callable[..., None]:
    """Writes a letter."""

    def write_one(
        address: str = "ann@example.org",
        name: str = "listing_ends",
        member_id: int | None = None,
        **values: Any,
    ) -> None:
        with app.app_context():
            actions.write_letter(name, address, member_id, **(VALUES | values))
            db.session.commit()

    return write_one


@pytest.fixture
def send(app: Flask, connection: Connection) -> Callable[[], str]:
    """Sends what is due, and returns what the command says."""

    def run() -> str:
        result = app.test_cli_runner().invoke(args=["mail", "send"])
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return run
