"""Makes backups: dumped from one instant, read back whole, and only then given their names.

Where it is asked for, a backup is proven beforehand as well: restored, and compared row by row in effect.
"""

import os
import shlex
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import current_app
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError

from marketplace.schema import backup_files, clients, ledger, retention
from marketplace.schema.contents import (
    Contents,
    application_contents,
    has_rows,
    one_instant,
    plain,
    read_contents,
)
from marketplace.schema.errors import BackupFailed, RestoreFailed, ScratchRefused
from marketplace.schema.proof import Proof, Source, dump_schema, prove, read_sequences
from marketplace.schema.reporting import Report, part, silent
from marketplace.schema.scratch import drop_abandoned, require_right, size_of

# A backup waits no longer than this for a table that somebody has locked.
LOCK_PATIENCE_MS = 30_000


@dataclass(frozen=True)
class Backup:
    """A backup that was made. With a BACKUP_COMMAND only that command knows its size and hash.

    `path` is then what the command wrote last, and `contents` is empty. `proof` is None when none was asked
    for.
    """

    path: Path
    revision: str | None
    size: int
    sha256: str
    made_at: datetime
    contents: Mapping[str, Contents]
    proof: Proof | None = None
    removed: tuple[Path, ...] = ()


def folder() -> Path:
    """Return the folder that backups are kept in."""
    setting = current_app.config.get("BACKUP_DIR") or os.environ.get("BACKUP_DIR")
    return Path(setting) if setting else Path(current_app.instance_path) / "backups"


def command() -> str | None:
    """Return the site's own command for backups, if it has one."""
    return current_app.config.get("BACKUP_COMMAND") or os.environ.get("BACKUP_COMMAND") or None


def make_backup(
    engine: Engine,
    *,
    reason: str,
    progress: Report | None = None,
    always: bool = False,
    proven: bool = False,
) -> Backup | None:
    """Back up the engine's database and record it in the ledger; return None for one without rows.

    `always` makes one even then. With `proven` it is restored into a database of its own and compared,
    unless BACKUP_COMMAND makes it. `progress` is called with the stage and the share that is done.
    Raises BackupFailed before anything has changed; no file is left behind then.
    """
    started = time.monotonic()
    report = progress or silent
    # A mistake in the settings is told before any work is done.
    keep = _number("BACKUP_KEEP", retention.KEEP), _number("BACKUP_KEEP_DAYS", retention.KEEP_DAYS)
    drop_abandoned(engine.url)
    try:
        own = command()
        if proven and not own:
            require_right(engine.url)
        with one_instant(engine) as connection:
            if not always and not has_rows(connection):
                return None
            revision = read_revision(connection)
            backup = (
                _run_command(own, engine, revision, reason, report)
                if own
                else _dump(connection, engine, revision, reason, keep, proven, report)
            )
    except clients.ClientsMissing as error:
        raise BackupFailed(f"No backup was made, and nothing was changed. {error}") from error
    except ScratchRefused as error:
        raise BackupFailed(
            f"No backup was made, because it could not be proven, and nothing was changed. {error}"
        ) from error
    except RestoreFailed as error:
        raise BackupFailed(f"The backup could not be proven. {error}") from error
    except DBAPIError as error:
        raise BackupFailed(
            f"No backup was made: {ledger.first_line(error)}.\nNothing was changed. Next: flask db backup"
        ) from error
    ledger.record(
        engine,
        action="backup",
        revision=backup.revision,
        previous=backup.revision,
        seconds=time.monotonic() - started,
        detail={
            "path": str(backup.path),
            "size": backup.size,
            "sha256": backup.sha256,
            "reason": reason,
            "removed": [path.name for path in backup.removed],
            **({"proof": asdict(backup.proof)} if backup.proof else {}),
        },
    )
    return backup


def read_revision(connection: Connection) -> str | None:
    """Return the revision that a database says it is at, None for none (or for several)."""
    if connection.execute(plain("SELECT to_regclass('alembic_version')")).scalar() is None:
        return None
    rows = connection.execute(plain("SELECT version_num FROM alembic_version")).scalars().all()
    return rows[0] if len(rows) == 1 else None


