"""Runs a backfill's batches: from one primary key to the next, giving way to locks, telling how far it is."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from marketplace.schema import backfill_progress, troubleshooting
from marketplace.schema.backfill import Backfill
from marketplace.schema.backfill_progress import Place, Reached
from marketplace.schema.errors import BackfillRefused, BackfillStopped, DatabaseBusy
from marketplace.schema.ledger import first_line
from marketplace.schema.progress import Progress

DEADLOCK = "40P01"
GONE = ("42P01", "42703")
# How long to leave a lock's queue to others before the next try.
REST_SECONDS = 0.25

KEY = text("""
    SELECT quote_ident(a.attname), format_type(a.atttypid, a.atttypmod)
    FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
    WHERE i.indrelid = CAST(:name AS regclass) AND i.indisprimary AND k.place <= i.indnkeyatts
    ORDER BY k.place
""")


def run_batches(context: MigrationContext, operation: Backfill, taking: Any) -> None:
    """Change the rows that are left to change. `taking` is the run's progress: its step, and its settings.

    Raises BackfillRefused before anything was changed; BackfillStopped or DatabaseBusy in between, when
    what was done stays done, and the next run goes on from there.
    """
    connection = context.connection
    assert connection is not None
    if connection.execute(text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")).scalar():
        raise BackfillRefused(
            f"{taking.step.revision} changes something before its backfill of {operation.table}, which would"
            " be committed without it: give the backfill a revision of its own."
        )
    numbers: Counter[str] = context.opts.setdefault("backfills", Counter())
    numbers[taking.step.revision] += 1
    place = Place(taking.step.revision, taking.step.direction, numbers[taking.step.revision])
    with context.autocommit_block():
        assert context.connection is not None
        _Batches(context.connection, operation, place, taking).run()


class _Batches:
    """One backfill under way."""

    def __init__(self, connection: Connection, operation: Backfill, place: Place, taking: Any) -> None:
        self.connection, self.operation, self.place = connection, operation, place
        self.settings, self.announce = taking.run.settings, taking.run.announce
        self.resets = taking.plan.target is None and place.direction == "downgrade"
        self.done = 0

    def run(self) -> None:
        operation = self.operation
        try:
            self._run()
        except (DBAPIError, KeyboardInterrupt) as error:
            if self.resets and troubleshooting.sqlstate(error) in GONE:
                # On the way to base whatever is missing was to go anyway.
                return
            what = first_line(error) if isinstance(error, DBAPIError) else "it was interrupted"
            again = "head" if self.place.direction == "upgrade" else "-1"
            raise BackfillStopped(
                f"{self.place.revision} stopped in its backfill of {operation.table} after"
                f" {self.done:,} rows, which stay done: {what}.\n"
                f"Next: flask db {self.place.direction} {again}, when the cause is mended, which goes on"
                " there"
            ) from error

    def _run(self) -> None:
        self.keys = self._read_keys()
        backfill_progress.ensure(self.connection)
        reached = backfill_progress.read(self.connection, self.place) or self._patiently(self._begin)
        table = self.operation.table
        if reached.operation != self.operation.sql:
            raise BackfillRefused(
                f"{self.place.revision} has done {reached.done:,} of {reached.total:,} rows with other words"
                f" ({reached.operation}): put them back until it is through."
            )
        self.done = reached.done
        if reached.key is not None:
            self.announce(
                f"The backfill of {table} goes on after {reached.done:,} of {reached.total:,} rows."
            )
        with Progress() as progress:
            after = reached.key
            while reached.last_key is not None and after != reached.last_key:
                share = min(1.0, self.done / reached.total) if reached.total else 1.0
                progress(f"Backfill of {table}: {self.done:,} of {reached.total:,} rows", share)
                begins, ends = after, reached.last_key
                after = self._patiently(lambda begins=begins, ends=ends: self._take(begins, ends))  # type: ignore[misc]
                if after != reached.last_key:
                    time.sleep(self.operation.pause)

    def _read_keys(self) -> list[tuple[str, str]]:
        keys = [(name, type_) for name, type_ in self.connection.execute(KEY, {"name": self.operation.name})]
        if not keys:
            raise BackfillRefused(
                f"{self.operation.table} has no primary key, by which a backfill tells how far it is:"
                " use op.execute, which changes all rows in one transaction."
            )
        return keys

    def _begin(self) -> Reached:
        """Count what is to do, and note it with the last key there is: later rows are not waited for."""
        total = self.connection.execute(
            text(f"SELECT count(*) FROM {self.operation.name} WHERE {self._condition()}")  # noqa: S608
        ).scalar_one()
        last = self._last_of(f"SELECT {self._columns()} FROM {self.operation.name}", {})  # noqa: S608
        return backfill_progress.begin(self.connection, self.place, self.operation.sql, last, total)

    def _take(self, after: list[str] | None, last: list[str]) -> list[str]:
        """Change one batch after a key; return the key it came to, which is `last` when nothing is left."""
        values = {f"last_{number}": value for number, value in enumerate(last)}
        within = self._compared("<=", "last")
        if after is not None:
            values |= {f"after_{number}": value for number, value in enumerate(after)}
            within += f" AND {self._compared('>', 'after')}"
        rows = (
            f"SELECT {self._columns()} FROM {self.operation.name}"  # noqa: S608
            f" WHERE {within} AND {self._condition()} ORDER BY {self._columns()} LIMIT {self.operation.batch}"
        )
        key = self._last_of(rows, values) or last
        values |= {f"last_{number}": value for number, value in enumerate(key)}
        # One statement, so that a batch is never done without being noted, nor noted without being done.
        # The condition is asked again for rows that somebody else has changed meanwhile.
        statement = (
            f"WITH changed AS (UPDATE {self.operation.name} SET {_literal(self.operation.set_)}"  # noqa: S608
            f" WHERE {within} AND {self._condition()} RETURNING 1)"
            " UPDATE operations.backfill SET key = :key, done = done + (SELECT count(*) FROM changed),"
            f" at = clock_timestamp() WHERE {backfill_progress.ONE} RETURNING done"
        )
        self.done = self.connection.execute(
            text(statement), {**values, **self.place.values, "key": key}
        ).scalar_one()
        return key

    def _last_of(self, rows: str, values: dict[str, Any]) -> list[str] | None:
        """Return the greatest key of a query for rows, None when it finds none."""
        names = [_literal(name) for name, _ in self.keys]
        row = self.connection.execute(
            text(
                f"SELECT {', '.join(f'CAST(found.{name} AS text)' for name in names)} FROM ({rows}) AS found"  # noqa: S608
                # Without its table, a name would mean the text that is selected, which sorts otherwise.
                f" ORDER BY {', '.join(f'found.{name} DESC' for name in names)} LIMIT 1"
            ),
            values,
        ).one_or_none()
        return None if row is None else list(row)

    def _columns(self) -> str:
        return ", ".join(_literal(name) for name, _ in self.keys)

    def _compared(self, sign: str, values: str) -> str:
        parts = ", ".join(
            f"CAST(:{values}_{number} AS {_literal(type_)})" for number, (_, type_) in enumerate(self.keys)
        )
        return f"({self._columns()}) {sign} ({parts})"

    def _condition(self) -> str:
        return f"({_literal(self.operation.where)})" if self.operation.where else "true"

    def _busy(self) -> DatabaseBusy:
        what = f"{self.place.revision} was held up for {self.settings.patience:g} s in its backfill of"
        return DatabaseBusy(
            f"{what} {self.operation.table} by another session's lock; {self.done:,} rows stay done.\n"
            "Next: end the session that flask db doctor names, and run this again, which goes on there"
        )

    def _patiently(self, work: Callable[[], Any]) -> Any:
        """Do it, again and again while another's lock is in the way; in the end raise DatabaseBusy."""
        deadline = time.monotonic() + self.settings.patience
        told = False
        while True:
            try:
                return work()
            except DBAPIError as error:
                code = troubleshooting.sqlstate(error)
                if code not in (troubleshooting.LOCK_NOT_AVAILABLE, DEADLOCK):
                    raise
                if time.monotonic() > deadline:
                    raise self._busy() from error
                if not told:
                    told = True
                    self.announce(
                        f"The backfill of {self.operation.table} gives way to another session's lock,"
                        " and is tried again until it ends."
                    )
                time.sleep(REST_SECONDS)


def _literal(sql: str) -> str:
    """Have SQLAlchemy take no colon for a parameter."""
    return sql.replace(":", "\\:")
