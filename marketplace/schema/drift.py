"""What was changed outside of a migration, and what can be known of who did it."""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.engine import Engine

from marketplace.schema import history
from marketplace.schema.adopting import write_revision
from marketplace.schema.errors import SchemaError
from marketplace.schema.files import read_files
from marketplace.schema.fingerprint import Drift, read_drift
from marketplace.schema.inspection import require_up_to_date
from marketplace.schema.ledger import Entry, entries_in
from marketplace.schema.state import read_state, read_state_on

# What a session says of itself ends with its next statement, so this finds only who did nothing since.
SESSIONS = text(
    "SELECT pid, usename, application_name, query FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND query ~* '^\\s*(create|alter|drop|grant|revoke|comment|reindex)\\M' ORDER BY pid"
)
# These steps bring the fingerprint up to date, but for a failure, after which somebody may have helped out.
STEPS = frozenset({"upgrade", "downgrade", "stamp", "repair", "accept", "restore", "failure"})


@dataclass(frozen=True)
class Session:
    """A session whose last statement may have been the change: one of that kind, which names it."""

    pid: int
    role: str
    application: str
    statement: str


@dataclass(frozen=True)
class Traces:
    """What can be known of who changed something: `owners`, `sessions` and, by key, `moments`.

    `last` is the last step in the ledger before. The moments are there only while the server keeps those of
    commits.
    """

    last: Entry | None
    moments: dict[str, datetime]
    sessions: dict[str, tuple[Session, ...]]


def find_traces(engine: Engine, drift: Drift) -> Traces:
    """Return what can be known of who made the changes."""
    with engine.connect() as connection:
        steps = [each for each in entries_in(connection) if each.action in STEPS]
        sessions = [Session(*row) for row in connection.execute(SESSIONS)]
    moments, seen = {}, {}
    for change in drift.outer:
        if change.after is not None and change.after.changed is not None:
            moments[change.key] = change.after.changed
        name = change.present.name.split("(")[0].rpartition(".")[2].strip('"')
        word = re.compile(rf"\b{re.escape(name)}\b")
        found = tuple(each for each in sessions if word.search(each.statement))
        if found:
            seen[change.key] = found
    return Traces(steps[-1] if steps else None, moments, seen)


def write_adoption(engine: Engine, directory: Path, message: str) -> tuple[Path, Drift]:
    """Write the revision that makes the drift a part of the chain; return its file and what it adopts.

    Raises SchemaError when there is no fingerprint or no drift, when something is pending, when the files
    are not as they were applied, and for what no revision can be written for.
    """
    files = read_files(directory)
    with engine.connect() as connection:
        history.require_intact(history.examine(connection, read_state_on(connection), files))
    require_up_to_date(read_state(engine), files)
    drift = read_drift(engine)
    if drift.since is None:
        raise SchemaError("There is no fingerprint to compare with.\nNext: flask db drift --accept")
    if not drift.changes:
        raise SchemaError("Nothing was changed outside of a migration: no revision was made.")
    return write_revision(drift.changes, files, directory, message), drift