def _dump(
    connection: Connection,
    engine: Engine,
    revision: str | None,
    reason: str,
    keep: tuple[int, int],
    proven: bool,
    report: Report,
) -> Backup:
    """Dump what `connection` sees, check the file, name it, and remove the backups that have expired."""
    place = folder()
    programs = clients.find_clients(clients.server_major(engine))
    database = str(engine.url.database)
    snapshot = connection.execute(plain("SELECT pg_export_snapshot()")).scalar_one()
    made_at = datetime.now(UTC)
    name = _free_name(place, database, revision, made_at)
    # How long the proof takes: about as long again as dumping, counting and reading back.
    checking = part(report, 0.0, 0.5 if proven else 1.0)
    try:
        with backup_files.partial_file(place, name) as partial:
            # Dumped and counted at the same instant, so that a restore can be compared exactly.
            before = read_sequences(connection)
            write_dump(programs, engine, partial, part(checking, 0.0, 0.5), snapshot)
            after = read_sequences(connection)
            sha256 = backup_files.digest(partial)
            counting = part(checking, 0.5, 0.9)
            everything = read_contents(
                connection,
                lambda table, share: counting(f"Counting and hashing: {table}", share),
                everything=True,
            )
            checking("Reading the backup back", 0.9)
            read_back(programs, partial)
            proof = None
            if proven:
                schema = dump_schema(programs, engine, snapshot)
                source = Source(everything, before, after, schema)
                proof = prove(engine, partial, source, programs, part(report, 0.5, 1.0))
            if backup_files.digest(partial) != sha256:
                raise BackupFailed(
                    f"The backup changed in {place} while it was being checked: the disk does not keep what "
                    "is written to it, and the backup was deleted. Nothing was changed.\n"
                    "Next: set BACKUP_DIR to a folder on another disk, then: flask db backup"
                )
            note = backup_files.Note(
                database=database,
                revision=revision,
                reason=reason,
                made_at=made_at,
                server=programs.major,
                size=partial.stat().st_size,
                sha256=sha256,
                contents=application_contents(everything),
                proof=proof,
            )
            backup_files.put_in_place(partial, place / name, note)
    except clients.ClientFailed as error:
        raise BackupFailed(_explain(error, place)) from error
    except OSError as error:
        raise BackupFailed(
            f"No backup can be written to {place} ({error.strerror}); nothing was changed.\n"
            "Next: free space there or set BACKUP_DIR to another folder, then: flask db backup"
        ) from error
    removed = _remove_expired(place, database, made_at, place / name, keep)
    return Backup(place / name, revision, note.size, sha256, made_at, note.contents, proof, removed)


def _free_name(place: Path, database: str, revision: str | None, moment: datetime) -> str:
    again = 0
    while (place / (name := backup_files.name_for(database, revision, moment, again))).exists():
        again += 1
    return name


def write_dump(
    programs: clients.Clients, engine: Engine, file: Path, report: Report, snapshot: str | None = None
) -> None:
    """Dump the engine's database into `file`, as it is now or as `snapshot` sees it. Raises ClientFailed."""
    address, environment = clients.address(engine.url)
    database = str(engine.url.database)
    command = [
        programs.program("pg_dump"),
        "--format=custom",
        "--no-password",
        *([f"--snapshot={snapshot}"] if snapshot else []),
        f"--lock-wait-timeout={LOCK_PATIENCE_MS}",
        f"--file={file}",
        f"--dbname={address}",
    ]
    with engine.connect() as connection:
        size = size_of(connection)

    def tell_size() -> None:
        # How far it is cannot be known; a dump is seldom larger than a third of its database.
        written = file.stat().st_size
        report(f"Backing up {database}: {written / 1e6:.0f} MB", min(0.99, 3 * written / max(size, 1)))

    report(f"Backing up {database}", None)
    clients.run(command, environment, tell_size)


def read_back(programs: clients.Clients, file: Path) -> None:
    """Read a dump from its first byte to its last, as a restore would. Raises ClientFailed.

    The list of contents alone proves little: it is read from a dump that breaks off in the middle, too.
    """
    clients.run([programs.program("pg_restore"), "--list", str(file)])
    clients.run([programs.program("pg_restore"), f"--file={os.devnull}", str(file)])


def _explain(error: clients.ClientFailed, place: Path) -> str:
    if error.disk_full:
        return (
            f"The backup does not fit into {place}: the disk is full. Nothing was changed.\n"
            "Next: free space there or set BACKUP_DIR to another folder, then: flask db backup"
        )
    said = f"{error.program} says “{error.reason}”"
    return f"No backup was made: {said}. Nothing was changed.\nNext: flask db backup"


def _remove_expired(
    place: Path, database: str, now: datetime, made: Path, keep: tuple[int, int]
) -> tuple[Path, ...]:
    """Remove what the retention rule no longer keeps of this database; the one just made stays."""
    ours = [stored for stored in backup_files.list_backups(place) if stored.database == database]
    removable = retention.expired(ours, now, max(keep[0], 1), keep[1])
    paths = tuple(stored.path for stored in removable if stored.path != made)
    for path in paths:
        backup_files.remove(path)
    return paths


def _run_command(own: str, engine: Engine, revision: str | None, reason: str, report: Report) -> Backup:
    """Run the site's own command; what it writes last names the backup, its failure is ours."""
    address, environment = clients.address(engine.url)
    environment |= {
        "BACKUP_DATABASE": str(engine.url.database),
        "BACKUP_URL": address,
        "BACKUP_REVISION": revision or "",
        "BACKUP_REASON": reason,
    }
    report("Running BACKUP_COMMAND", None)
    made_at = datetime.now(UTC)
    try:
        output = clients.run(shlex.split(own), environment, lambda: report("Running BACKUP_COMMAND", None))
    except (clients.ClientFailed, ValueError) as error:
        why = error.reason if isinstance(error, clients.ClientFailed) else str(error)
        raise BackupFailed(
            f"BACKUP_COMMAND failed: {why}. Nothing was changed.\nNext: repair it, then: flask db backup"
        ) from error
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return Backup(Path(lines[-1] if lines else "(BACKUP_COMMAND)"), revision, 0, "", made_at, {})


def _number(name: str, default: int) -> int:
    """Return a setting from the configuration, else from the environment. Raises BackupFailed."""
    value = current_app.config.get(name, os.environ.get(name, default))
    if not str(value).isdecimal():
        raise BackupFailed(f"{name} is {value!r}: set it to a whole number. Nothing was changed.")
    return int(value)
