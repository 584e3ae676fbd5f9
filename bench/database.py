"""The benchmark's own databases on the server that the application uses, filled with sample data and kept."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import psycopg2
from psycopg2 import sql
from sqlalchemy.engine import URL

from marketplace import create_app

ROOT = Path(__file__).resolve().parents[1]
SECRET = "measured"  # noqa: S105 - it signs the sessions of a benchmark.


class Databases:
    """The server, which runs at least as long as this object is there."""

    def __init__(self) -> None:
        self._app = create_app()
        self._url: URL = self._app.config["SQLALCHEMY_DATABASE_URI"]

    def filled(self, listings: int) -> str:
        """Return the URL of the database with at least this many listings, making what is missing."""
        name = f"kula_bench_{listings}"
        created = self._create(name)
        url = self._address(database=name)
        _flask(url, "db", "upgrade", "head")
        if created:
            _flask(url, "categories", "load", "marketplace/categories/starter.toml")
        with connected(url) as cursor:
            cursor.execute("SELECT count(*) FROM listings")
            missing = listings - cursor.fetchone()[0]
            if missing > 0:
                _flask(url, "sample-data", "--listings", str(missing))
                cursor.execute("VACUUM ANALYZE")
        # As every ten minutes where the site runs: what has expired since is no longer in the counters.
        _flask(url, "listings", "sweep")
        return url

    @contextmanager
    def copied(self, listings: int) -> Iterator[str]:
        """Yield the URL of a copy of that database, which nobody needs afterwards."""
        self.filled(listings)
        name = sql.Identifier(f"kula_bench_{listings}")
        copy = f"kula_bench_{listings}_copy"
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(copy))
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        with connected(self._address()) as cursor:
            cursor.execute(drop)
            cursor.execute(create.format(sql.Identifier(copy), name))
            try:
                yield self._address(database=copy)
            finally:
                cursor.execute(drop)

    def _address(self, **parts: str) -> str:
        return self._url.set(drivername="postgresql", **parts).render_as_string(hide_password=False)

    def _create(self, name: str) -> bool:
        with connected(self._address()) as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone():
                return False
            cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
            return True


class connected:  # noqa: N801 - it is used like a function.
    """A cursor on a connection of its own, each statement of which is committed."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg2.connect(url)
        self._connection.autocommit = True

    def __enter__(self) -> Any:
        return self._connection.cursor()

    def __exit__(self, *_error: object) -> None:
        self._connection.close()


def server_process(url: str) -> psutil.Process | None:
    """Return the server's first process, None when it runs on another machine."""
    with connected(url) as cursor:
        cursor.execute("SELECT pg_backend_pid(), inet_server_addr() IS NULL")
        pid, is_local = cursor.fetchone()
        return psutil.Process(pid).parent() if is_local and psutil.pid_exists(pid) else None


def environment(url: str, **more: str) -> dict[str, str]:
    """Return the environment in which a site works on a database."""
    # Nobody is there to take letters; they stay where they are.
    needed = {"SECRET_KEY": SECRET, "SITE_URL": "https://localhost", "SMTP_URL": "smtp://127.0.0.1:1"}
    return {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(ROOT), **needed, **more}


def _flask(url: str, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "flask", *words], cwd=ROOT, env=environment(url), check=True)
