"""Migrations folders of a test's own, and the operators' commands run on them by either spelling."""

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
from alembic.config import CommandLine, Config
from flask import Flask
from flask.cli import with_appcontext

from tests.support.operator import HEAD
from tests.support.postgresql import ROOT, connect

# A test that waits for something gives up after so long.
DEADLINE_SECONDS = 60

REVISION = '''"""{title}"""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = {parents}
branch_labels = None
depends_on = None


def upgrade() -> None:
{up}


def downgrade() -> None:
{down}
'''


@dataclass
class Project:
    """A copy of the project's migrations, on a database of its own."""

    folder: Path
    url: str
    environment: dict[str, str]

    @property
    def versions(self) -> Path:
        return self.folder / "versions"

    def file(self, revision: str) -> Path:
        """The file of `revision`."""
        found = list(self.versions.glob(f"{revision}*.py"))
        assert len(found) == 1, found
        return found[0]

    def edit(self, revision: str, old: str, new: str) -> str:
        """Replace a part of a revision's file, and return the text it had."""
        path = self.file(revision)
        before = path.read_text()
        assert old in before
        path.write_text(before.replace(old, new))
        return before

    def add(
        self,
        revision: str,
        up: str = "pass",
        down: str = "pass",
        parents: str | tuple[str, ...] = HEAD,
        title: str = "Do something.",
    ) -> Path:
        """Write a revision file."""
        path = self.versions / f"{revision}.py"
        bodies = {"up": _indented(up), "down": _indented(down)}
        path.write_text(REVISION.format(revision=revision, parents=repr(parents), title=title, **bodies))
        return path

    def command(self, spelling: str, *arguments: str) -> list[str]:
        """The words of a command; flags of ours are given the way that the spelling has for them."""
        if spelling == "flask":
            first, *rest = arguments
            # The commands that know nothing of files take no folder.
            folder = (
                []
                if first in ("log", "backup", "backups", "restore", "discard", "attic")
                else ["-d", str(self.folder)]
            )
            return [sys.executable, "-m", "flask", "db", first, *folder, *rest]
        words = [word for word in arguments if word not in ("--yes", "--no-backup")]
        flags = [part for word in arguments if word not in words for part in ("-x", word.removeprefix("--"))]
        return [sys.executable, "-m", "alembic", "-c", str(self.folder / "alembic.ini"), *flags, *words]

    def start(self, spelling: str, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start a command and do not wait for it."""
        return subprocess.Popen(
            self.command(spelling, *arguments),
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": self.url,
                "SECRET_KEY": "tests",
                **self.environment,
                **environment,
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(
        self,
        spelling: str,
        *arguments: str,
        status: int | None = 0,
        own_folder: bool = True,
        **environment: str,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command that must end with `status`, and never in a traceback.

        It runs in this process, which takes a tenth of the time. Without `own_folder` the words are exactly
        the given ones, and the migrations the project's own.
        """
        words = self.command(spelling, *arguments)[3:] if own_folder else list(arguments)
        if not own_folder and spelling == "flask":
            words.insert(0, "db")
        with self._surroundings(environment), patch.object(Config, "print_stdout", _echo):
            runner = self.app.test_cli_runner(catch_exceptions=False)
            result = runner.invoke(None if spelling == "flask" else _alembic, args=words)
        said = f"{spelling} {' '.join(arguments)} → {result.exit_code}\n{result.output}"
        assert status is None or result.exit_code == status, said
        return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)

    @cached_property
    def app(self) -> Flask:
        """The application on this database, whose connections `close` ends."""
        from marketplace import create_app

        return create_app({"SECRET_KEY": "tests", "SQLALCHEMY_DATABASE_URI": self.url, "TESTING": True})

    def close(self) -> None:
        """Close what `run` opened."""
        if "app" in self.__dict__:
            with self.app.app_context():
                self.app.extensions["migrate"].db.engine.dispose()

    @contextmanager
    def _surroundings(self, environment: dict[str, str]) -> Iterator[None]:
        """Set the environment for a command, and undo what it does to this process's logging."""
        root, alembic = logging.getLogger(), logging.getLogger("alembic")
        handlers, level, own_level = root.handlers[:], root.level, alembic.level
        before = dict(os.environ)
        os.environ.update(self.environment | environment)
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
            root.handlers[:] = handlers
            root.setLevel(level)
            alembic.setLevel(own_level)

    def flask(self, *arguments: str, status: int | None = 0, **environment: str) -> str:
        """Run `flask db …` and return all that it said."""
        result = self.run("flask", *arguments, status=status, **environment)
        return result.stdout + result.stderr

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Run SQL on a connection of its own."""
        with connect(self.url) as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall()) if cursor.description else []

    def one(self, statement: str, *values: Any) -> Any:
        """Run SQL that answers with one value."""
        return self.rows(statement, *values)[0][0]

    def at(self) -> str | None:
        """The revision that the database is at, read by a connection of its own."""
        if not self.one("SELECT to_regclass('alembic_version') IS NOT NULL"):
            return None
        found = self.rows("SELECT version_num FROM alembic_version ORDER BY 1")
        return " and ".join(row[0] for row in found) or None

    def logged(self, action: str | None = None) -> list[tuple[str, str | None]]:
        """The ledger's actions and revisions, oldest first."""
        rows = self.rows("SELECT action, revision FROM operations.ledger ORDER BY id")
        return [row for row in rows if action in (None, row[0])]

    def add_member(self, name: str = "mara") -> int:
        """Save a member, so that the database has a row."""
        return self.one(
            "INSERT INTO users (username, email, password_hash) VALUES (%s, %s, 'x') RETURNING id",
            name,
            f"{name}@example.org",
        )

    def add_listing(self, owner: int, items: int = 1) -> int:
        """Save a listing with its category and items."""
        category = self.one(
            "INSERT INTO categories (level, name, slug) VALUES (1, 'Tools', 'tools-' || nextval(%s))"
            " RETURNING id",
            "listings_id_seq",
        )
        listing = self.one(
            "INSERT INTO listings (owner_id, category_id, title) VALUES (%s, %s, 'A drill') RETURNING id",
            owner,
            category,
        )
        for _ in range(items):
            self.rows(
                "INSERT INTO listing_items (listing_id, owner_id, kind, name)"
                " VALUES (%s, %s, 'offer', 'Drill')",
                listing,
                owner,
            )
        return listing


