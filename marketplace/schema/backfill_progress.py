"""How far each backfill has come: a table beside the ledger, written in the transaction of each batch.

Unlike the ledger it belongs to the rows: a restored backup keeps its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ProgrammingError

from marketplace.schema.errors import LedgerUnavailable
from marketplace.schema.ledger import first_line

CREATE = """
CREATE TABLE IF NOT EXISTS operations.backfill (
    revision text NOT NULL,
    direction text NOT NULL,
    number integer NOT NULL,
    operation text NOT NULL,
    key text[],
    last_key text[],
    total bigint NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (revision, direction, number)
);
COMMENT ON TABLE operations.backfill IS 'How far backfills have come whose revision is not applied yet.';
"""
COLUMNS = "revision, direction, number, operation, key, last_key, total, done, at"
ONE = "revision = :revision AND direction = :direction AND number = :number"


@dataclass(frozen=True)
class Place:
    """Which backfill it is: the `number`th of a revision's way up or down."""

    revision: str
    direction: str
    number: int

    @property
    def values(self) -> dict[str, Any]:
        """The values that `ONE` asks for."""
        return {"revision": self.revision, "direction": self.direction, "number": self.number}


@dataclass(frozen=True)
class Reached:
    """What was written last: `key` is of the last row looked at (None before the first), `last_key` of the
    last one there was when it began (None for an empty table), in the database's spelling."""

    operation: str
    key: list[str] | None
    last_key: list[str] | None
    total: int
    done: int


def exists(connection: Connection) -> bool:
    """Whether a backfill ever ran here."""
    return bool(connection.execute(text("SELECT to_regclass('operations.backfill') IS NOT NULL")).scalar())


def ensure(connection: Connection) -> None:
    """Make the table unless it is there. Raises LedgerUnavailable when the role may not."""
    if exists(connection):
        return
    try:
        connection.exec_driver_sql(CREATE)
    except ProgrammingError as error:
        raise LedgerUnavailable(
            f"The table `operations.backfill`, in which backfills note how far they are, cannot be made "
            f"({first_line(error)}).\n"
            "Next: GRANT CREATE ON SCHEMA operations to the role that migrates, as the owner"
        ) from error


def read(connection: Connection, place: Place) -> Reached | None:
    """Return how far a backfill has come, None when it has not begun."""
    row = connection.execute(
        text(f"SELECT operation, key, last_key, total, done FROM operations.backfill WHERE {ONE}"),  # noqa: S608
        place.values,
    ).one_or_none()
    return None if row is None else Reached(*row)


def begin(
    connection: Connection, place: Place, operation: str, last_key: list[str] | None, total: int
) -> Reached:
    """Note that a backfill begins, and return that."""
    connection.execute(
        text(
            "INSERT INTO operations.backfill (revision, direction, number, operation, last_key, total)"
            " VALUES (:revision, :direction, :number, :operation, :last_key, :total)"
        ),
        {**place.values, "operation": operation, "last_key": last_key, "total": total},
    )
    return Reached(operation, None, last_key, total, 0)


def forget(connection: Connection, revision: str) -> None:
    """Forget a revision's backfills, in the transaction in which it comes to be applied or not."""
    if exists(connection):
        connection.execute(
            text("DELETE FROM operations.backfill WHERE revision = :revision"), {"revision": revision}
        )


def read_all(connection: Connection) -> list[tuple[Any, ...]]:
    """Return all that is noted, for `replace_all`."""
    if not exists(connection):
        return []
    return [tuple(row) for row in connection.exec_driver_sql(f"SELECT {COLUMNS} FROM operations.backfill")]  # noqa: S608


def replace_all(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Let the table hold what `read_all` returned on another database, and nothing else."""
    if exists(connection):
        connection.exec_driver_sql("DELETE FROM operations.backfill")
    elif rows:
        ensure(connection)
    names = COLUMNS.split(", ")
    if rows:
        connection.execute(
            text(
                f"INSERT INTO operations.backfill ({COLUMNS})"  # noqa: S608
                f" VALUES ({', '.join(f':{name}' for name in names)})"
            ),
            [dict(zip(names, row, strict=True)) for row in rows],
        )
