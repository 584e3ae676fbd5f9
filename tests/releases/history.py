"""Which revisions came together, by the project's history, where it is there."""

import io
import re
import subprocess
import tarfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.operator import CHAIN, FOUNDING_HEAD
from tests.support.project import ROOT

LATER = CHAIN[CHAIN.index(FOUNDING_HEAD) + 1 :]
VERSIONS = "migrations/versions"
# As the later ones are named; the founding five are not.
NUMBERED = re.compile(r"\d{4}_")


@dataclass(frozen=True)
class Release:
    """The revisions that came together, oldest first, by `commit`; `before` is the last commit without them.

    In between some had other names, as two had worked on revisions at the same time.
    """

    before: str
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
    found: list[Release] = []
    before, known = "", 0
    for commit in git("log", "--first-parent", "--reverse", "--format=%H", "--", VERSIONS).split():
        files = git("ls-tree", "--name-only", commit, f"{VERSIONS}/").split()
        names = {name for name in (Path(file).stem for file in files) if NUMBERED.match(name)}
        if names == set(LATER[:known]):
            continue
        before = before or f"{commit}^"
        if names == set(LATER[: len(names)]):
            found.append(Release(before, commit, tuple(LATER[known : len(names)])))
            before, known = "", len(names)
    return tuple(found)


def take_out(commit: str, folder: Path) -> Path:
    """Put the files of a commit into a folder, and return that."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    # Alembic is told of it by what is installed here, which a release before it does not need.
    plugin = folder / "marketplace" / "alembic_plugin.py"
    if not plugin.exists():
        plugin.write_text("def setup(_plugin):\n    pass\n")
    return folder


def git(*words: str) -> str:
    """What git prints; nothing where it cannot."""
    try:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    except OSError:
        return ""
