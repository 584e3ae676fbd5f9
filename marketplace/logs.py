"""What production writes to its log: one line of JSON for each thing that happened.

JSON keeps a line break in a text from looking like the end of a line.
"""

import logging
import sys
from collections.abc import Iterator
from traceback import format_tb
from types import TracebackType

import psycopg2
from flask import Flask, has_request_context
from pythonjsonlogger.json import JsonFormatter
from sqlalchemy.exc import DBAPIError

from marketplace.request_log import request_id

# From which level on each of them is written. What the site notes by the way is nothing to operators who type
# a command, and in whose terminal it would appear.
LEVELS = {"marketplace": logging.WARNING, "kula.request": logging.INFO, "gunicorn.error": logging.INFO}
LOGGERS = tuple(LEVELS)
MESSAGE_MAXIMUM = 300

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def init_app(app: Flask) -> None:
    """Let production write JSON to the standard error; development writes what people read in a terminal."""
    if app.config["ENV_NAME"] != "production":
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines())
    handler.addFilter(name_request)
    for name, level in LEVELS.items():
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.propagate = False
        logger.setLevel(level)


class Lines(JsonFormatter):
    """Records as JSON, with the time in UTC, and tracebacks that keep the values of rows to themselves."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
            timestamp="time",
        )

    def formatException(self, exc_info: ExcInfo) -> str:  # noqa: N802 - logging's name.
        return "".join(_told(exc_info[1])) if exc_info[1] else ""


def name_request(record: logging.LogRecord) -> bool:
    """Put the id of the request into a record that was made while answering it."""
    if has_request_context() and not hasattr(record, "request_id"):
        record.request_id = request_id()
    return True


def reason_of(error: BaseException) -> str:
    """Return what an error says, without the rows that PostgreSQL quotes in its details."""
    if isinstance(error, DBAPIError) and error.orig:
        return reason_of(error.orig)
    if isinstance(error, psycopg2.Error) and error.diag.message_primary:
        return f"{error.diag.message_primary} ({error.diag.sqlstate})"
    return str(error)[:MESSAGE_MAXIMUM]


def _told(error: BaseException) -> Iterator[str]:
    """The traceback of an error after those of the errors that led to it."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before is not None:
        yield from _told(before)
        yield "\nThen, because of it or while dealing with it:\n"
    yield from format_tb(error.__traceback__)
    yield f"{type(error).__qualname__}: {reason_of(error)}"
