"""A mail server for tests: a real one, on a port of its own, that does what it is told."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.site import free_port


class MailServer:
    """Keeps what it takes in `messages`.

    `answers` maps a command (MAIL, RCPT, DATA) to what is answered instead of yes. `waits` lets the answer to
    a letter wait for `goes_on`; `has_all` is set when the letter is there. `heard` has what was said of
    letters and passwords, each with whether it was encrypted.
    """

    def __init__(self, user: str = "", password: str = "") -> None:
        self.heard: list[tuple[str, bool]] = []
        self.messages: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers: dict[str, str] = {}
        self.refused_addresses: set[str] = set()
        self.waits = False
        self.has_all = threading.Event()
        self.goes_on = threading.Event()
        self.port = free_port()
        self._user, self._password = user.encode(), password.encode()

    @property
    def url(self) -> str:
        """What SMTP_URL is to be."""
        return f"smtp://127.0.0.1:{self.port}"

    def let_in(
        self, server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, given: Any
    ) -> AuthResult:
        """Called for each log-in."""
        self.heard.append(("AUTH", _is_encrypted(server)))
        assert isinstance(given, LoginPassword)
        return AuthResult(
            success=(given.login, given.password) == (self._user, self._password), handled=False
        )

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name.
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Called for each letter."""
        self.heard.append(("MAIL", _is_encrypted(server)))
        if answer := self.answers.get("MAIL"):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name.
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Called for each address."""
        if answer := self.answers.get("RCPT"):
            return answer
        if address in self.refused_addresses:
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name.
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Called when a letter is there."""
        if answer := self.answers.get("DATA"):
            return answer
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        self.recipients += envelope.rcpt_tos
        self.has_all.set()
        if self.waits:
            await server.loop.run_in_executor(None, self.goes_on.wait, 30)
        return "250 Taken"


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """Run a mail server for as long as the block takes; `options` are aiosmtpd's."""
    yield from _running(MailServer(), options)


@contextmanager
def mail_server_with_password(user: str, password: str, **options: Any) -> Iterator[MailServer]:
    """Run one that takes letters from `user` alone."""
    server = MailServer(user, password)
    yield from _running(server, {"authenticator": server.let_in, "auth_required": True, **options})


def _running(server: MailServer, options: dict[str, Any]) -> Iterator[MailServer]:
    controller: Any = Controller(server, hostname="127.0.0.1", port=server.port, **options)
    controller.start()
    try:
        yield server
    finally:
        server.goes_on.set()
        controller.stop()


def _is_encrypted(server: SMTP) -> bool:
    assert server.transport is not None
    return server.transport.get_extra_info("ssl_object") is not None
