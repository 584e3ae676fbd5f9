"""A release's code on a schema: its own commands fill the database, and `visitor.py` looks around."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.project import ROOT

VISITOR = Path(__file__).with_name("visitor.py")
# What the database says of a name that it does not have: a table, a column.
UNKNOWN = re.compile(r'^(?:42P01|42703) .*?(?:relation|column) "?(?:\w+\.)?(\w+)')


@dataclass(frozen=True)
class Visit:
    """One request of a person, by its endpoint, and its answer; `error` is what the site raised within."""

    person: str
    method: str
    endpoint: str
    address: str
    status: int
    error: str | None

    @property
    def missed(self) -> str | None:
        """The name of the table or column that was not there, when that is why it failed."""
        match = UNKNOWN.match(self.error or "")
        return match[1] if match else None


def visits(url: str, code: Path = ROOT, filled_by: Path | None = None) -> list[Visit]:
    """Fill a database by one release's commands, and visit the site of the one that lies in `code` on it."""
    filler = filled_by or code
    run(url, filler, "-m", "flask", "categories", "load", "marketplace/categories/starter.toml")
    run(url, filler, "-m", "flask", "sample-data", "--listings", "12")
    return [Visit(*each) for each in json.loads(run(url, code, str(VISITOR)))]


def run(url: str, code: Path, *words: str) -> str:
    """Run a Python program with a release's code on a database, and return what it printed."""
    result = subprocess.run(
        [sys.executable, *words],
        cwd=code,
        # Before this release's own code, which is installed.
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": "tests", "PYTHONPATH": str(code)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, f"{' '.join(words)}:\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}"
    return result.stdout


def failed(seen: list[Visit]) -> list[Visit]:
    """The visits that the site itself could not answer, but for what /health says of the schema."""
    return [each for each in seen if each.status >= 500 and each.endpoint != "health.health"]


def health(seen: list[Visit]) -> set[int]:
    """What /health answered."""
    return {each.status for each in seen if each.endpoint == "health.health"}
