"""Runs `flask …` and kills it, as `kill -9` would, right before or right after a function of ours runs.

Called as: python -m tests.support.killed before|after module:function flask-arguments…
"""

import os
import signal
import subprocess
import sys
from importlib import import_module
from typing import Any

from tests.support.postgresql import ROOT


def main(when: str, where: str, *arguments: str) -> None:
    """Have the function kill this process, and run the command."""
    module_name, _, name = where.partition(":")
    owner: Any = import_module(module_name)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    original = getattr(owner, last)

    def deadly(*values: Any, **options: Any) -> Any:
        if when == "after":
            original(*values, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, last, deadly)
    from flask.cli import main as flask

    sys.argv = ["flask", *arguments]
    flask()


def run_killed(
    when: str, where: str, *arguments: str, database_url: str, typed: str = "", **environment: str
) -> None:
    """Run the command in a process of its own, and see that it was killed there."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.support.killed", when, where, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "tests", **environment},
        capture_output=True,
        text=True,
        input=typed,
        check=False,
    )
    assert result.returncode == -signal.SIGKILL, f"{where}: {result.stdout}\n{result.stderr}"


if __name__ == "__main__":
    main(*sys.argv[1:])
