"""Proves a dump: it is restored beside the site's database and compared with the instant it was taken at.

Compared are, all of it exactly: each table's rows (their number, and a hash of all of them that does not
depend on their order), each sequence's value, and the SQL that makes everything else.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from marketplace.schema import clients
from marketplace.schema.contents import Contents, Table, one_instant, plain, quoted, read_contents
from marketplace.schema.errors import BackupFailed
from marketplace.schema.reporting import Report, part
from marketplace.schema.scratch import fill, scratch_database, size_of

SEQUENCES = text("""
    SELECT namespace.nspname, class.relname, seqincrement
    FROM pg_sequence
    JOIN pg_class AS class ON class.oid = seqrelid
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE class.relpersistence <> 't' AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = class.oid AND deptype = 'e'
      )
    ORDER BY 1, 2
""")


@dataclass(frozen=True)
class Position:
    """Where a sequence is: the value that comes next is `value` itself, unless that `is_called` already."""

    value: int
    is_called: bool
    increment: int

    @property
    def given_out(self) -> int:
        """The value that was given out last, which grows as the sequence is used, or falls."""
        return self.value if self.is_called else self.value - self.increment


@dataclass(frozen=True)
class Proof:
    """What a restored copy held, which is what the dump was taken from; as it is kept beside the dump.

    `sequences` has each one's last value and whether it was given out. `schema_sha256` is the hash of the SQL
    that makes tables, constraints, indexes, functions, rights and whatever else there is.
    """

    proven_at: str
    seconds: float
    tables: Mapping[str, Contents]
    sequences: Mapping[str, tuple[int, bool]]
    schema_sha256: str

    @classmethod
    def from_fields(cls, fields: dict[str, object]) -> "Proof":
        """Read a proof back. Raises TypeError when it is none."""
        tables = fields["tables"]
        if not isinstance(tables, dict):
            raise TypeError("a proof has tables")
        return cls(**{**fields, "tables": {name: Contents(**each) for name, each in tables.items()}})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Source:
    """What a dump was taken from.

    Sequences are outside of every transaction: each has to be in the dump where it was before, after, or
    between. All else is of one instant.
    """

    tables: Mapping[str, Contents]
    before: Mapping[str, Position]
    after: Mapping[str, Position]
    schema: str


def prove(engine: Engine, file: Path, source: Source, programs: clients.Clients, report: Report) -> Proof:
    """Restore `file` into a scratch database beside the engine's, and return what it holds.

    Raises BackupFailed when that is not what `source` is, and ScratchRefused when the role may not create
    databases. The scratch database is dropped in any case.
    """
    started = time.monotonic()
    report("Comparing the schema", 0.0)
    if read_schema(programs, file) != source.schema:
        raise BackupFailed(_differs(["the schema"]))
    with scratch_database(engine.url) as scratch:
        try:
            with engine.connect() as connection:
                expected = size_of(connection)
            fill(scratch, file, programs, part(report, 0.1, 0.6), expected)
        except clients.ClientFailed as error:
            raise BackupFailed(
                f"The backup was written, but it cannot be restored: {error.program} says “{error.reason}”. "
                "Nothing was changed.\nNext, when that is mended: flask db backup --prove"
            ) from error
        comparing = part(report, 0.6, 1.0)
        with one_instant(scratch) as connection:
            tables = read_contents(
                connection,
                lambda table, share: comparing(f"Proving the copy: {table}", share),
                everything=True,
            )
            sequences = read_sequences(connection)
    wrong = [
        name for name in {**source.tables, **tables} if source.tables.get(name) != tables.get(name)
    ] + _misplaced(source, sequences)
    if wrong:
        raise BackupFailed(_differs(wrong))
    return Proof(
        proven_at=datetime.now(UTC).isoformat(),
        seconds=round(time.monotonic() - started, 2),
        tables=tables,
        sequences={name: (each.value, each.is_called) for name, each in sequences.items()},
        schema_sha256=hashlib.sha256(source.schema.encode()).hexdigest(),
    )


def read_sequences(connection: Connection) -> dict[str, Position]:
    """Return where each sequence is, by its name."""
    positions = {}
    for schema, name, increment in connection.execute(SEQUENCES).all():
        sequence = Table(schema, name)
        statement = f"SELECT last_value, is_called FROM {quoted(connection, sequence)}"  # noqa: S608
        value, is_called = connection.execute(plain(statement)).one()
        positions[str(sequence)] = Position(int(value), bool(is_called), int(increment))
    return positions


def read_schema(programs: clients.Clients, file: Path) -> str:
    """Return the SQL that a dump makes everything by, but for its rows. Raises ClientFailed."""
    command = [programs.program("pg_restore"), "--schema-only", "--file=-", str(file)]
    return _without_remarks(clients.run(command))


def dump_schema(programs: clients.Clients, engine: Engine, snapshot: str) -> str:
    """Return the SQL that the engine's database was made by, as `read_schema` does of a dump of it."""
    address, environment = clients.address(engine.url)
    command = [
        programs.program("pg_dump"),
        "--schema-only",
        "--no-password",
        f"--snapshot={snapshot}",
        f"--dbname={address}",
    ]
    return _without_remarks(clients.run(command, environment))


def _without_remarks(sql: str) -> str:
    """Leave out comments, and the lines that have another random word in them each time."""
    remarks = ("--", "\\restrict ", "\\unrestrict ")
    return "".join(f"{line}\n" for line in sql.splitlines() if line and not line.startswith(remarks))


def _misplaced(source: Source, found: Mapping[str, Position]) -> list[str]:
    wrong = []
    for name in {**source.before, **found}:
        before, now, after = source.before.get(name), found.get(name), source.after.get(name)
        if before is None or now is None or after is None:
            wrong.append(name)
        elif before == after:
            wrong += [] if now == before else [name]
        else:
            first, last = sorted((before.given_out, after.given_out))
            wrong += [] if first <= now.given_out <= last else [name]
    return wrong


def _differs(what: list[str]) -> str:
    return (
        f"The backup was written and restored, but {', '.join(what)} did not come back as dumped: it is good "
        "for nothing and was deleted. Nothing was changed.\nNext: flask db backup --prove"
    )
