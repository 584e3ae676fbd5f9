"""What an operator types, run in this process: quick enough for every revision there is.

The real programs are `tests.support.postgresql.run_project_command`; each spelling is tried by both.
"""

import contextlib
import logging
import os
import re
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import alembic.config
import click
import pytest
from alembic.script import ScriptDirectory
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import FlaskGroup

from tests.support.postgresql import ROOT, connect


def read_script() -> ScriptDirectory:
    """The revision files."""
    config = alembic.config.Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    return ScriptDirectory.from_config(config)


BASE = "base"
# All revisions, oldest first: whatever the tests say of each holds for one that is added later, too.
CHAIN = tuple(reversed([revision.revision for revision in read_script().walk_revisions()]))
STATES = (BASE, *CHAIN)
HEAD = CHAIN[-1]
SPELLINGS = ("flask", "alembic")


def in_either_spelling(states: Iterable[str | None]) -> list[Any]:
    """Parameters of tests that begin at each state: the state and the spelling.

    Both spellings at the ends of the chain. Elsewhere they take turns: in the quick tests at the founding
    states, and at all others in the long ones.
    """
    ends, founding = {None, BASE, HEAD}, CHAIN[:5]
    parameters = []
    for number, state in enumerate(states):
        for spelling in SPELLINGS if state in ends else [SPELLINGS[number % 2]]:
            marks = [] if state in ends or state in founding else [pytest.mark.soak]
            parameters.append(pytest.param(state, spelling, marks=marks))
    return parameters


# What the founding document ends with; later revisions are numbered, from 6 on.
FOUNDING_HEAD = "cbfc66708806"
NUMBERED = re.compile(r"(\d{4})_")


def numbered(name: str, after: int = 0) -> str:
    """The id that a new revision of this name gets: the next number, or the one `after` so many others."""
    numbers = [int(match[1]) for revision in CHAIN if (match := NUMBERED.match(revision))]
    return f"{max(numbers, default=5) + 1 + after:04}_{name}"


@dataclass(frozen=True)
class Outcome:
    """How a command ended, and all that it printed."""

    status: int
    output: str


class Operator:
    """Somebody at a terminal with one database."""

    def __init__(self, app: Flask, spelling: str = "flask") -> None:
        self.app = app
        self.url = app.config["SQLALCHEMY_DATABASE_URI"].render_as_string(hide_password=False)
        self.spelling = spelling

    def run(self, *arguments: str) -> Outcome:
        """Run `flask db …` or `alembic …`, whichever this operator writes.

        This operator has agreed to losses and made a backup beforehand.
        """
        with _alembic_prints_where_click_does(), _logging_kept():
            return self._flask(arguments) if self.spelling == "flask" else self._alembic(arguments)

    def _agreed(self, arguments: tuple[str, ...]) -> list[str]:
        if arguments[0] not in ("upgrade", "downgrade"):
            return list(arguments)
        if self.spelling == "flask":
            return [arguments[0], "--yes", "--no-backup", *arguments[1:]]
        return ["-x", "yes", "-x", "no-backup", *arguments]

    def must(self, *arguments: str) -> str:
        """Run a command that has to succeed, and return what it printed."""
        outcome = self.run(*arguments)
        assert outcome.status == 0, f"{self.spelling} {' '.join(arguments)}: {outcome.output}"
        return outcome.output

    def go_to(self, state: str) -> None:
        """Bring the database to a revision, or to base, through all the revisions between."""
        self.must("downgrade", BASE)
        if state != BASE:
            self.must("upgrade", state)

    def current(self) -> str:
        """The state that `current` names, which has to be what the database says."""
        words = self.must("current").split()
        named = next((word for word in words if word in CHAIN), BASE)
        assert named == stored_state(self.url), words
        assert ("(head)" in words) == (named == HEAD), words
        return named

    def _flask(self, arguments: tuple[str, ...]) -> Outcome:
        group = FlaskGroup(create_app=lambda: self.app, set_debug_flag=False, load_dotenv=False)
        # Flask leaves this variable behind; a value given here is taken back by the runner.
        runner = CliRunner(env={"FLASK_RUN_FROM_CLI": "true"})
        return _outcome(runner.invoke(group, ["db", *self._agreed(arguments)]))

    def _alembic(self, arguments: tuple[str, ...]) -> Outcome:
        @click.command()
        def alembic_program() -> None:
            alembic.config.main(argv=self._agreed(arguments), prog="alembic")

        with contextlib.chdir(ROOT), self.app.app_context():
            return _outcome(CliRunner().invoke(alembic_program, []))


def stored_state(url: str) -> str:
    """The revision that the database itself says it is at."""
    with connect(url) as cursor:
        cursor.execute("SELECT to_regclass('public.alembic_version')")
        if cursor.fetchone()[0] is None:
            return BASE
        cursor.execute("SELECT version_num FROM alembic_version")
        rows = cursor.fetchall()
    assert len(rows) <= 1, rows
    return rows[0][0] if rows else BASE


def _outcome(result: Result) -> Outcome:
    """A command that let an exception out has shown a traceback to whoever typed it."""
    escaped = result.exception is not None and not isinstance(result.exception, SystemExit)
    shown = "".join(traceback.format_exception(result.exception)) if escaped else ""
    return Outcome(result.exit_code, result.output + shown)


@contextlib.contextmanager
def _alembic_prints_where_click_does() -> Iterator[None]:
    """Alembic remembers the standard output of the time when it was imported, which pytest has replaced."""

    def print_now(_config: alembic.config.Config, text: str, *values: object) -> None:
        click.echo(str(text) % values if values else str(text))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alembic.config.Config, "print_stdout", print_now)
        yield


@contextlib.contextmanager
def _logging_kept() -> Iterator[None]:
    """The migrations configure logging for a process of their own; this one goes on with its own."""
    kept = [logging.getLogger(name) for name in (None, "sqlalchemy.engine", "alembic")]
    before = [(logger, logger.level, list(logger.handlers)) for logger in kept]
    try:
        yield
    finally:
        for logger, level, handlers in before:
            logger.setLevel(level)
            logger.handlers[:] = handlers


def as_environment(**changes: str) -> dict[str, str]:
    """This process's environment with changes."""
    return {**os.environ, **changes}
