"""`make bench-migrations`: changes of the schema under load, by `flask db` and by plain Alembic.

    .venv/bin/python -m bench.migrations --listings 20000

Members and visitors browse and post as fast as they are answered, and a report reads the tables in
transactions of some seconds. Before each step they do so for a while alone; what the slowest request waits
during the step is compared with that. Prints a table for bench/README.md,
and exits with 1 when `flask db` failed a request.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from bench import changes, traffic
from bench.addresses import PAGES, member_visits, read_catalogue
from bench.changes import CHANGES, Change
from bench.database import ROOT, SECRET, Databases, connected, environment
from bench.servers import Server, gunicorn
from bench.tables import new_table
from bench.writing import leaf
from marketplace.schema.files import read_files

OURS, PLAIN = "flask db", "Alembic alone"
# No request may wait longer than this because of a migration.
TARGET_MS = 500

# What a project has that knows Alembic and nothing else.
PLAIN_ENV = """
import os

from alembic import context
from sqlalchemy import create_engine

url = os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg2:", 1)
with create_engine(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
PLAIN_INI = "[alembic]\nscript_location = %(here)s\n"


@dataclass(frozen=True)
class Measured:
    """One step: how long it took, and what the requests waited while it ran and just before."""

    what: str
    way: str
    direction: str
    seconds: float
    alone: traffic.Window
    during: traffic.Window

    @property
    def later(self) -> float:
        """By how many milliseconds the slowest request came later than without the step."""
        return max(0.0, self.during.slowest - self.alone.slowest)


class Runner:
    """Takes steps up and down by either way, on folders of migrations of its own."""

    def __init__(self, url: str, folder: Path) -> None:
        self._environment = environment(url, APP_ENV="production", BACKUP_DIR=str(folder / "backups"))
        self._folders = {OURS: folder / "ours", PLAIN: folder / "plain"}
        for each in self._folders.values():
            shutil.copytree(ROOT / "migrations", each, ignore=shutil.ignore_patterns("__pycache__"))
        self.head = read_files(ROOT / "migrations").heads[0]
        (self._folders[PLAIN] / "env.py").write_text(PLAIN_ENV)
        (self._folders[PLAIN] / "alembic.ini").write_text(PLAIN_INI)

    def prepare(self, change: Change) -> None:
        """Write the revisions of a change into both folders."""
        changes.write(change.ours, self._folders[OURS] / "versions", self.head)
        changes.write((change.plain,), self._folders[PLAIN] / "versions", self.head)

    def step(self, way: str, direction: str) -> float:
        """Go up to the change's end or back down, and return how many seconds that took."""
        target = "head" if direction == "upgrade" else self.head
        if way == OURS:
            # The backup before is measured alone.
            words = ["flask", "db", direction, target, "--no-backup", "--yes", "-d", str(self._folders[OURS])]
        else:
            words = ["alembic", "-c", str(self._folders[PLAIN] / "alembic.ini"), direction, target]
        return self._run(words)

    def backup(self) -> float:
        """Make the backup that `flask db` makes before a step, and return its seconds."""
        return self._run(["flask", "db", "backup"])

    def _run(self, words: Sequence[str]) -> float:
        started = time.perf_counter()
        result = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=ROOT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode:
            raise SystemExit(f"{' '.join(words)} failed:\n{result.stdout}{result.stderr}")
        return time.perf_counter() - started


def measure(url: str, seconds: float, chosen: Sequence[Change]) -> Iterator[Measured]:
    """Make each change and take it back, by both ways in turn."""
    catalogue = read_catalogue(url)
    addresses = [address for page in PAGES for address in page.addresses(catalogue)[:20]]
    visits = member_visits(url, SECRET, traffic.BROWSERS + traffic.SENDERS)
    with connected(url) as cursor:
        category_id = leaf(cursor)
        cursor.execute(changes.BEFORE)
    env = environment(url, APP_ENV="production", BENCH_TIMES=os.devnull)
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(gunicorn("bench.served:app"), env) as server,
        traffic.under_way(url, server, addresses, visits, category_id) as people,
    ):
        runner = Runner(url, Path(folder))
        time.sleep(seconds)
        yield _one(people, seconds, "Back up", OURS, "", runner.backup)
        for change in chosen:
            runner.prepare(change)
            for way in (OURS, PLAIN):
                for direction in ("upgrade", "downgrade"):
                    yield _one(
                        *(people, seconds, change.what, way, direction),
                        lambda way=way, direction=direction: runner.step(way, direction),
                    )


def _one(people, seconds, what, way, direction, act) -> Measured:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    time.sleep(seconds)
    started = time.perf_counter()
    took = act()
    ended = time.perf_counter()
    people.wait_for_those_under_way(ended)
    return Measured(
        what, way, direction, took, people.between(began, started), people.between(started, ended)
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.migrations", description=__doc__)
    parser.add_argument(
        "--listings", type=int, default=1_000_000, help="the size of the database (1,000,000)"
    )
    parser.add_argument("--seconds", type=float, default=10, help="how long is measured before a step (10)")
    parser.add_argument("--changes", help="only changes with one of these words in them: column,index")
    options = parser.parse_args()
    words = (options.changes or "").lower().split(",")
    chosen = [each for each in CHANGES if any(word in each.what.lower() for word in words)]
    table = new_table(
        f"{options.listings:,} listings", "Change", "By", "Direction", "Seconds", "Requests", "Failed",
        "Slowest alone, ms", "Slowest during, ms", "Later by, ms",
    )  # fmt: skip
    failed, latest = [], 0.0
    with Databases().copied(options.listings) as url:
        for each in measure(url, options.seconds, chosen):
            table.add_row(
                *(each.what, each.way, each.direction, f"{each.seconds:.1f}", f"{each.during.requests:,}"),
                *(f"{each.during.failed:,}", f"{each.alone.slowest:.0f}", f"{each.during.slowest:.0f}"),
                f"{each.later:.0f}",
            )
            if each.way == OURS:
                failed += [*each.during.problems, *each.alone.problems]
                latest = max(latest, each.later)
    console = Console(width=200)
    console.print(table)
    verdict = "within" if latest <= TARGET_MS else "above"
    console.print(
        f"By flask db {len(failed)} requests failed, and none came later by more than {latest:.0f} ms, "
        f"{verdict} the target of {TARGET_MS} ms."
    )
    for problem in dict.fromkeys(failed):
        console.print(problem)
    if failed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