def _echo(_config: Config, message: str, *values: Any) -> None:
    """Print as Alembic does, which keeps the stream that was the standard output when it was imported."""
    click.echo(message % values if values else message)


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@with_appcontext
def _alembic(words: tuple[str, ...]) -> None:
    """Plain Alembic's own command line, in this process."""
    CommandLine("alembic").main(list(words))


def make_project(folder: Path, url: str) -> Project:
    """Copy the project's migrations to `folder`."""
    shutil.copytree(ROOT / "migrations", folder, ignore=shutil.ignore_patterns("__pycache__"))
    ini = folder / "alembic.ini"
    ini.write_text(ini.read_text().replace("[alembic]", f"[alembic]\nscript_location = {folder}", 1))
    backups = folder.parent / "backups"
    return Project(folder, url, {"BACKUP_DIR": str(backups), "PYTHONDONTWRITEBYTECODE": "1"})


def wait_until(condition: Callable[[], Any], process: subprocess.Popen[str] | None = None) -> Any:
    """Wait until a condition holds, and return its answer; fail at the deadline or if a process ends."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        if process is not None and process.poll() is not None:
            answer = condition()
            assert answer, "".join(process.communicate())
            return answer
        time.sleep(0.02)
    raise AssertionError("It did not happen.")


def kill(process: subprocess.Popen[str]) -> None:
    """End a process at once, as `kill -9` does."""
    with suppress(ProcessLookupError):
        process.kill()
    process.communicate()


def _indented(body: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in body.splitlines())
