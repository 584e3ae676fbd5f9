"""The files that backups are: their names, what is known about each, and how they get into their folder.

A backup is a dump and, beside it, a note of the same name with `.json` added. The note is put in place
first and the dump last, each by a rename, so that a dump under its own name is always whole.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from marketplace.schema.contents import Contents
from marketplace.schema.proof import Proof

SUFFIX = ".dump"
PARTIAL = ".partial"
NAME = re.compile(
    r"(?P<database>.+)-(?P<time>\d{8}T\d{6}Z)(?:\.\d+)?-(?P<revision>[A-Za-z0-9_]+)" + re.escape(SUFFIX)
)
TIME_FORMAT = "%Y%m%dT%H%M%SZ"
NO_REVISION = "base"
BLOCK = 1 << 20
ABANDONED_SECONDS = 3600


@dataclass(frozen=True)
class Note:
    """What is known about a dump: where it comes from, and what it holds, table by table.

    `proof` is there when the dump was restored and compared, not only read back.
    """

    database: str
    revision: str | None
    reason: str
    made_at: datetime
    server: int
    size: int
    sha256: str
    contents: Mapping[str, Contents]
    proof: Proof | None = None

    def to_json(self) -> str:
        """Return the note as it is kept."""
        return json.dumps({**asdict(self), "made_at": self.made_at.isoformat()}, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, document: str) -> "Note":
        """Read a note back. Raises ValueError, KeyError or TypeError when it is none."""
        fields = json.loads(document)
        contents = {table: Contents(**each) for table, each in fields.pop("contents").items()}
        # The notes of earlier versions say nothing of a proof.
        proof = Proof.from_fields(fields["proof"]) if fields.get("proof") else None
        made_at = datetime.fromisoformat(fields["made_at"])
        return cls(**{**fields, "made_at": made_at, "contents": contents, "proof": proof})


@dataclass(frozen=True)
class Stored:
    """A backup in a folder; `note` is None when the dump came without one."""

    path: Path
    database: str
    revision: str | None
    made_at: datetime
    size: int
    note: Note | None


def name_for(database: str, revision: str | None, moment: datetime, again: int = 0) -> str:
    """Return a dump's name; `again` tells apart those of one second."""
    safe = re.sub(r"[^A-Za-z0-9_.-]", "_", database)
    time = moment.astimezone(UTC).strftime(TIME_FORMAT) + (f".{again}" if again else "")
    return f"{safe}-{time}-{re.sub(r'[^A-Za-z0-9_]', '_', revision or NO_REVISION)}{SUFFIX}"


def note_path(dump: Path) -> Path:
    """Return where the note of a dump lies."""
    return dump.with_name(dump.name + ".json")


def read_note(dump: Path) -> Note | None:
    """Return what is known about a dump, None without a note or with one that cannot be read."""
    try:
        return Note.from_json(note_path(dump).read_text())
    except (OSError, ValueError, KeyError, TypeError):
        return None


def list_backups(folder: Path) -> list[Stored]:
    """Return the backups in a folder, oldest first; none when there is no such folder."""
    found = []
    for path in folder.glob(f"*{SUFFIX}") if folder.is_dir() else []:
        match = NAME.fullmatch(path.name)
        if match is None:
            continue
        note = read_note(path)
        made_at = datetime.strptime(match["time"], TIME_FORMAT).replace(tzinfo=UTC)
        revision = None if match["revision"] == NO_REVISION else match["revision"]
        database = note.database if note else match["database"]
        found.append(
            Stored(
                path,
                database,
                note.revision if note else revision,
                note.made_at if note else made_at,
                path.stat().st_size,
                note,
            )
        )
    return sorted(found, key=lambda stored: (stored.made_at, stored.path.name))


def remove(dump: Path) -> None:
    """Delete a backup: first the dump, so that no dump is ever left without its note."""
    dump.unlink(missing_ok=True)
    note_path(dump).unlink(missing_ok=True)


def digest(file: Path, progress: Callable[[float], None] | None = None) -> str:
    """Return the SHA-256 of a file, telling the share that is read."""
    total = max(file.stat().st_size, 1)
    hashed = hashlib.sha256()
    with file.open("rb") as stream:
        while block := stream.read(BLOCK):
            hashed.update(block)
            if progress is not None:
                progress(stream.tell() / total)
    return hashed.hexdigest()


@contextmanager
def partial_file(folder: Path, name: str) -> Iterator[Path]:
    """Yield an empty file that only its owner may read, and delete it afterwards if it is still there.

    It is locked as long as the block runs. Those that a killed run left behind are deleted first. Raises
    OSError when there is no place for it, or another run took it away.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep(folder)
    path = folder / f".{name}.{os.getpid()}{PARTIAL}"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        # Another run may have swept the file away before it was locked.
        if not path.exists():
            raise OSError(errno.EBUSY, "another run took the file away: try again", str(path))
        yield path
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def put_in_place(partial: Path, dump: Path, note: Note) -> None:
    """Give a finished dump its name and its note. Both are on the disk before either has its name."""
    draft = partial.with_name(f".{note_path(dump).name}.{os.getpid()}{PARTIAL}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w") as stream:
            stream.write(note.to_json())
            stream.flush()
            os.fsync(stream.fileno())
        sync(partial)
        draft.replace(note_path(dump))
        partial.replace(dump)
        sync(dump.parent)
    finally:
        draft.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(folder: Path) -> None:
    """Delete what killed runs left: files that nobody holds a lock on, and notes without a dump."""
    for path in folder.glob(f".*{PARTIAL}"):
        try:
            descriptor = os.open(path, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            pass
        finally:
            os.close(descriptor)
    for note in folder.glob(f"*{SUFFIX}.json"):
        dump = note.with_suffix("")
        # A run that is putting a backup in place right now has its note there for a moment.
        if not dump.exists() and time.time() - note.stat().st_mtime > ABANDONED_SECONDS:
            note.unlink(missing_ok=True)
