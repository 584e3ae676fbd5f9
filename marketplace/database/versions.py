"""The version of what the site shows: one cheap statement that tells whether anything was changed."""

import math
from collections.abc import Mapping
from contextlib import closing
from typing import Any, NamedTuple

import psycopg2
from flask import current_app, has_request_context, request
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from marketplace.database.connections import READING

# What each request asks. Two sums are the same only when nothing was changed in between. A database that
# was put back from a backup counts on from its own sums; the transactions that wrote them, and the table,
# are others then.
STATEMENT = """
SELECT
    concat_ws('-', sum(listings), sum(categories), max(xmin::text::bigint), max(tableoid::bigint)) AS content,
    extract(epoch FROM clock_timestamp())::float8 AS now
FROM content_versions
"""
# The same with what follows from the content until one of its ends comes: to plan it alone takes PostgreSQL
# longer than all of the other. A listing also goes, without a change, at the moment until which
# it is shown, and those of a suspended member come back when the suspension ends.
WHOLE_STATEMENT = """
SELECT
    concat_ws('-', sum(listings), sum(categories), max(xmin::text::bigint), max(tableoid::bigint)) AS content,
    extract(epoch FROM clock_timestamp())::float8 AS now,
    concat_ws(
        '-', sum(categories), max(xmin::text::bigint) FILTER (WHERE categories > 0), max(tableoid::bigint)
    ) AS categories,
    extract(epoch FROM least(
        (SELECT min(expires_at) FROM search_entries WHERE expires_at > now()),
        (SELECT min(shown_from) FROM search_entries WHERE shown_from > '-infinity' AND shown_from > now())
    ))::float8 AS next_end
FROM content_versions
"""
ENVIRON_KEY = "kula.version"
# What a view has that begins with the version.
SHOWS_VERSION = "shows_version"


class Version(NamedTuple):
    """What is committed: two versions are equal, part by part, only if nothing was changed in between.

    `now` is the database's clock, and until `next_end` no listing comes or goes by itself; both in seconds
    since 1970.
    """

    content: str
    categories: str
    now: float
    next_end: float


class Versions:
    """Asks an application's database for versions, and keeps the one that was read in whole last."""

    def __init__(self, engines: Mapping[str | None, Engine]) -> None:
        self._engines = engines
        self._latest: Version | None = None

    def read(self) -> Version:
        """Ask for the version now. Raises OperationalError when there is no database to ask."""
        return self.completed(*self._row(STATEMENT))

    def completed(self, content: str, now: float) -> Version:
        """Return the version that STATEMENT has told of, or a newer one."""
        latest = self._latest
        if latest is None or content != latest.content or now >= latest.next_end:
            return self._read_whole()
        return latest._replace(now=now)

    def _read_whole(self) -> Version:
        content, now, categories, next_end = self._row(WHOLE_STATEMENT)
        version = Version(content, categories, now, math.inf if next_end is None else next_end)
        # Another thread may put its own in the place of it.
        self._latest = version
        return version

    def _row(self, statement: str) -> tuple[Any, ...]:
        # Past SQLAlchemy's own work, which would take longer than the server's.
        try:
            with closing(self._engines[READING].raw_connection()) as connection:
                cursor = connection.cursor()
                cursor.execute(statement)
                row: tuple[Any, ...] | None = cursor.fetchone()
                cursor.close()
        except psycopg2.Error as error:
            raise OperationalError(statement, None, error) from error
        assert row is not None
        return row


def current_version() -> Version:
    """Return the version of this moment, or the one that this request has begun with.

    What is read from the database after it is at least as new. Raises OperationalError when there is no
    database to ask.
    """
    versions: Versions = current_app.extensions["versions"]
    if not has_request_context():
        return versions.read()
    if ENVIRON_KEY not in request.environ:
        request.environ[ENVIRON_KEY] = versions.read()
    version: Version = request.environ[ENVIRON_KEY]
    return version


def note_version(content: str, now: float) -> None:
    """Begin this request with what STATEMENT has told on the way, unless it has begun with a version."""
    if ENVIRON_KEY not in request.environ:
        request.environ[ENVIRON_KEY] = current_app.extensions["versions"].completed(content, now)
