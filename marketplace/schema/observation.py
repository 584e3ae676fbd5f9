"""Watches a run: what each statement of a revision took, which tables it locked, rewrote, read and wrote.

PostgreSQL itself is asked, on the run's own connection and in its transaction, right after each statement.
What that asking takes is left out of all times.
"""

import re
import time
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from marketplace.schema.observed import MODES, Observed, Statement
from marketplace.schema.session import CONCURRENTLY
from marketplace.schema.statements import Reader, split

# Alembic's own statements and ours belong to no revision, and savepoints do nothing of their own.
NOT_THE_REVISION_S = re.compile(
    r"\balembic_version\b|\boperations\.ledger\b|^\s*(?:SAVEPOINT|RELEASE|ROLLBACK)\b", re.IGNORECASE
)
# What PostgreSQL runs in no transaction but one of its own.
ALONE = re.compile(
    r"\s*(VACUUM|REINDEX\s+(DATABASE|SYSTEM|SCHEMA)|(CREATE|DROP|ALTER)\s+(DATABASE|TABLESPACE|SYSTEM))\b",
    re.IGNORECASE,
)

TABLES = """
    SELECT c.oid::bigint, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname,
           c.relfilenode::bigint
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND NOT (n.nspname IN ('operations', 'attic') OR c.relname = 'alembic_version')
"""
LOCKS = """
    SELECT relation::bigint, mode FROM pg_locks WHERE locktype = 'relation' AND granted
      AND pid = pg_backend_pid() AND relation = ANY (%s)
"""
FILES = "SELECT oid::bigint, relfilenode::bigint FROM pg_class WHERE oid = ANY (%s)"
ROWS = """
    SELECT relid::bigint, seq_tup_read, n_tup_ins + n_tup_upd + n_tup_del, n_tup_upd + n_tup_del
    FROM pg_stat_xact_all_tables WHERE relid = ANY (%s)
"""


