"""One line of JSON for each request, and the id by which an error's page, its headers and the logs name it.

What a request says beside its method and path is in no line: no query, no form, no cookie.
"""

import logging
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask, g, request
from sqlalchemy import inspect

from marketplace.database.connections import answering

Environ = dict[str, Any]

ID_KEY = "kula.request_id"
MEMBER_KEY = "kula.member_id"
HEADER = "X-Request-ID"
# Long runs of letters and digits are what nobody can guess: the ids of drafts, tokens, the keys of pictures.
SECRET = re.compile(r"[\w%~-]{20,}")
PATH_MAXIMUM = 200
# A load balancer asks several times a minute.
UNNOTED = ("/health", 200)

logger = logging.getLogger("kula.request")


def init_app(app: Flask) -> None:
    """Note all requests, also those that never reach Flask. Must come after what wraps `app.wsgi_app`."""
    app.wsgi_app = RequestLog(app.wsgi_app)  # type: ignore[method-assign]
    app.add_template_global(request_id)

    @app.teardown_request
    def note_member(_error: BaseException | None) -> None:
        # Only a member that Flask-Login has looked for already: a line in the log is worth no statement.
        # Nor may its attributes be asked for: they may have to be read again, on a connection that failed.
        state = inspect(g.get("_login_user"), raiseerr=False)
        if state is not None and state.identity:
            request.environ[MEMBER_KEY] = state.identity[0]


def request_id() -> str:
    """Return the id of the request that is being answered."""
    return str(request.environ.get(ID_KEY, "none"))


def shown_path(path: str) -> str:
    """Return a path as it stands in logs: cut short, and without what lets people in."""
    return SECRET.sub("…", path)[:PATH_MAXIMUM]


class RequestLog:
    """The WSGI application that gives each request its id, and notes how it was answered."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        note = Note(environ)
        environ[ID_KEY] = note.id

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            note.status = int(status[:3])
            return start_response(status, [*headers, (HEADER, note.id)], *more)

        try:
            with answering():
                body = self._inner(environ, start)
        except BaseException:
            note.write(0)
            raise
        if isinstance(body, environ.get("wsgi.file_wrapper", ())):
            # The server sends the file past us, and knows it by its wrapper.
            note.write(None)
            return body
        return CountedBody(body, note)


class Note:
    """What is known of one request; it has failed until it is answered."""

    def __init__(self, environ: Environ) -> None:
        self.id = secrets.token_hex(8)
        self.status = 500
        self._environ = environ
        self._began = time.monotonic()

    def write(self, sent: int | None) -> None:
        """Write the line; `sent` bytes went out, if that is known."""
        path = self._environ.get("PATH_INFO", "").encode("latin-1").decode(errors="replace")
        if (path, self.status) == UNNOTED:
            return
        logger.info(
            "request",
            extra={
                "request_id": self.id,
                "method": self._environ["REQUEST_METHOD"][:20],
                "path": shown_path(path),
                "status": self.status,
                "ms": round((time.monotonic() - self._began) * 1000),
                "bytes": sent,
                "member_id": self._environ.get(MEMBER_KEY),
            },
        )


class CountedBody:
    """Passes a body on, and writes the line when the server is done with it."""

    def __init__(self, body: Iterable[bytes], note: Note) -> None:
        self._body = body
        self._pieces = iter(body)
        self._note = note
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        self._sent += len(piece)
        return piece

    def close(self) -> None:
        """Called by the server, also when nobody wanted the rest."""
        if hasattr(self._body, "close"):
            self._body.close()
        self._note.write(self._sent)
