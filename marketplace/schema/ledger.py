"""The ledger: every step that was ever taken on this database, kept in it, but no part of the chain.

It lies in the PostgreSQL schema `operations`, which is made when it is first needed, survives
`downgrade base`, is included in backups, and is invisible to autogenerate.
"""

import getpass
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app, has_app_context
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import ProgrammingError

from marketplace.schema.errors import LedgerUnavailable

# Any number would do; it keeps two first uses from making the table at the same time.
CREATION_LOCK = 6_207_014_001

CREATE = """
CREATE SCHEMA IF NOT EXISTS operations;
COMMENT ON SCHEMA operations IS 'What the operators'' commands keep; no part of the chain of revisions.';
CREATE TABLE IF NOT EXISTS operations.ledger (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    action text NOT NULL,
    outcome text NOT NULL,
    revision text,
    previous text,
    seconds double precision NOT NULL,
    os_user text NOT NULL,
    host text NOT NULL,
    role text NOT NULL DEFAULT current_user,
    app_version text,
    file text,
    raw_sha256 text,
    tree_sha256 text,
    source text,
    detail jsonb NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE operations.ledger IS 'Every migration, stamp, repair, backup, restore and failure.';
"""

# It came later than the ledger, which is there without it in databases from before.
CREATE_FINGERPRINT = """
CREATE TABLE IF NOT EXISTS operations.fingerprint (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revision text,
    major integer NOT NULL,
    sha256 text NOT NULL,
    objects jsonb NOT NULL
);
COMMENT ON TABLE operations.fingerprint IS 'The catalogue as the last step left it; at most one row.';
"""

COLUMNS = (
    "id, at, action, outcome, revision, previous, seconds, os_user, host, role, app_version, file,"
    " raw_sha256, tree_sha256, source, detail"
)


@dataclass(frozen=True)
class Entry:
    """One step. `action` is upgrade, downgrade, stamp, repair, accept, backup, restore or failure.

    `previous` is the revision that the database was at before; `revision` the one the step is about.
    `source`, `file` and the hashes belong to the revision's file as it was at that moment.
    """

    id: int
    at: datetime
    action: str
    outcome: str
    revision: str | None
    previous: str | None
    seconds: float
    os_user: str
    host: str
    role: str
    app_version: str | None
    file: str | None
    raw_sha256: str | None
    tree_sha256: str | None
    source: str | None
    detail: Mapping[str, Any]


def exists(connection: Connection) -> bool:
    """Whether this database has a ledger yet."""
    return bool(connection.execute(text("SELECT to_regclass('operations.ledger') IS NOT NULL")).scalar())


def ensure(engine: Engine) -> None:
    """Make the ledger, and the fingerprint's place, unless they are there.

    Raises LedgerUnavailable when the role may not make them.
    """
    with engine.connect() as connection:
        has_ledger, has_fingerprint = connection.execute(
            text(
                "SELECT to_regclass('operations.ledger') IS NOT NULL,"
                " to_regclass('operations.fingerprint') IS NOT NULL"
            )
        ).one()
        if has_ledger and has_fingerprint:
            return
        try:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CREATION_LOCK})
            connection.exec_driver_sql(("" if has_ledger else CREATE) + CREATE_FINGERPRINT)
            connection.commit()
        except ProgrammingError as error:
            connection.rollback()
            who, where = connection.execute(text("SELECT current_user, current_database()")).one()
            raise LedgerUnavailable(
                f"The role {who} may not make the schema `operations`, in which the ledger lies "
                f"({first_line(error)}).\n"
                f'Next: psql {where} -c "GRANT CREATE ON DATABASE {where} TO {who}" as the owner.'
            ) from error


