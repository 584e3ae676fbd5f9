"""What a database says about itself: the revisions it is at, what its ledger holds, and its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import psycopg2
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import OperationalError

from marketplace.schema.errors import DatabaseBusy

# How a revision came to count as applied: its upgrade ran, or a stamp only marked it.
RAN, MARKED = "ran", "marked"


@dataclass(frozen=True)
class Applied:
    """A revision that counts as applied, by its newest entry in the ledger."""

    revision: str
    at: datetime
    how: str
    file: str | None
    raw_sha256: str | None


@dataclass(frozen=True)
class State:
    """`heads` is what alembic_version holds, `applied` what the ledger says; None without a ledger."""

    heads: tuple[str, ...]
    applied: Mapping[str, Applied] | None


def read_state(engine: Engine) -> State:
    """Read both on a connection of its own."""
    with engine.connect() as connection:
        return read_state_on(connection)


def read_state_on(connection: Connection) -> State:
    """Read both, in the transaction that `connection` is in."""
    has_version, has_ledger = connection.execute(
        text(
            "SELECT to_regclass('alembic_version') IS NOT NULL, to_regclass('operations.ledger') IS NOT NULL"
        )
    ).one()
    heads: tuple[str, ...] = ()
    if has_version:
        rows = connection.execute(text("SELECT version_num FROM alembic_version ORDER BY version_num"))
        heads = tuple(rows.scalars())
    return State(heads, _applied(connection) if has_ledger else None)


def _applied(connection: Connection) -> dict[str, Applied]:
    """The revisions whose newest step did not take them away."""
    rows = connection.execute(
        text(
            "SELECT revision, max(at), (array_agg(action ORDER BY id DESC))[1],"
            " (array_agg(detail ->> 'how' ORDER BY id DESC))[1],"
            " (array_agg(file ORDER BY id DESC))[1], (array_agg(raw_sha256 ORDER BY id DESC))[1]"
            " FROM operations.ledger"
            " WHERE outcome = 'done' AND revision IS NOT NULL"
            " AND action IN ('upgrade', 'downgrade', 'stamp', 'repair') GROUP BY revision"
        )
    )
    return {
        revision: Applied(revision, at, how or RAN, file, raw)
        for revision, at, action, how, file, raw in rows
        if action != "downgrade" and how != "unmarked"
    }


def stored_source(connection: Connection, revision: str) -> tuple[str, str] | None:
    """Return the file name and the text that `revision` had when it was last applied or accepted."""
    row = connection.execute(
        text(
            "SELECT file, source FROM operations.ledger"
            " WHERE revision = :revision AND outcome = 'done' AND source IS NOT NULL"
            " AND action IN ('upgrade', 'downgrade', 'stamp', 'repair') ORDER BY id DESC LIMIT 1"
        ),
        {"revision": revision},
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def count_rows(engine: Engine, patience_seconds: float) -> dict[str, int]:
    """Return the exact number of rows of each table of `public` but alembic_version.

    Raises DatabaseBusy when a table stays locked for longer than `patience_seconds`.
    """
    with engine.connect() as connection:
        # The setting ends with this connection's transaction; 0 would mean to wait for ever.
        connection.execute(
            text("SELECT set_config('lock_timeout', :milliseconds, true)"),
            {"milliseconds": str(max(1, round(patience_seconds * 1000)))},
        )
        tables = list(
            connection.execute(
                text(
                    "SELECT tablename, quote_ident(tablename) FROM pg_tables"
                    " WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY tablename"
                )
            )
        )
        if not tables:
            return {}
        try:
            counts = connection.exec_driver_sql(
                "SELECT " + ", ".join(f"(SELECT count(*) FROM public.{quoted})" for _, quoted in tables)  # noqa: S608
            ).one()
        except OperationalError as error:
            if not isinstance(error.orig, psycopg2.errors.LockNotAvailable):
                raise
            raise DatabaseBusy(
                "The rows cannot be counted before the migration: another session keeps a table locked; "
                "nothing was changed.\n"
                "Next: SELECT pid, query_start, query FROM pg_stat_activity WHERE pid IN "
                "(SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock'), and run this again"
            ) from error
    return {name: int(count) for (name, _), count in zip(tables, counts, strict=True)}
