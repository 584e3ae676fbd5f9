"""Those who carry letters: a mail server, or, in development, a folder of files."""

import re
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

# In seconds: for each answer of the server, and for the last, before which it may look for spam.
ANSWER_TIMEOUT = 30
LAST_ANSWER_TIMEOUT = 300

_POLICY = SMTP.clone(cte_type="7bit")
_OPENING_DOT = re.compile(rb"(?m)^\.")


class NotCarried(Exception):  # noqa: N818 - it reads as the sentence it is.
    """The letter was not taken; the words say why, and another try may do better."""


class Refused(NotCarried):
    """The server will never take this letter."""


class Away(NotCarried):
    """No letter can be sent at the moment."""


class Unanswered(NotCarried):
    """The letter went out, and nobody said whether it was taken."""


class Carrier(Protocol):
    """Somebody who carries letters."""

    def carry(self, message: EmailMessage, name: str, before_end: Callable[[], None]) -> None:
        """Hand the message over. `before_end` is called when it may arrive from now on.

        Raises NotCarried in one of its kinds.
        """

    def close(self) -> None:
        """End the conversation."""


class Server:
    """The mail server of an SMTP_URL, asked by one connection for all letters."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)
        self._connection: smtplib.SMTP | None = None

    def carry(self, message: EmailMessage, _name: str, before_end: Callable[[], None]) -> None:
        connection = self._connected()
        try:
            self._expect_of_site(connection.mail(_address_in(message["From"])))
            self._expect(connection.rcpt(_address_in(message["To"])), 250, 251)
            self._expect(connection.docmd("DATA"), 354)
            # All but the dot that ends it: until that is sent, the server does not have the letter.
            connection.send(_OPENING_DOT.sub(b"..", message.as_bytes(policy=_POLICY)))
        except NotCarried:
            self._begin_again()
            raise
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Away(f"The mail server ended the conversation: {_told(error)}.") from error
        try:
            before_end()
        except BaseException:
            # Without the dot, what was sent is no letter; another word would become a part of it.
            connection.close()
            self._connection = None
            raise
        try:
            if connection.sock is not None:
                connection.sock.settimeout(LAST_ANSWER_TIMEOUT)
            connection.send(b".\r\n")
            answer = connection.getreply()
            if connection.sock is not None:
                connection.sock.settimeout(ANSWER_TIMEOUT)
        except (OSError, smtplib.SMTPException) as error:
            self.close()
            raise Unanswered(f"The mail server did not say whether it took it: {_told(error)}.") from error
        self._expect(answer, 250)

    def close(self) -> None:
        if self._connection is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._connection.quit()
            self._connection = None

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None:
            return self._connection
        url = self._url
        host, port = url.hostname or "localhost", url.port or (465 if url.scheme == "smtps" else 587)
        connection: smtplib.SMTP | None = None
        try:
            # This context wants a certificate for this host, not over, from one of the system's authorities.
            # Nothing below goes on without: a server in the middle would read the letters, and the password.
            context = ssl.create_default_context()
            if url.scheme == "smtps":
                connection = smtplib.SMTP_SSL(host, port, timeout=ANSWER_TIMEOUT, context=context)
            else:
                connection = smtplib.SMTP(host, port, timeout=ANSWER_TIMEOUT)
                if url.query == "starttls":
                    connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if url.username:
                connection.login(unquote(url.username), unquote(url.password or ""))
        except (OSError, smtplib.SMTPException) as error:
            if connection is not None:
                connection.close()
            raise Away(f"The mail server cannot be used: {_told(error)}.") from error
        self._connection = connection
        return connection

    def _begin_again(self) -> None:
        """Forget the letter that was refused half-way; the server keeps listening."""
        if self._connection is not None:
            try:
                self._connection.rset()
            except (OSError, smtplib.SMTPException):
                self._connection = None

    def _expect_of_site(self, answer: tuple[int, bytes]) -> None:
        """What all letters have in common is of no single one, which must not be given up for it.

        The server does not take letters from MAIL_FROM, say, or wants a password that SMTP_URL does not have.
        """
        try:
            self._expect(answer, 250)
        except NotCarried as reason:
            raise Away(str(reason)) from reason

    def _expect(self, answer: tuple[int, bytes], *codes: int) -> None:
        code, words = answer
        if code in codes:
            return
        sentence = f"The mail server said {code} {words.decode(errors='replace')[:300]}"
        if code == 421:
            self._connection = None
            raise Away(sentence)
        raise Refused(sentence) if 500 <= code < 600 else NotCarried(sentence)


class Folder:
    """Writes letters into files of a folder, where `/outbox` shows them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def carry(self, message: EmailMessage, name: str, before_end: Callable[[], None]) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft = self._folder / f"{name}.draft"
            draft.write_bytes(message.as_bytes(policy=_POLICY))
            before_end()
            draft.replace(self._folder / f"{name}.eml")
        except OSError as error:
            raise Away(f"The folder {self._folder} cannot be written to: {error.strerror}.") from error

    def close(self) -> None:
        pass


def sender_address(text: str) -> Address:
    """Return MAIL_FROM, which was checked when the site started, as an address with its name."""
    name, spec = parseaddr(text)
    return Address(display_name=name, addr_spec=spec)


def _address_in(header: object) -> str:
    return str(header.addresses[0].addr_spec)  # type: ignore[attr-defined]


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        words = error.smtp_error
        said = words.decode(errors="replace") if isinstance(words, bytes) else str(words)
        return f"{error.smtp_code} {said[:300]}"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    return (str(error) or type(error).__name__)[:300]
