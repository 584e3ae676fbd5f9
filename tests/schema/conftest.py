"""Databases with rows in them, on the run's server and on an older one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import dispose, make_app
from tests.factories import Factories
from tests.support import older_postgresql, postgresql


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    """The folder that this test's backups go to; not there yet."""
    return tmp_path / "backups"


@pytest.fixture
def open_app(backups: Path, make_database: Callable[..., str]) -> Iterator[Callable[..., Flask]]:
    """Makes applications on databases of this test, closed before these go; each has its context pushed."""
    opened: list[tuple[Flask, Any]] = []

    def build(url: str, **settings: Any) -> Flask:
        app = make_app(url, **{"BACKUP_DIR": str(backups), **settings})
        context = app.app_context()
        context.push()
        opened.append((app, context))
        return app

    yield build
    for app, context in reversed(opened):
        context.pop()
        dispose(app)


@pytest.fixture
def url(make_database: Callable[..., str]) -> str:
    """A migrated, empty database of this test alone."""
    return make_database()


@pytest.fixture
def site(open_app: Callable[..., Flask], url: str) -> Flask:
    """The application on a database with two members, two listings and three items."""
    app = open_app(url)
    fill(app)
    return app


def fill(app: Flask) -> None:
    """Add two members, two listings and three items."""
    make = Factories(app)
    make.listing(items=[{}, {"exchange_type": "temporary", "duration_days": 7}])
    make.listing(title="Ein Fahrrad: 50% rot, 'schnell' – 自転車")


@pytest.fixture(scope="session")
def old_server() -> Iterator[postgresql.Server]:
    """A server older than the embedded one."""
    with older_postgresql.older_server() as server:
        yield server


@pytest.fixture
def old_url(old_server: postgresql.Server, worker_id_or_main: str) -> str:
    """A migrated, empty database on the older server; it goes when that server stops."""
    url = postgresql.create_database(old_server, f"kula_old_{worker_id_or_main}", template="template0")
    postgresql.run_project_command("alembic", "upgrade", "head", database_url=url)
    return url
