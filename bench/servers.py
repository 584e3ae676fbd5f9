"""Web servers to be measured, each a group of processes of its own."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import psutil

from bench.database import ROOT
from marketplace.serve import THREADS, WORKERS

PATIENCE_SECONDS = 120
# So many characters of what a server said are shown when it does not start.
SAID_SHOWN = 2000


@dataclass(frozen=True)
class Reply:
    """What one request was answered with."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Server:
    """A running server; leaving its `with` ends it."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = probe.getsockname()[1]
        # A line for each request would bury the figures.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = subprocess.Popen(
            [word.format(port=self.port) for word in command],
            cwd=ROOT,
            env=dict(env),
            stdout=self._said,
            stderr=self._said,
            start_new_session=True,
        )

    def __enter__(self) -> "Server":
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self.get("/health", {})
                return self
            except OSError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self._end()
                    self._said.seek(0)
                    said = self._said.read().decode(errors="replace")[-SAID_SHOWN:]
                    words = " ".join(self._process.args)
                    raise SystemExit(f"A server did not start: {words}\n{said}") from None
                time.sleep(0.05)

    def __exit__(self, *_error: object) -> None:
        self._end()
        self._said.close()

    def _end(self) -> None:
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait()

    def get(self, address: str, headers: Mapping[str, str]) -> Reply:
        """Ask once."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{address}", headers=dict(headers))
        try:
            with urllib.request.urlopen(request) as response:  # noqa: S310
                return Reply(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return Reply(error.code, error.headers, error.read())

    def process(self) -> psutil.Process:
        """The first process, whose children do the work."""
        return psutil.Process(self._process.pid)


def gunicorn(application: str, python: str = sys.executable) -> list[str]:
    """Return the command that serves `application` as `flask serve` serves the site."""
    return [
        *(python, "-m", "gunicorn", application, "--bind", "127.0.0.1:{port}", "--preload"),
        *("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)),
        *("--log-level", "critical", "--no-control-socket"),
    ]


def uvicorn(application: str, python: str) -> list[str]:
    """Return the command that serves an asynchronous `application` with as many processes."""
    return [
        *(python, "-m", "uvicorn", application, "--host", "127.0.0.1", "--port", "{port}"),
        *("--workers", str(WORKERS), "--log-level", "critical", "--no-access-log"),
    ]


def processor_seconds(process: psutil.Process | None) -> float | None:
    """Return the processor's time of a process and all below it, also what has ended; None for no process."""
    if process is None:
        return None
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total
