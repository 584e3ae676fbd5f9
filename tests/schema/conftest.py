"""Databases with rows in them, on the run's server and on an older one."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.conftest import dispose, make_app
from tests.factories import Factories
from tests.support import older_postgresql, postgresql
from tests.support.operator import FOUNDING_HEAD


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


FOUNDING_ROWS = """
INSERT INTO users (username, email, password_hash) VALUES ('ama', 'a@a.org', 'x'), ('bob', 'b@b.org', 'x');
INSERT INTO categories (level, name, slug) VALUES (1, 'Tools', 'tools'), (1, 'Bikes', 'bikes');
INSERT INTO listings (owner_id, category_id, title)
SELECT id, id, 'Ein Fahrrad: 50% rot, ''schnell'' – 自転車' FROM users;
INSERT INTO listing_items (listing_id, owner_id, kind, name, exchange_type, duration_days)
VALUES (1, 1, 'offer', 'Drill', 'permanent', NULL), (1, 1, 'offer', 'Ladder', 'temporary', 7),
       (2, 2, 'offer', 'Bike', 'permanent', NULL);
"""


@pytest.fixture
def founding_url(make_database: Callable[..., str], template_at: Callable[[str], str]) -> str:
    """A database at the founding chain's end, whatever came later, with rows as `site` has them."""
    url = make_database(template_at(FOUNDING_HEAD))
    with postgresql.connect(url) as cursor:
        cursor.execute(FOUNDING_ROWS)
    return url


@pytest.fixture
def founding_site(open_app: Callable[..., Flask], founding_url: str) -> Flask:
    """The application on that database."""
    return open_app(founding_url)


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
