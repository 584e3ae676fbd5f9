"""The version of what the site shows: one cheap statement that tells whether anything was changed."""

import math
from contextlib import closing
from typing import NamedTuple

import psycopg2
from flask import has_request_context, request
from sqlalchemy.exc import OperationalError

from marketplace.database.connections import READING
from marketplace.extensions import db

# Two sums are the same only when nothing was changed in between. A database that was put back from a
# backup counts on from its own sums; the transactions that wrote them, and the table, are others then.
# A listing also goes, without a change, at the moment until which it is shown, and those of a suspended
# member come back when the suspension ends.
STATEMENT = """
SELECT
    concat_ws('-', sum(listings), sum(categories), max(writer), max(file)) AS content,
    concat_ws('-', sum(categories), max(writer) FILTER (WHERE categories > 0), max(file)) AS categories,
    extract(epoch FROM clock_timestamp())::float8 AS now,
    extract(epoch FROM least(
        (SELECT min(expires_at) FROM search_entries WHERE expires_at > now()),
        (SELECT min(shown_from) FROM search_entries WHERE shown_from > '-infinity' AND shown_from > now())
    ))::float8 AS next_end
FROM (
    SELECT listings, categories, xmin::text::bigint AS writer, tableoid::bigint AS file
    FROM content_versions
) AS part
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


def current_version() -> Version:
    """Return the version of this moment, or the one that this request has begun with.

    What is read from the database after it is at least as new. Raises OperationalError when there is no
    database to ask.
    """
    if not has_request_context():
        return read_version()
    if ENVIRON_KEY not in request.environ:
        request.environ[ENVIRON_KEY] = read_version()
    version: Version = request.environ[ENVIRON_KEY]
    return version


def note_version(version: Version) -> None:
    """Begin this request with a version that was read on the way, unless it has one."""
    request.environ.setdefault(ENVIRON_KEY, version)


def read_version() -> Version:
    """Ask for the version now, past SQLAlchemy, whose own work would take longer than the server's."""
    try:
        with closing(db.engines[READING].raw_connection()) as connection:
            cursor = connection.cursor()
            cursor.execute(STATEMENT)
            row = cursor.fetchone()
            cursor.close()
    except psycopg2.Error as error:
        raise OperationalError(STATEMENT, None, error) from error
    assert row is not None
    return version_of(*row)


def version_of(content: str, categories: str, now: float, next_end: float | None) -> Version:
    """Return the version that a row of STATEMENT tells."""
    return Version(content, categories, now, math.inf if next_end is None else next_end)
