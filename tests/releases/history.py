"""Which revisions came together, by the project's history, where it is there."""

import io
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.operator import CHAIN, FOUNDING_HEAD
from tests.support.project import ROOT

LATER = CHAIN[CHAIN.index(FOUNDING_HEAD) + 1 :]


@dataclass(frozen=True)
class Release:
    """The revisions that one commit added, oldest first."""

    commit: str
    revisions: tuple[str, ...]

    @property
    def schema_before(self) -> str:
        """The revision that the release before it was at."""
        return CHAIN[CHAIN.index(self.revisions[0]) - 1]


@cache
def releases() -> tuple[Release, ...]:
    """The releases that brought revisions, oldest first; none without the history, or with a part of it."""
    if git("rev-parse", "--is-shallow-repository").strip() != "false":
        return ()
    added: dict[str, list[str]] = {}
    commit = ""
    for line in git(
        "log", "--diff-filter=A", "--no-renames", "--name-only", "--format=:%H", "--", "migrations/versions"
    ).splitlines():
        if line.startswith(":"):
            commit = line[1:]
        elif line:
            added.setdefault(commit, []).append(Path(line).stem)
    return tuple(
        sorted(
            (
                Release(commit, tuple(each for each in LATER if each in names))
                for commit, names in added.items()
                if set(names) & set(LATER)
            ),
            key=lambda release: LATER.index(release.revisions[0]),
        )
    )


def take_out(commit: str, folder: Path) -> Path:
    """Put the files of a commit into a folder, and return that."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


def git(*words: str) -> str:
    """What git prints; nothing where it cannot."""
    try:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
