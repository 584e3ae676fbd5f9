"""Pictures in a folder: `ab/abcdef…/640.webp`, so that no folder grows too long to be listed."""

import os
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from secrets import token_hex
from typing import ParamSpec, TypeVar
from urllib.parse import SplitResult, unquote

from werkzeug.wsgi import FileWrapper

from marketplace.pictures.rules import KEY
from marketplace.pictures.storage import File, StorageError, Stored

# What is being written lies here until it is whole.
ASIDE = "incoming"
# Others may read, which a web server in front needs, and only the site may write, whatever the umask is.
FOLDER_MODE = 0o755
FILE_MODE = 0o644
PIECE = 64 * 1024

P = ParamSpec("P")
R = TypeVar("R")


def _in_trouble(method: Callable[P, R]) -> Callable[P, R]:
    """Tell the operating system's errors as StorageError."""

    @wraps(method)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(*args, **kwargs)
        except OSError as error:
            raise StorageError(f"{error.strerror}: {error.filename}") from error

    return told


class Folder:
    """A folder for media."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @classmethod
    def at(cls, url: SplitResult) -> "Folder":
        """The folder that a file: URL names; it is made when the first picture comes."""
        return cls(Path(unquote(url.path)))

    @_in_trouble
    def save(self, key: str, files: Mapping[str, bytes]) -> None:
        """Write the files aside, and put their folder into its place in one step."""
        aside = self._root / ASIDE / token_hex(16)
        target = self._folder(key)
        _make_folders(aside)
        _make_folders(target.parent)
        try:
            for name, content in files.items():
                _write(aside / name, content)
            _sync(aside)
            aside.rename(target)
        except OSError:
            shutil.rmtree(aside, ignore_errors=True)
            raise
        _sync(target.parent)

    @_in_trouble
    def open(self, key: str, name: str) -> File | None:
        """Open one file, or return None."""
        try:
            file = (self._folder(key) / name).open("rb")
        except (FileNotFoundError, NotADirectoryError):
            return None
        return File(os.fstat(file.fileno()).st_size, FileWrapper(file, PIECE))

    @_in_trouble
    def stored(self, prefix: str) -> list[Stored]:
        """List what is there; names that no picture of ours would have are somebody else's."""
        return [each for each in _folders(self._root / prefix) if each.key.startswith(prefix)]

    @_in_trouble
    def delete(self, key: str) -> None:
        """Remove a picture's folder, or one that was left unfinished."""
        for folder in (self._folder(key), self._root / ASIDE / key):
            if folder.is_dir():
                shutil.rmtree(folder)

    @_in_trouble
    def unfinished(self) -> list[Stored]:
        """List the folders in which a write was broken off, or goes on at this moment."""
        return _folders(self._root / ASIDE)

    def _folder(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise StorageError(f"{key!r} is no key of a picture.")
        return self._root / key[:2] / key


def _folders(parent: Path) -> list[Stored]:
    try:
        folders = sorted(parent.iterdir())
    except FileNotFoundError:
        return []
    found = []
    for folder in folders:
        if KEY.fullmatch(folder.name) and folder.is_dir():
            names = frozenset(file.name for file in folder.iterdir())
            found.append(Stored(folder.name, names, datetime.fromtimestamp(folder.stat().st_mtime, UTC)))
    return found


def _make_folders(folder: Path) -> None:
    """Make `folder` and what is missing of its parents, and see that the disk knows of each."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        each.mkdir(mode=FOLDER_MODE, exist_ok=True)
        _sync(each.parent)


def _write(file: Path, content: bytes) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
