"""`flask serve` as an operator starts it: a process of its own, and all that it leaves behind."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

# Long, because it is met only when something is wrong.
PATIENCE_SECONDS = 60


SERVE = ("flask", "serve", "--port", "{port}")
GUNICORN = ("gunicorn", "wsgi:app", "--bind", "localhost:{port}", "--no-control-socket")


class Site:
    """A running site; `folder` is the project that it runs from."""

    def __init__(self, folder: Path, environment: Mapping[str, str], command: Sequence[str] = SERVE) -> None:
        self.port = free_port()
        self.address = f"http://localhost:{self.port}"
        # A session of its own, so that all its processes can be found and be sent Ctrl-C together.
        self.process = subprocess.Popen(
            [sys.executable, "-m", *(word.format(port=self.port) for word in command)],
            cwd=folder,
            env=dict(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.group = self.process.pid

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=PATIENCE_SECONDS) as response:  # noqa: S310
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def wait_until_it_answers(self) -> "Site":
        """Wait for the first answer; a site that ends instead fails the test with what it said."""

        def answers() -> bool:
            if self.process.poll() is not None:
                raise AssertionError(
                    f"ended with {self.process.returncode}:\n{self.process.communicate()[0]}"
                )
            try:
                return self.get("/health")[0] == 200
            except OSError:
                return False

        wait_until(answers, "the site answers")
        return self

    def processes(self) -> list[psutil.Process]:
        """All processes of the session, the first one included."""
        return [process for process in psutil.process_iter() if _session_of(process.pid) == self.group]

    def workers(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        # Beside them, one sends letters, and nobody can connect to it.
        return [each for each in psutil.Process(self.group).children() if _listens(each)]

    def interrupt(self) -> str:
        """Send Ctrl-C to everyone in the group, wait for the end, and return all that was printed."""
        os.killpg(self.group, signal.SIGINT)
        printed, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return printed

    def kill(self) -> None:
        """End all of its processes without a chance to tidy up."""
        for process in self.processes():
            process.kill()
        self.process.communicate(timeout=PATIENCE_SECONDS)


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Return when `condition` holds; AssertionError when it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        # Between two looks, not instead of one.
        time.sleep(0.05)


def free_port() -> int:
    """A port at which nobody listens at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def _listens(process: psutil.Process) -> bool:
    try:
        return any(each.status == psutil.CONN_LISTEN for each in process.net_connections())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