def record(
    engine: Engine,
    *,
    action: str,
    revision: str | None,
    previous: str | None,
    seconds: float,
    outcome: str = "done",
    detail: Mapping[str, Any] | None = None,
    file: str | None = None,
    source: str | None = None,
    raw_sha256: str | None = None,
    tree_sha256: str | None = None,
) -> int:
    """Write one entry in a transaction of its own, making the ledger first if need be; return its id.

    Who, where, when and which version of the application are filled in here.
    Raises LedgerUnavailable when the role may not write it.
    """
    ensure(engine)
    with engine.begin() as connection:
        return record_in(
            connection,
            action=action,
            revision=revision,
            previous=previous,
            seconds=seconds,
            outcome=outcome,
            detail=detail,
            file=file,
            source=source,
            raw_sha256=raw_sha256,
            tree_sha256=tree_sha256,
        )


def record_in(
    connection: Connection,
    *,
    action: str,
    revision: str | None,
    previous: str | None,
    seconds: float,
    outcome: str = "done",
    detail: Mapping[str, Any] | None = None,
    file: str | None = None,
    source: str | None = None,
    raw_sha256: str | None = None,
    tree_sha256: str | None = None,
) -> int:
    """Write one entry in the transaction that `connection` is in, so that it stands or falls with the step.

    The ledger must be there already (see `ensure`).
    """
    statement = text(
        "INSERT INTO operations.ledger (action, outcome, revision, previous, seconds, os_user, host,"
        " app_version, file, raw_sha256, tree_sha256, source, detail)"
        " VALUES (:action, :outcome, :revision, :previous, :seconds, :os_user, :host,"
        " :app_version, :file, :raw_sha256, :tree_sha256, :source, CAST(:detail AS jsonb)) RETURNING id"
    )
    values = {
        "action": action,
        "outcome": outcome,
        "revision": revision,
        "previous": previous,
        "seconds": seconds,
        "os_user": operating_system_user(),
        "host": socket.gethostname(),
        "app_version": application_version(),
        "file": file,
        "raw_sha256": raw_sha256,
        "tree_sha256": tree_sha256,
        "source": source,
        "detail": json.dumps(dict(detail or {})),
    }
    return int(connection.execute(statement, values).scalar_one())


def entries(engine: Engine, limit: int | None = None) -> list[Entry]:
    """Return the entries, oldest first; with `limit`, only the newest so many. Empty without a ledger."""
    with engine.connect() as connection:
        return entries_in(connection, limit)


def entries_in(connection: Connection, limit: int | None = None) -> list[Entry]:
    """Return what `entries` does, read on `connection`."""
    if not exists(connection):
        return []
    statement = text(f"SELECT {COLUMNS} FROM operations.ledger ORDER BY id DESC LIMIT :limit")  # noqa: S608
    return [Entry(*row) for row in connection.execute(statement, {"limit": limit})][::-1]


def counts_before_last_migration(engine: Engine) -> dict[str, int] | None:
    """Return the number of rows of each table as they were before the last upgrade or downgrade, if known.

    A run remembers them in the detail of each of its steps, under `counts_before`.
    """
    with engine.connect() as connection:
        if not exists(connection):
            return None
        found = connection.execute(
            text(
                "SELECT detail -> 'counts_before' FROM operations.ledger"
                " WHERE action IN ('upgrade', 'downgrade') AND detail ? 'counts_before'"
                " ORDER BY id DESC LIMIT 1"
            )
        ).scalar()
    return None if found is None else {str(table): int(count) for table, count in found.items()}


def operating_system_user() -> str:
    """The name of the person or service that runs this process."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a number that has no name.
        return "unknown"


def application_version() -> str | None:
    """The version of the application whose files are run; None when it was not installed."""
    # Imported here: it is slow, and a database that is at head needs no entry.
    from importlib.metadata import PackageNotFoundError, version

    distribution = current_app.config.get("APP_DISTRIBUTION") if has_app_context() else None
    try:
        return version(distribution) if distribution else None
    except PackageNotFoundError:
        return None


def first_line(error: BaseException) -> str:
    """The first line of what the database said."""
    return str(getattr(error, "orig", None) or error).strip().splitlines()[0]
