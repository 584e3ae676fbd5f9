"""Puts a backup back: into a new database, proven there, then exchanged for the one in use at once.

A run that is killed leaves either the old or the new database under the name. The next run goes on: a
new database that was proven is marked so and used as it is, any other is made again.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError

from marketplace.schema import backup_files, clients, databases, ledger
from marketplace.schema.backup import Report, folder, read_back, read_revision
from marketplace.schema.backup_files import Note
from marketplace.schema.carrying import carry_over
from marketplace.schema.comparison import Difference, compare
from marketplace.schema.contents import count_rows, one_instant, read_contents
from marketplace.schema.errors import RestoreFailed
from marketplace.schema.lock import only_runner
from marketplace.schema.scratch import fill

FRESH, KEPT = "_restoring_", "_before_restore_"
MARK = "flask db restore: "
PROVEN, REPLACED = MARK + "proven copy of ", MARK + "replaced on "


@dataclass(frozen=True)
class Prepared:
    """A backup that waits in a database of its own, `fresh`.

    `written_since` is what the database in use has that the backup does not know.
    """

    file: Path
    sha256: str
    note: Note | None
    fresh: str
    revision: str | None
    rows: dict[str, int]
    written_since: list[Difference]


@dataclass(frozen=True)
class Restored:
    """What a restore did; `kept` is where the former database is now, None when there was none."""

    revision: str | None
    kept: str | None
    seconds: float


def prepare(engine: Engine, file: Path, report: Report) -> Prepared:
    """Restore a backup beside the database in use, prove it, and compare the two.

    Raises RestoreFailed with the database in use untouched.
    """
    sha256, note, programs = examine(file, report)
    database = str(engine.url.database)
    fresh = databases.name_with(database, FRESH + sha256[:8])
    with _failures(file), databases.maintenance(engine.url) as admin:
        with databases.only_restore(admin, database):
            _make_fresh(admin, engine.url, file, fresh, sha256, note, programs, report)
        new = databases.beside(engine.url, fresh)
        with one_instant(new) as connection:
            revision, rows = read_revision(connection), count_rows(connection)
        report("Comparing with the database in use", None)
        written = compare(new, engine) if databases.exists(admin, database) else []
    return Prepared(file, sha256, note, fresh, revision, rows, written)


def examine(file: Path, report: Report) -> tuple[str, Note | None, clients.Clients]:
    """Read a backup from its first byte to its last; return its hash, its note and programs that can read it.

    Raises RestoreFailed when it is damaged.
    """
    if not file.is_file():
        raise RestoreFailed(f"There is no backup {file}.\nNext: flask db backups")
    note = backup_files.read_note(file)
    sha256 = backup_files.digest(file, lambda share: report("Checking the file", share))
    if note is not None and note.sha256 != sha256:
        raise RestoreFailed(
            f"{file.name} is not what was written when it was made: it is damaged "
            f"({file.stat().st_size:,} bytes of {note.size:,}, SHA-256 {sha256[:12]}… instead of "
            f"{note.sha256[:12]}…).\nNothing was changed. Next: flask db backups, and restore another one"
        )
    report("Reading the file", None)
    programs = next(clients.readers(file), None)
    try:
        if programs is None:
            raise clients.ClientFailed("pg_restore", "error: no version here knows this file's format")
        read_back(programs, file)
    except clients.ClientFailed as error:
        raise RestoreFailed(
            f"{file.name} cannot be read to its end: pg_restore says “{error.reason}”.\n"
            "Nothing was changed. Next: flask db backups, and restore another one"
        ) from error
    return sha256, note, programs


def put_in_use(engine: Engine, prepared: Prepared, *, patience: float, agreed: str | None) -> Restored:
    """Exchange the prepared database for the one in use, ledger and maintenance state included.

    It waits `patience` seconds for a migration that runs. `agreed` says how the loss of what was
    written since was agreed to. Raises RestoreFailed with the database in use as it is.
    """
    started = time.monotonic()
    database = str(engine.url.database)
    moment = datetime.now(UTC)
    with (
        _failures(prepared.file),
        databases.maintenance(engine.url) as admin,
        databases.only_restore(admin, database),
    ):
        new = databases.beside(engine.url, prepared.fresh)
        before = None
        if databases.exists(admin, database):
            with only_runner(engine, patience):
                with engine.connect() as connection:
                    before = read_revision(connection)
                carry_over(engine, new, folder(), f"{prepared.file.name} was restored")
            kept = _free_name(admin, database, moment)
        else:
            kept = ""
        ledger.record(
            new,
            action="restore",
            revision=prepared.revision,
            previous=before,
            seconds=time.monotonic() - started,
            detail={
                "path": str(prepared.file),
                "sha256": prepared.sha256,
                "kept": kept or None,
                "agreed": agreed,
                "written_since": {
                    each.table: [each.added, each.changed, each.removed] for each in prepared.written_since
                },
            },
        )
        # The old connections would only be found dead later.
        engine.dispose()
        databases.exchange(
            engine.url,
            database,
            prepared.fresh,
            kept,
            f"{REPLACED}{moment:%Y-%m-%d %H:%M:%S} UTC by {prepared.file.name}",
        )
    return Restored(prepared.revision, kept or None, time.monotonic() - started)


def _free_name(admin: Connection, database: str, moment: datetime) -> str:
    """Return a name for the former database; two restores may end in the same second."""
    again = 0
    while databases.exists(admin, name := databases.name_with(database, _kept_suffix(moment, again))):
        again += 1
    return name


def _kept_suffix(moment: datetime, again: int) -> str:
    return f"{KEPT}{moment:%Y%m%dT%H%M%SZ}{f'_{again}' if again else ''}"


def give_up(url: URL, prepared: Prepared) -> None:
    """Drop a prepared database that nobody wants after all."""
    with databases.maintenance(url) as admin:
        databases.drop(admin, prepared.fresh)


def kept_databases(url: URL) -> list[tuple[str, str, int]]:
    """Return the databases that restores left beside this one: name, what it is, and size in bytes."""
    database = str(url.database)
    with databases.maintenance(url) as admin:
        return [
            (name, words.removeprefix(MARK), size)
            for suffix in (KEPT, FRESH)
            for name, words, size in databases.marked_like(admin, databases.name_with(database, suffix), MARK)
        ]


def discard(url: URL, name: str) -> None:
    """Drop a database that a restore left. Raises RestoreFailed for any other."""
    if name not in [kept for kept, _, _ in kept_databases(url)]:
        raise RestoreFailed(
            f"No restore of {url.database} left a database {name}.\nNext, for a list: flask db discard"
        )
    with databases.maintenance(url) as admin:
        databases.drop(admin, name)


def _make_fresh(
    admin: Connection,
    url: URL,
    file: Path,
    fresh: str,
    sha256: str,
    note: Note | None,
    programs: clients.Clients,
    report: Report,
) -> None:
    """See that `fresh` is there and holds exactly what the backup holds, and mark it so."""
    database = str(url.database)
    try:
        if databases.mark_of(admin, fresh) == PROVEN + sha256:
            return
    except LookupError:
        pass
    report(f"Making the database {fresh}", None)
    databases.drop(admin, fresh)
    databases.create_like(admin, fresh, database)
    databases.mark(admin, fresh, f"{MARK}unfinished copy of {sha256}")
    new = databases.beside(url, fresh)
    try:
        fill(new, file, programs, report)
        prove(new, file, note, report)
    except BaseException:
        databases.drop(admin, fresh)
        raise
    databases.mark(admin, fresh, PROVEN + sha256)


def prove(new: Engine, file: Path, note: Note | None, report: Report) -> None:
    """Compare a restored database with what the backup's note says it held, row by row in effect.

    A dump without a note was at least restored to its end, every constraint checked by the server.
    """
    if note is None:
        return
    with one_instant(new) as connection:
        found = read_contents(connection, lambda table, share: report(f"Proving the copy: {table}", share))
    wrong = [name for name in {**note.contents, **found} if note.contents.get(name) != found.get(name)]
    if wrong:
        raise RestoreFailed(
            f"{file.name} was restored, but {', '.join(wrong)} did not hold what it held when dumped.\n"
            "Nothing was changed. Next: flask db backups, and restore another one"
        )


class _failures:  # noqa: N801 - it is used like a function.
    """Turns what PostgreSQL and its programs complain about into one sentence."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __enter__(self) -> None:
        """Nothing is needed beforehand."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, clients.ClientFailed):
            said = f"{error.program} says “{error.reason}”"
        elif isinstance(error, DBAPIError):
            said = f"the database says “{ledger.first_line(error)}”"
        else:
            return
        raise RestoreFailed(
            f"{self.file.name} was not restored: {said}. The database in use is as it was.\n"
            f"Next: mend that, then again: flask db restore {self.file}"
        ) from error
