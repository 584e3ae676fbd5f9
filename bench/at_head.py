"""Times an upgrade of a database that is at head, by either spelling, against Alembic on its own.

    .venv/bin/python bench/at_head.py

Alembic on its own has an env.py that connects and runs the migrations, and nothing else, for the same
application. The three run in turn, so that whatever else the machine does falls on each of them. Prints
the ratio of the medians of the time that passed, and of the processor's time, which a busy machine
changes less; the server's own work is in the first alone.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

from marketplace import create_app

ROOT = Path(__file__).resolve().parents[1]

# What this project's env.py was before it did anything of its own.
PLAIN_ENV = """
from logging.config import fileConfig
from pathlib import Path

from alembic import context
from flask import current_app

fileConfig(Path(__file__).with_name("alembic.ini"), disable_existing_loggers=False)

if not current_app:
    from marketplace import create_app

    create_app().app_context().push()

migrate = current_app.extensions["migrate"]

with migrate.db.engine.connect() as connection:
    context.configure(connection=connection, target_metadata=migrate.metadata, **migrate.configure_args)
    with context.begin_transaction():
        context.run_migrations()
"""


def make_plain(folder: Path) -> Path:
    """Copy the migrations, give them the plain env.py, and return the path of their alembic.ini."""
    plain = folder / "migrations"
    shutil.copytree(ROOT / "migrations", plain)
    (plain / "env.py").write_text(PLAIN_ENV)
    ini = plain / "alembic.ini"
    ini.write_text(ini.read_text().replace("[alembic]", f"[alembic]\nscript_location = {plain}", 1))
    return ini


def run(words: list[str], environment: dict[str, str]) -> tuple[float, float, str]:
    """Run a program from the project's root; return its milliseconds, the processor's, and what it said."""
    started, used = time.perf_counter(), processor_seconds()
    result = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    passed = time.perf_counter() - started
    return passed * 1000, (processor_seconds() - used) * 1000, result.stdout


def processor_seconds() -> float:
    """The processor's time that all programs run so far have taken."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how many turns of the three are taken")
    runs = parser.parse_args().runs
    # An embedded server runs for as long as this application is there.
    url = create_app().config["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False)
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    environment.setdefault("SECRET_KEY", "measured")
    with tempfile.TemporaryDirectory() as folder:
        ini = make_plain(Path(folder))
        commands = {
            "Alembic on its own": ["alembic", "-c", str(ini), "upgrade", "head"],
            "flask db upgrade": ["flask", "db", "upgrade"],
            "alembic upgrade head": ["alembic", "upgrade", "head"],
        }
        run(commands["flask db upgrade"], environment)
        times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for turn in range(runs + 1):
            for name, words in commands.items():
                passed, used, said = run(words, environment)
                if said.startswith("Already at ") == (name == "Alembic on its own"):
                    raise SystemExit(f"{name} is not what was to be measured: {said}")
                # The first turn only warms up.
                if turn:
                    times[name].append((passed, used))
    medians = {
        name: [statistics.median(column) for column in zip(*taken, strict=True)]
        for name, taken in times.items()
    }
    plain = medians["Alembic on its own"]
    table = Table("Command", "Median ms", "Ratio", "Processor ms", "Ratio")
    for name, (passed, used) in medians.items():
        table.add_row(
            name, f"{passed:.0f}", f"{passed / plain[0]:.2f}", f"{used:.0f}", f"{used / plain[1]:.2f}"
        )
    Console().print(table)


if __name__ == "__main__":
    main()
