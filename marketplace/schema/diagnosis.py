"""The doctor: looks for what may be wrong with a database; says what, where, why it matters, what to type.

It asks the catalogue and the server's own views, and the newest key of each table with a sequence. None of
its questions waits for a lock for long, and none takes one that holds up anybody.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from marketplace.schema.attic import lying
from marketplace.schema.complaints import Complaint, Diagnosis, Limits
from marketplace.schema.contents import plain
from marketplace.schema.diagnosis_of_chain import look_at_chain, look_at_search_path
from marketplace.schema.diagnosis_of_server import look_at_disk, look_at_server, look_at_sessions
from marketplace.schema.diagnosis_questions import RELATIONS, SEQUENCES, SERVER, SESSIONS
from marketplace.schema.files import read_files
from marketplace.schema.ledger import first_line

LOCK_TIMEOUT_MS, STATEMENT_TIMEOUT_MS = 300, 5000
# So many copies in the attic are named.
NAMED = 3


def diagnose(engine: Engine, directory: Path, limits: Limits | None = None) -> Diagnosis:
    """Look at the engine's database and the files in `directory`. It only reads.

    Raises HistoryBroken when a file is not Python, and whatever the driver does when the database is away.
    """
    limits = limits or Limits()
    files = read_files(directory)
    unknown: list[str] = []
    with engine.connect() as connection:
        for name, value in (("lock_timeout", LOCK_TIMEOUT_MS), ("statement_timeout", STATEMENT_TIMEOUT_MS)):
            connection.execute(
                text("SELECT set_config(:name, :value, true)"), {"name": name, "value": str(value)}
            )
        server = connection.execute(SERVER).one()
        relations = connection.execute(RELATIONS).all()
        complaints = [
            *look_at_search_path(relations, str(server.database), str(server.role)),
            *look_at_chain(connection, files, relations, str(server.database)),
            *_grants(relations),
            *_relations(relations),
            *_sequences(connection, unknown),
            *look_at_sessions(connection.execute(SESSIONS), limits),
            *look_at_server(server, limits),
            *look_at_disk(server.folder, engine, limits, unknown),
            *_attic(connection, limits, unknown),
        ]
        connection.rollback()
    return Diagnosis(str(server.database), tuple(complaints), tuple(unknown))


def _grants(relations: Iterable[Any]) -> Iterator[Complaint]:
    for each in relations:
        if each.kind == "missing grant":
            target = each.place
            sequence = "SEQUENCE " if each.more == "USAGE" and not target.startswith("SCHEMA ") else ""
            yield Complaint(
                "missing grant",
                f"{each.of} lacks {each.more}",
                each.place,
                "pages that use it end in “permission denied”",
                (f"GRANT {each.more} ON {sequence}{target} TO {each.of};   (as its owner)",),
            )


def _relations(relations: Iterable[Any]) -> Iterator[Complaint]:
    for each in relations:
        if each.kind == "invalid index":
            again = (f"REINDEX INDEX CONCURRENTLY {each.place};",)
            if each.name.endswith(("_ccnew", "_ccold")):
                again = (f"DROP INDEX CONCURRENTLY {each.place};",)
            yield Complaint(
                "invalid index",
                f"the index {each.place} is invalid: its build was interrupted",
                each.of,
                "no query uses it and every write keeps it up"
                + (", and what is to be unique is not" if each.more else ""),
                again,
            )
        elif each.kind == "not valid":
            yield Complaint(
                "not valid",
                f"the constraint {each.place} was never validated",
                each.of,
                "rows from before it may break it, and the planner does not rely on it",
                (f"ALTER TABLE {each.of} VALIDATE CONSTRAINT {each.place};",),
            )
        elif each.kind == "disabled trigger":
            yield Complaint(
                "disabled trigger",
                f"{each.more} triggers of {each.of} are disabled ({each.name})",
                each.of,
                "foreign keys and counts are not kept up while they are",
                (f"ALTER TABLE {each.of} ENABLE TRIGGER {each.name.split(', ')[0]};", "flask db verify"),
            )


def _sequences(connection: Connection, unknown: list[str]) -> Iterator[Complaint]:
    found = connection.execute(SEQUENCES).all()
    if not found:
        return
    # One statement: the newest keys are of an instant before the sequences are read, which only grow.
    questions = [
        f"SELECT {number} AS place,"  # noqa: S608 - its names are quoted by the server.
        f" (SELECT max({each.column_name}) FROM {each.table_name})::bigint AS newest,"
        f" pg_sequence_last_value({each.sequence}) AS given,"
        f" (SELECT seqstart - 1 FROM pg_sequence WHERE seqrelid = {each.sequence}) AS start"
        for number, each in enumerate(found)
    ]
    try:
        with connection.begin_nested():
            rows = connection.execute(plain(" UNION ALL ".join(questions))).all()
    except DBAPIError as error:
        unknown.append(f"the sequences: {first_line(error)}")
        return
    for row in rows:
        each, given = found[row.place], row.given if row.given is not None else row.start
        if row.newest is not None and row.newest > given:
            yield Complaint(
                "sequence",
                f"the sequence {each.name} is at {given}, and the table has {row.newest}",
                f"{each.table_name}.{each.column_name}",
                "new rows end in “duplicate key value” until it has caught up",
                (
                    f"SELECT setval('{each.name}', (SELECT max({each.column_name}) FROM {each.table_name}));",  # noqa: S608
                ),
            )


def _attic(connection: Connection, limits: Limits, unknown: list[str]) -> Iterator[Complaint]:
    try:
        with connection.begin_nested():
            found = lying(connection)
    except DBAPIError as error:
        unknown.append(f"the attic: {first_line(error)}")
        return
    old = [each for each in found if datetime.now(UTC) - each.kept.at > limits.attic]
    if old:
        days, more = limits.attic.days, ", …" if len(old) > NAMED else ""
        size = sum(each.size for each in old)
        yield Complaint(
            "old attic",
            f"{len(old)} of {len(found)} copies in the attic are older than {days} days",
            ", ".join(f"attic.{each.kept.copy}" for each in old[:NAMED]) + more,
            f"they take {size:,} bytes, and may have rows of members who have left",
            ("flask db attic", f"flask db attic --empty --older-than {days}"),
        )
