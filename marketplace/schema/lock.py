"""One runner at a time, on any number of hosts: PostgreSQL's advisory locks, polled."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from marketplace.schema.errors import DatabaseBusy

# Any two numbers would do, as long as all runners of a database use the same.
RUNNER, MIGRATION = 6_207_014_002, 6_207_014_003

POLL_SECONDS = 0.1


@contextmanager
def only_runner(
    engine: Engine, patience: float, announce: Callable[[str], None] = lambda _: None
) -> Iterator[None]:
    """Hold the database's runner lock, on a connection of its own that is never inside a transaction.

    It is polled: a session that waits inside of a statement would hold a snapshot, for which another
    runner's concurrent index build would wait in turn. The server gives it back when the runner dies.
    `announce` is told once, when there is somebody to wait for. Raises DatabaseBusy after `patience` seconds.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        _acquire(connection, RUNNER, patience, announce)
        try:
            # A killed runner's last statement may still be at work in the server; it has this lock.
            _acquire(connection, MIGRATION, patience, announce)
            _release(connection, MIGRATION)
            yield
        finally:
            if not connection.invalidated:
                _release(connection, RUNNER)


def _acquire(connection: Connection, key: int, patience: float, announce: Callable[[str], None]) -> None:
    deadline = time.monotonic() + patience
    announced = False
    while not connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar():
        holder = _holder(connection, key)
        if time.monotonic() > deadline:
            raise DatabaseBusy(
                f"Another run has held this database for more than {patience:g} s: {holder}.\n"
                "Next: wait for it and run this again, or see what it does: flask db log"
            )
        if not announced:
            announced = True
            announce(f"Waiting for another run to end: {holder}.")
        time.sleep(POLL_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311 - it only spreads the runners.


def _release(connection: Connection, key: int) -> None:
    connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


def _holder(connection: Connection, key: int) -> str:
    """Who holds a lock, as people read it."""
    row = connection.execute(
        text(
            "SELECT a.pid, a.usename, coalesce(host(a.client_addr), 'this host'),"
            " to_char(a.backend_start, 'HH24:MI:SS')"
            " FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
            " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            " AND (l.classid::bigint << 32) | l.objid::bigint = :key LIMIT 1"
        ),
        {"key": key},
    ).one_or_none()
    if row is None:
        return "it is just ending"
    return f"process {row[0]} of {row[1]} from {row[2]}, connected since {row[3]}"
