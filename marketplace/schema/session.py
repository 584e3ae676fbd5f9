"""The connection that migrations run on: it gives way to the site's own queries, and dies with its runner."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg2
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import NullPool

from marketplace.schema.lock import MIGRATION

APPLICATION_NAME = "flask db"

CONCURRENTLY = re.compile(r"\s*(CREATE|DROP|REINDEX)\b.*\bCONCURRENTLY\b", re.IGNORECASE | re.DOTALL)
CREATED_CONCURRENTLY = re.compile(
    r'\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?:IF\s+NOT\s+EXISTS\s+)?("[^"]+"|\w+)', re.IGNORECASE
)
# Savepoints are no matter, nor is going back to one.
ENDS_TRANSACTION = re.compile(
    r"\s*(COMMIT|ROLLBACK|ABORT|END|BEGIN|START\s+TRANSACTION)\b(?!\s+(?:WORK\s+|TRANSACTION\s+)?TO\b)",
    re.IGNORECASE,
)
# What a reset to base may find gone already, or what it may need to bring something former back. Each such
# statement is run so that it may; one that cannot be run inside of another is told so in its own words.
MAY_BE_GONE = re.compile(
    r"\s*(ALTER|COMMENT|CREATE|DELETE|DROP|LOCK|UPDATE)\b(?!.*\balembic_version\b)", re.IGNORECASE | re.DOTALL
)
DROPPED_CONCURRENTLY = re.compile(r"\s*(DROP\s+INDEX\s+CONCURRENTLY)\s+(?!IF\s+EXISTS\b)", re.IGNORECASE)
FORGIVING = """DO $forgiving$ BEGIN
EXECUTE $statement${}$statement$;
EXCEPTION WHEN undefined_table OR undefined_column OR undefined_object OR undefined_function THEN NULL;
END $forgiving$"""


class OwnTransaction(Exception):  # noqa: N818 - it reads as the sentence it is.
    """A revision is about to begin or end a transaction by a statement; the text is that statement."""


@contextmanager
def migration_connection(
    engine: Engine,
    connect_args: dict[str, Any],
    lock_timeout_ms: int,
    *,
    forgive_missing: bool = False,
    listen: Callable[[Engine], None] = lambda _: None,
) -> Iterator[Connection]:
    """Yield a new connection on which no statement was run yet, as far as SQLAlchemy and Alembic know.

    Its DDL gives way after `lock_timeout_ms`, so that the site's queries never queue for long behind it.
    With `forgive_missing`, dropping or changing what is not there is no error. `listen` is called with the
    engine that the connection will be of. Raises OwnTransaction, in the
    middle of a revision, for statements that would tear its work from the revision that it is recorded under.
    """
    own = create_engine(engine.url, poolclass=NullPool, connect_args=connect_args)

    @event.listens_for(own, "connect")
    def prepare(dbapi_connection: Any, _record: Any) -> None:
        # In autocommit: what a transaction sets is lost when it is rolled back, and a transaction that
        # Alembic did not begin would never be committed.
        dbapi_connection.autocommit = True
        with dbapi_connection.cursor() as cursor:
            # Held until the server is done with this session, which may be later than the runner's end.
            cursor.execute("SELECT pg_advisory_lock(%s)", [MIGRATION])
            cursor.execute("SET lock_timeout = %s", [lock_timeout_ms])
            cursor.execute("SET application_name = %s", [APPLICATION_NAME])
            # A step must see what others commit while it waits for them, whatever the database's own default.
            cursor.execute("SET default_transaction_isolation = 'read committed'")
            # The server ends a statement soon after its runner was killed, if its system lets it see that.
            with suppress(psycopg2.Error):
                cursor.execute("SET client_connection_check_interval = 500")
        dbapi_connection.autocommit = False

    @event.listens_for(own, "before_cursor_execute", retval=True)
    def adapt(
        connection: Connection, cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool
    ) -> tuple[str, Any]:
        # For those who listen after this: what the revision says, not what is made of it here.
        _context.as_written = statement
        own_end = ENDS_TRANSACTION.match(statement)
        if own_end:
            raise OwnTransaction(own_end[1].upper())
        if CONCURRENTLY.match(statement):
            # It holds nobody up while it waits, and giving up half way leaves an invalid index.
            cursor.execute("SET lock_timeout = 0")
            connection.info["waits_for_ever"] = True
            _drop_leftover(cursor, statement)
        elif connection.info.pop("waits_for_ever", False):
            cursor.execute("SET lock_timeout = %s", [lock_timeout_ms])
        if forgive_missing:
            statement = DROPPED_CONCURRENTLY.sub(lambda match: f"{match[1]} IF EXISTS ", statement, count=1)
            if MAY_BE_GONE.match(statement) and not CONCURRENTLY.match(statement):
                statement = FORGIVING.format(statement)
        return statement, parameters

    listen(own)
    try:
        with own.connect() as connection:
            yield connection
    finally:
        own.dispose()


def _drop_leftover(cursor: Any, statement: str) -> None:
    """Drop the invalid index that an interrupted build of the same name left behind.

    It can neither be used nor built again, and `IF NOT EXISTS` would take it for a good one.
    """
    match = CREATED_CONCURRENTLY.match(statement)
    if match is None:
        return
    cursor.execute("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(%s) AND NOT indisvalid", [match[1]])
    if cursor.fetchone():
        cursor.execute(f"DROP INDEX CONCURRENTLY {match[1]}")


def invalid_indexes(connection: Connection) -> list[str]:
    """The indexes that an interrupted concurrent build left unusable."""
    rows = connection.execute(
        text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1")
    )
    return [str(name) for name in rows.scalars()]


class BlockerWatch:
    """Notes, from a connection of its own, which process a migration's session is waiting for.

    PostgreSQL can tell that only while it waits; by the time of the error it is forgotten.
    """

    SECONDS = 0.05

    def __init__(self, engine: Engine, connect_args: dict[str, Any]) -> None:
        self._url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._connect_args = connect_args
        self._stop = threading.Event()
        self._pid: int | None = None
        self._seen: str | None = None
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "BlockerWatch":
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=5)

    def follow(self, connection: Connection) -> None:
        """Watch the session behind `connection` from now on, without running a statement on it."""
        driver: Any = connection.connection.dbapi_connection
        self._pid, self._seen = driver.get_backend_pid(), None

    def last_seen(self) -> str | None:
        """Who was in the way last; None when nobody was."""
        return self._seen

    def _watch(self) -> None:
        try:
            own = psycopg2.connect(self._url, **self._connect_args)
        except psycopg2.Error:
            return
        own.autocommit = True
        try:
            with own.cursor() as cursor:
                while not self._stop.wait(self.SECONDS):
                    cursor.execute(
                        "SELECT pid, usename, application_name, state, to_char(query_start, 'HH24:MI:SS')"
                        " FROM pg_stat_activity WHERE pid = ANY(pg_blocking_pids(%s)) ORDER BY query_start",
                        [self._pid or 0],
                    )
                    row = cursor.fetchone()
                    if row:
                        self._seen = describe_process(*row)
        except psycopg2.Error:
            return
        finally:
            own.close()


def describe_process(pid: int, role: str, application: str, state: str | None, began: str | None) -> str:
    """Say which session it is. Of another role's PostgreSQL tells ordinary ones no more than the role."""
    name = f" ({application})" if application else ""
    doing = f", {state}, whose query began at {began}" if state and began else ""
    return f"process {pid} of {role}{name}{doing}"
