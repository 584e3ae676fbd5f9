"""Runs `flask …` again and again, and kills it, as `kill -9` would, at its first step, its second, and so on.

A step is anything that can outlive the process: a statement or the end of a transaction sent to
PostgreSQL, a connection, a program that is started, a file that is made, locked, synced, renamed or removed.
Each is counted right before it is taken, and a program once more when it was just started. Of what only
reads, again and again for one table after another, the first at each place in the code is counted.
"""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from importlib import import_module
from types import FrameType
from typing import Any

import psycopg2
from psycopg2.extensions import connection, cursor

from tests.support.postgresql import ROOT

# The functions that are steps, where they are looked up; those of a connection and a cursor stand below.
STEPS = {
    os: ("open", "mkdir", "rename", "replace", "unlink", "remove", "rmdir", "chmod", "fsync"),
    fcntl: ("flock",),
}
READS = re.compile(r"\s*SELECT\b", re.IGNORECASE)
_connect, _fork_exec = psycopg2._connect, subprocess._fork_exec  # type: ignore[attr-defined]
# What every run would load anew.
LOADED = (
    "flask.cli",
    "flask_migrate",
    "alembic.command",
    "alembic.autogenerate",
    *(f"marketplace.schema.{name}" for name in ("runner", "backup", "restore", "losses", "progress", "cli")),
)


class Killer:
    """A process that has everything loaded; each run is a fork of it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def run(self, number: int, *arguments: str, url: str, **environment: str) -> str | None:
        """Run `flask …` until its step of this number, and return which that was.

        A command that has fewer steps must succeed; None is returned then.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        wish = {
            "number": number,
            "arguments": arguments,
            "environment": {"DATABASE_URL": url, "SECRET_KEY": "tests", **environment},
        }
        print(json.dumps(wish), file=self._process.stdin, flush=True)
        status, said = json.loads(self._process.stdout.readline())
        if status == -signal.SIGKILL:
            return said.rpartition("killed ")[2].strip()
        assert status == 0, f"{' '.join(arguments)}: {said}"
        return None


@contextmanager
def killer() -> Iterator[Killer]:
    """Start the process, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.killed_at_step"],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "SECRET_KEY": "tests", "DATABASE_URL": ""},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        yield Killer(process)
        assert process.stdin is not None
        process.stdin.close()


def main() -> None:
    """Carry out wishes until there are no more."""
    for module in LOADED:
        import_module(module)
    from marketplace import create_app

    # It never connects; it has all features loaded.
    create_app({"SQLALCHEMY_DATABASE_URI": "postgresql:///nowhere"})
    for line in sys.stdin:
        wish = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            _be_flask(writing, **wish)
        os.close(writing)
        # A program that outlives its killed parent must not keep this waiting, so the end is not waited for.
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        os.set_blocking(reading, False)
        with os.fdopen(reading, "rb") as stream:
            said = (stream.read() or b"").decode(errors="replace")
        print(json.dumps([status, said]), flush=True)


def _be_flask(output: int, number: int, arguments: list[str], environment: dict[str, str]) -> None:
    from flask.cli import main as flask

    # As in a process of its own: without the lines on which wishes come and answers go.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for target, source in ((0, nowhere), (1, output), (2, output)):
        os.dup2(source, target)
    os.environ.update(environment)
    sys.argv = ["flask", *arguments]
    _count(number)
    flask()


def _count(number: int) -> None:
    """Have this process killed at its step of a number."""
    left = number
    # Where something was read since something was last changed.
    read_at: set[tuple[str, ...]] = set()

    def step(what: str, *, reads: bool = False) -> None:
        nonlocal left
        # What other threads do comes at any time, so it has no number.
        if threading.current_thread() is not threading.main_thread():
            return
        places = tuple(_places(sys._getframe()))
        if reads and places in read_at:
            return
        if reads:
            read_at.add(places)
        else:
            read_at.clear()
        left -= 1
        if left == 0:
            os.write(2, f"\nkilled {what} in {places[0] if places else 'the command line'}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def call(*values: Any, **options: Any) -> Any:
            # Where nothing is kept, nothing can be left behind.
            if os.devnull not in values:
                # To go back is what the server does with whoever is gone.
                reads = function is connection.rollback or any(
                    isinstance(value, str) and READS.match(value) for value in values
                )
                step(f"before {function.__name__}", reads=reads)
            return function(*values, **options)

        return call

    class Cursor(cursor):
        """Sends statements."""

        execute = counted(cursor.execute)
        executemany = counted(cursor.executemany)
        copy_expert = counted(cursor.copy_expert)

    class Connection(connection):
        """Ends transactions."""

        commit = counted(connection.commit)
        rollback = counted(connection.rollback)

        def cursor(self, *values: Any, **options: Any) -> Any:
            return super().cursor(*values, **{"cursor_factory": Cursor, **options})

    def connect(dsn: str, connection_factory: Any = None, **options: Any) -> Any:
        step("before connect")
        return _connect(dsn, connection_factory=connection_factory or Connection, **options)

    def start(*values: Any) -> int:
        step("before the start of a program")
        process = _fork_exec(*values)
        step("after the start of a program")
        return process

    for module, names in STEPS.items():
        for name in names:
            setattr(module, name, counted(getattr(module, name)))
    psycopg2._connect = connect
    subprocess._fork_exec = start  # type: ignore[attr-defined]


def _places(frame: FrameType | None) -> Iterator[str]:
    """Which functions of the project led to the step, the innermost first."""
    while frame is not None:
        if f"{os.sep}marketplace{os.sep}" in frame.f_code.co_filename:
            yield f"{frame.f_code.co_name} (line {frame.f_lineno})"
        frame = frame.f_back


if __name__ == "__main__":
    main()
