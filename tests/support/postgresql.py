"""A real PostgreSQL for the tests: one server a run, a template built by the migrations, a database each."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import make_url

from marketplace.database.embedded import load_wheel

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "kula_template"


@dataclass
class Server:
    """A running server; `url` leads to its maintenance database."""

    url: str
    handle: Any

    def url_of(self, database: str) -> str:
        """Return the URL of one of its databases."""
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def stop(self) -> None:
        """Stop the server and delete its files."""
        self.handle.cleanup()


def start_server() -> Server:
    """Start a server with empty data, tuned for data that nobody will miss."""
    # The folder is named shortly: a socket's path has little room.
    data = Path(tempfile.mkdtemp(prefix="kula-")) / "pg"
    handle = load_wheel()(data, cleanup_mode="delete")
    server = Server(handle.get_uri(), handle)
    with connect(server.url) as cursor:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            cursor.execute(f"ALTER SYSTEM SET {setting} = off")
        cursor.execute("SELECT pg_reload_conf()")
    return server


def make_template(server: Server) -> None:
    """Build the database that all others are copied from, by the migrations themselves."""
    create_database(server, TEMPLATE, template="template0")
    run_project_command("alembic", "upgrade", "head", database_url=server.url_of(TEMPLATE))


def create_database(server: Server, name: str, template: str = TEMPLATE) -> str:
    """Create a database as a copy of `template` and return its URL."""
    # Copying whole files takes half as long as writing them block by block into the log.
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
    with connect(server.url) as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        cursor.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    return server.url_of(name)


def drop_database(server: Server, name: str) -> None:
    """Drop a database, and whoever is still connected to it."""
    with connect(server.url) as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def connect(url: str) -> Iterator[Any]:
    """Yield a cursor of a connection of its own, each statement of which commits at once."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(plain)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def run_project_command(
    program: str, *arguments: str, database_url: str, check: bool = True, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run `flask` or `alembic` from the project's root, as an operator does."""
    result = subprocess.run(
        [sys.executable, "-m", program, *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, "SECRET_KEY": "tests", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if check and result.returncode != 0:
        raise AssertionError(f"{program} {' '.join(arguments)} failed:\n{result.stdout}\n{result.stderr}")
    return result
