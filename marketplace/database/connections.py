"""Connections: reads that cannot write need no transaction, and a closed connection says so itself."""

import re
import select
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import psycopg2
from flask import has_request_context, request
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DisconnectionError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
# The bind on which each statement stands alone: the server is spared a BEGIN and a ROLLBACK for each
# request, and nobody who wants to change a table waits for a page that is being made.
READING = "reading"
READS = re.compile(r"\s*(?:SELECT|WITH|EXPLAIN)\b")

_answering: ContextVar[bool] = ContextVar("answering", default=False)


class Session(FlaskSession):
    """The session of each request. It has one database, on two kinds of connections."""

    def get_bind(
        self,
        mapper: Any | None = None,
        clause: Any | None = None,
        bind: Engine | Connection | None = None,
        **_more: Any,
    ) -> Engine | Connection:
        """Return where a statement goes; what writes never goes to the connections for reading."""
        if bind is not None:
            return bind
        only_reads = clause is not None and (
            clause.is_select or (clause.is_text and READS.match(clause.text) is not None)
        )
        safe = has_request_context() and request.method in SAFE_METHODS
        return self._db.engines[READING if only_reads and safe else None]


@contextmanager
def answering() -> Iterator[None]:
    """Say that the block answers a request: somebody waits, so no statement may take for ever."""
    before = _answering.set(True)
    try:
        yield
    finally:
        _answering.reset(before)


def hurry(engine: Engine, statement_ms: int, lock_ms: int) -> None:
    """Limit statements, and waits for locks, on the connections that requests make.

    Those of commands are free to take their time.
    """

    @event.listens_for(engine, "do_connect")
    def add_limits(_dialect: Any, _record: Any, _arguments: Any, options: dict[str, Any]) -> None:
        if _answering.get():
            limits = f"-c statement_timeout={statement_ms} -c lock_timeout={lock_ms}"
            options["options"] = f"{options.get('options', '')} {limits}".strip()


def watch(engine: Engine) -> None:
    """Have closed connections noticed before they are used, and replaced.

    A server that is restarted or ends a session leaves an end of file, or a last message, in the socket:
    looking at it costs nothing, while asking the server whether it is there costs a round trip each time.
    """

    @event.listens_for(engine, "checkout")
    def refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        if not waiting.poll(0):
            return
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            connection.rollback()
        except psycopg2.Error as error:
            raise DisconnectionError from error
