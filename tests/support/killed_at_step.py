"""Runs `flask …` again and again, and kills it, as `kill -9` would, at its first step, its second, and so on.

A step is anything that can outlive the process: a statement or the end of a transaction sent to
PostgreSQL, a connection, a program that is started, a file that is made, locked, synced, renamed or removed.
Each is counted right before it is taken, and a program once more when it was just started.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType
from typing import Any

from tests.support.postgresql import ROOT

# The functions in C that are steps, by module; those of a connection or a cursor apart.
STEPS = {
    "posix": {"open", "mkdir", "rename", "replace", "unlink", "remove", "rmdir", "chmod", "fsync"},
    "fcntl": {"flock"},
    "_posixsubprocess": {"fork_exec"},
    "psycopg2._psycopg": {"_connect"},
}
STEPS_OF_DATABASE = {"execute", "executemany", "commit", "rollback", "copy_expert"}
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
    taken = 0

    def count(frame: FrameType, event: str, function: Any) -> None:
        nonlocal taken
        started = event == "c_return" and getattr(function, "__name__", "") == "fork_exec"
        if not started and not (event == "c_call" and _is_step(function)):
            return
        taken += 1
        if taken == number:
            os.write(2, f"\nkilled {_place(frame, event, function)}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(count)
    try:
        flask()
    finally:
        sys.setprofile(None)
    os._exit(0)


def _is_step(function: Any) -> bool:
    name = getattr(function, "__name__", "")
    owner = getattr(function, "__self__", None)
    if type(owner).__module__ == "psycopg2.extensions":
        return name in STEPS_OF_DATABASE
    module = getattr(function, "__module__", None) or getattr(owner, "__name__", None)
    return name in STEPS.get(str(module), ())


def _place(frame: FrameType, event: str, function: Any) -> str:
    """Which function of the project led to the step."""
    caller: FrameType | None = frame
    while caller is not None and f"{os.sep}marketplace{os.sep}" not in caller.f_code.co_filename:
        caller = caller.f_back
    where = f"{caller.f_code.co_name} (line {caller.f_lineno})" if caller else "the command line"
    return f"{'before' if event == 'c_call' else 'after'} {function.__name__} in {where}"


if __name__ == "__main__":
    main()
