"""Closing the site for maintenance, and announcing it: the banner, and the page for the time.

The state is one row in the schema `operations`, so it reaches every worker on every host, and the
marketplace's own tables are never touched. Each process looks at it at most twice a second.
"""

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import psycopg2
from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from psycopg2.extensions import connection as AsyncConnection  # noqa: N812 - it is a class.
from sqlalchemy.engine import URL

from marketplace.database.patience import wait
from marketplace.freshness import true_until

CHECK_SECONDS = 0.5
# A database that hangs holds a page up no longer than this, and is then left alone for a while.
PATIENCE_SECONDS = 0.4
AWAY_SECONDS = 5.0
RETRY_AFTER_SECONDS = 120
OPEN_PATHS = frozenset({"/health", "/health/details", "/metrics"})

QUERY = "SELECT state, starts_at, ends_at, message FROM operations.maintenance"


@dataclass(frozen=True)
class Maintenance:
    """`state` is on or announced; the times are aware, and may be unknown; `message` may be empty."""

    state: str
    starts_at: datetime | None
    ends_at: datetime | None
    message: str


class Watch:
    """What this process knows about the state, renewed by whichever request finds it old."""

    def __init__(self, url: URL, interval: float) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._interval = interval
        self._lock = threading.Lock()
        self._process = os.getpid()
        self._connection: AsyncConnection | None = None
        self._due = 0.0
        self._known: Maintenance | None = None

    def now(self) -> Maintenance | None:
        """Return the state, None for an open site without an announcement. It never fails.

        While the database is away the last known state holds.
        """
        if os.getpid() != self._process:
            # Forked: the connection belongs to the parent, and so does a lock that one of its threads held.
            self._lock, self._connection, self._process = threading.Lock(), None, os.getpid()
        if time.monotonic() < self._due:
            return self._known
        with self._lock:
            # Another request may have asked while this one waited.
            if time.monotonic() < self._due:
                return self._known
            pause = self._interval
            try:
                self._known = self._read()
            except TimeoutError:
                self._close()
                pause = max(pause, AWAY_SECONDS)
            except (psycopg2.Error, OSError):
                self._close()
            self._due = time.monotonic() + pause
        return self._known

    def _read(self) -> Maintenance | None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        fresh = self._connection is None or self._connection.closed
        if fresh:
            self._connection = psycopg2.connect(self._dsn, async_=True)
        assert self._connection is not None
        try:
            if fresh:
                wait(self._connection, deadline)
            with self._connection.cursor() as cursor:
                cursor.execute(QUERY)
                wait(self._connection, deadline)
                row = cursor.fetchone()
        except (psycopg2.errors.UndefinedTable, psycopg2.errors.InsufficientPrivilege):
            return None
        except psycopg2.Error:
            if fresh:
                raise
            # The server closed an idle connection, or was restarted, or the database was exchanged.
            self._close()
            return self._read()
        return Maintenance(*row) if row and row[0] != "off" else None

    def _close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg2.Error):
                connection.close()


def init_app(app: Flask) -> None:
    """Look at the state before anything else is done for a request."""
    from marketplace.maintenance_command import maintenance

    app.config.setdefault("MAINTENANCE_CHECK_SECONDS", CHECK_SECONDS)
    watch = Watch(app.config["SQLALCHEMY_DATABASE_URI"], app.config["MAINTENANCE_CHECK_SECONDS"])
    app.extensions["maintenance"] = watch
    # First of all: no session is opened and no form is checked on a closed site.
    app.before_request_funcs.setdefault(None, []).insert(0, close)
    app.cli.add_command(maintenance)


def close() -> ResponseReturnValue | None:
    """Answer with the maintenance page while the site is closed; health and static files stay open."""
    if request.path in OPEN_PATHS or request.endpoint == "static":
        return None
    state = current_app.extensions["maintenance"].now()
    if state is None or state.state != "on":
        return None
    page = render_template("maintenance/closed.html", maintenance=state)
    return page, 503, {"Retry-After": str(retry_after(state, datetime.now(UTC))), "Cache-Control": "no-store"}


def announced() -> Maintenance | None:
    """Return what the banner of each page says, None when there is nothing to announce."""
    state: Maintenance | None = current_app.extensions["maintenance"].now()
    if state is None or state.state != "announced":
        return None
    # A page with the banner is nobody else's: it may be taken back at any time.
    true_until(0)
    return state


def retry_after(state: Maintenance, now: datetime) -> int:
    """Return in how many seconds it is worth trying again."""
    if state.ends_at is None or state.ends_at <= now:
        return RETRY_AFTER_SECONDS
    return max(1, round((state.ends_at - now) / timedelta(seconds=1)))