class Observer:
    """Is told which step is taken on which engine, and has what it saw of each in `seen`.

    On a copy, with `exact`, a statement outside of a transaction is given one of its own, which changes
    nothing but that its locks can be seen before they are gone.
    """

    def __init__(self, *, exact: bool) -> None:
        self.exact = exact
        self.seen: list[Observed] = []
        self._asking = 0.0
        self._begin("", "")

    def begin(self, revision: str, direction: str) -> None:
        """What comes from now on belongs to this step, until `end`."""
        self._begin(revision, direction)

    def _begin(self, revision: str, direction: str) -> None:
        self._step = (revision, direction)
        self._started = self._now()
        self._statements: list[Statement] = []
        self._tables: dict[int, str] | None = None
        self._files: dict[int, int] = {}
        self._rows: dict[int, tuple[int, int, int]] = {}
        # By object id and mode: since when the transaction has had the lock; rows by object id alone.
        self._open: dict[tuple[int, str], float] = {}
        self._open_rows: dict[int, float] = {}
        self._held: dict[str, dict[str, float]] = {}
        self._rows_held: dict[str, float] = {}

    def end(self) -> None:
        """The step was taken and is about to be committed. Without a step this means nothing."""
        revision, direction = self._step
        if not revision:
            return
        self._release()
        self.seen.append(
            Observed(
                revision,
                direction,
                round(self._now() - self._started, 4),
                tuple(self._statements),
                self._held,
                self._rows_held,
            )
        )
        self._begin("", "")

    def listen(self, engine: Engine) -> None:
        """Watch what is sent over the engine's connections."""
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)
        event.listen(engine, "handle_error", self._failed)
        event.listen(engine, "commit", lambda _connection: self._release())

    def _before(
        self, connection: Connection, _cursor: Any, sql: str, _values: Any, context: Any, _many: bool
    ) -> None:
        if not self._step[0] or NOT_THE_REVISION_S.search(sql):
            return
        asked = time.perf_counter()
        driver: Any = connection.connection.dbapi_connection
        if driver.info.transaction_status == TRANSACTION_STATUS_INERROR:
            # The revision knows, and is about to go back to a savepoint. Until then nothing can be asked.
            return
        if self.exact and driver.autocommit and not (ALONE.match(sql) or CONCURRENTLY.match(sql)):
            with driver.cursor() as cursor:
                cursor.execute("BEGIN")
            context.own_transaction = True
        if self._tables is None:
            with driver.cursor() as cursor:
                cursor.execute(TABLES)
                found = cursor.fetchall()
            self._tables = {oid: name for oid, name, _ in found}
            self._files = {oid: file for oid, _, file in found}
        # In a new transaction the server counts from nothing, and no lock is left of the one before.
        self._rows = self._read_rows(driver)
        self._asking += time.perf_counter() - asked
        context.sent_at = self._now()

    def _after(
        self, connection: Connection, cursor: Any, sql: str, _values: Any, context: Any, _many: bool
    ) -> None:
        sent_at = getattr(context, "sent_at", None)
        if sent_at is None or self._tables is None:
            return
        seconds = self._now() - sent_at
        asked = time.perf_counter()
        driver: Any = connection.connection.dbapi_connection
        transaction = not driver.autocommit or getattr(context, "own_transaction", False)
        locks = self._take_locks(driver, sent_at) if transaction else {}
        rows = self._read_rows(driver) if transaction else {}
        written: dict[str, int] = {}
        read: dict[str, int] = {}
        for oid, (now_read, now_written, now_changed) in rows.items():
            was_read, was_written, was_changed = self._rows.get(oid, (0, 0, 0))
            name = self._tables[oid]
            if now_read > was_read:
                read[name] = now_read - was_read
            if now_written > was_written:
                written[name] = now_written - was_written
            if now_changed > was_changed:
                self._open_rows.setdefault(oid, sent_at)
        rewritten, emptied = self._compare_files(driver)
        if not transaction:
            written = _told_rows(sql, cursor.rowcount)
            # The lock is gone by now; a table gets a new file only from whoever has it alone.
            locks = dict.fromkeys((*rewritten, *emptied), "AccessExclusiveLock")
            for table, mode in locks.items():
                self._hold(table, mode, seconds)
        excerpt = [statement.excerpt(100) for statement in split(sql)]
        self._statements.append(
            Statement("; ".join(excerpt), round(seconds, 4), locks, written, read, rewritten, emptied)
        )
        if getattr(context, "own_transaction", False):
            with driver.cursor() as own_cursor:
                own_cursor.execute("COMMIT")
            self._asking += time.perf_counter() - asked
            self._release()
            return
        self._asking += time.perf_counter() - asked

    def _failed(self, context: Any) -> None:
        execution, connection = context.execution_context, context.connection
        if connection is not None and getattr(execution, "own_transaction", False):
            driver: Any = connection.connection.dbapi_connection
            with driver.cursor() as cursor:
                cursor.execute("ROLLBACK")

    def _take_locks(self, driver: Any, since: float) -> dict[str, str]:
        """Note the locks that came with the last statement, and return the strongest one of each table."""
        assert self._tables is not None
        with driver.cursor() as cursor:
            cursor.execute(LOCKS, [list(self._tables)])
            found = [(oid, mode) for oid, mode in cursor.fetchall() if (oid, mode) not in self._open]
        locks: dict[str, str] = {}
        for oid, mode in sorted(found, key=lambda each: MODES.index(each[1])):
            self._open[oid, mode] = since
            locks[self._tables[oid]] = mode
        return locks

    def _read_rows(self, driver: Any) -> dict[int, tuple[int, int, int]]:
        with driver.cursor() as cursor:
            cursor.execute(ROWS, [list(self._tables or {})])
            return {oid: (read, written, changed) for oid, read, written, changed in cursor.fetchall()}

    def _compare_files(self, driver: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
        assert self._tables is not None
        rewritten: list[str] = []
        emptied: list[str] = []
        with driver.cursor() as cursor:
            cursor.execute(FILES, [list(self._tables)])
            for oid, file in cursor.fetchall():
                if file == self._files[oid]:
                    continue
                self._files[oid] = file
                # The table is ours alone now, so that asking for its size waits for nobody.
                cursor.execute("SELECT pg_relation_size(%s::oid)", [oid])
                (rewritten if cursor.fetchone()[0] else emptied).append(self._tables[oid])
        return tuple(rewritten), tuple(emptied)

    def _release(self) -> None:
        """The transaction ends: its locks were held until now."""
        now, tables = self._now(), self._tables or {}
        for (oid, mode), since in self._open.items():
            self._hold(tables[oid], mode, now - since)
        for oid, since in self._open_rows.items():
            longest = max(self._rows_held.get(tables[oid], 0.0), round(now - since, 4))
            self._rows_held[tables[oid]] = longest
        self._open, self._open_rows = {}, {}

    def _hold(self, table: str, mode: str, seconds: float) -> None:
        modes = self._held.setdefault(table, {})
        modes[mode] = max(modes.get(mode, 0.0), round(seconds, 4))

    def _now(self) -> float:
        return time.perf_counter() - self._asking


def _told_rows(sql: str, rows: int) -> dict[str, int]:
    """Return what a statement tells of its rows itself: how many of the table that it names."""
    statements = split(sql)
    if len(statements) != 1 or rows < 1:
        return {}
    reader = Reader(statements[0])
    for words in (("INSERT", "INTO"), ("DELETE", "FROM"), ("UPDATE",)):
        if reader.accept(*words):
            reader.accept("ONLY")
            return {reader.name(): rows}
    return {}
