"""Fixtures for all tests. The database is always a real PostgreSQL, built by the migrations."""

import logging
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import Connection

from marketplace.logs import LOGGERS
from tests.factories import Factories
from tests.support import postgresql
from tests.support.client import CheckedClient
from tests.support.unclosed import Unclosed

# The tests say themselves what the application's environment is.
for variable in (
    "APP_ENV",
    "DATABASE_URL",
    "SECRET_KEY",
    "SITE_URL",
    "SMTP_URL",
    "MAIL_FROM",
    "PORT",
    "FLASK_APP",
    "FLASK_DEBUG",
):
    os.environ.pop(variable, None)

SERVER = pytest.StashKey[postgresql.Server]()
MEDIA = pytest.StashKey[tempfile.TemporaryDirectory[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Give this process, and the commands that it starts, a place for pictures."""
    config.stash[MEDIA] = tempfile.TemporaryDirectory(prefix="kula-media-")
    os.environ["MEDIA_URL"] = Path(config.stash[MEDIA].name).as_uri()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the one server of the run, in the process that has workers or does all by itself."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        server = postgresql.start_server()
        session.config.stash[SERVER] = server
        postgresql.make_template(server)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the server is."""
    node.workerinput["server_url"] = node.config.stash[SERVER].url


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server that this process started, and remove its pictures."""
    config.stash[MEDIA].cleanup()
    if SERVER in config.stash:
        config.stash[SERVER].stop()


@pytest.fixture(autouse=True)
def loggers_as_before() -> Iterator[None]:
    """Put back how this process writes its log, which a site in production changes."""
    before = [
        (each, each.handlers[:], each.propagate, each.level) for each in map(logging.getLogger, LOGGERS)
    ]
    yield
    for logger, handlers, propagate, level in before:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> postgresql.Server:
    """The run's server."""
    if hasattr(request.config, "workerinput"):
        return postgresql.Server(request.config.workerinput["server_url"], None)
    return request.config.stash[SERVER]


@pytest.fixture(scope="session")
def worker_id_or_main(request: pytest.FixtureRequest) -> str:
    """A name that no other process of the run has."""
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture(scope="session")
def app(server: postgresql.Server, worker_id_or_main: str) -> Iterator[Flask]:
    """The application on a migrated, empty database of this process; tests never commit to it."""
    app = make_app(postgresql.create_database(server, f"kula_{worker_id_or_main}"))
    yield app
    dispose(app)


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Makes hashing passwords cheap: it takes long on purpose."""
    from marketplace.accounts import rules

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "_hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        # What is made at the first password is made before any test.
        rules._hash_of_nothing.cache_clear()
        rules.password_matches(None, "")
        yield


@pytest.fixture
def connection(app: Flask) -> Iterator[Connection]:
    """The connection that all of a test goes through; whatever it commits is undone afterwards."""
    from marketplace.extensions import db

    with app.app_context():
        engines = db.engines
        before = dict(engines)
    with before[None].connect() as connection:
        outer = connection.begin()
        # Sessions on a connection inside a savepoint commit and roll back savepoints of their own.
        connection.begin_nested()
        engines.update(dict.fromkeys(before, connection))
        # What goes past SQLAlchemy goes through the same connection, which it must not close.
        connection.raw_connection = lambda: Unclosed(connection.connection)
        try:
            yield connection
        finally:
            engines.update(before)
            outer.rollback()


@pytest.fixture
def context(app: Flask, connection: Connection) -> Iterator[None]:
    """A request context, for code that is called without a client."""
    with app.test_request_context():
        yield


@pytest.fixture
def client(app: Flask, connection: Connection) -> CheckedClient:
    """A visitor's browser."""
    return new_client(app)


@pytest.fixture
def browser_of(app: Flask, connection: Connection) -> Callable[[Any], CheckedClient]:
    """Makes a browser in which the given member is logged in."""
    return lambda member: new_client(app).sign_in(member)


@pytest.fixture
def make(app: Flask, connection: Connection) -> Factories:
    """Makes members, categories and listings for a test."""
    return Factories(app)


@pytest.fixture
def rows(connection: Connection) -> Callable[..., list[Any]]:
    """Runs SQL on the test's connection and returns its rows."""
    return lambda statement, **values: list(connection.execute(text(statement), values))


@pytest.fixture
def make_database(server: postgresql.Server, worker_id_or_main: str) -> Iterator[Callable[..., str]]:
    """Makes databases of this test alone, on which commits are real, and returns their URLs."""
    names: list[str] = []

    def create(template: str = postgresql.TEMPLATE) -> str:
        names.append(f"kula_{worker_id_or_main}_{len(names)}")
        return postgresql.create_database(server, names[-1], template)

    yield create
    for name in names:
        postgresql.drop_database(server, name)


@pytest.fixture(scope="session")
def template_at(server: postgresql.Server, worker_id_or_main: str) -> Callable[[str], str]:
    """Names a database without rows to copy, at a revision or at base; made when first asked for."""
    from tests.support.operator import BASE, STATES, Operator

    made = {BASE: "template0"}

    def name_of(state: str) -> str:
        if state not in made:
            height = STATES.index(state)
            name = f"kula_{worker_id_or_main}_at_{height}"
            url = postgresql.create_database(server, name, name_of(STATES[height - 1]))
            app = make_app(url)
            Operator(app).must("upgrade", "+1")
            dispose(app)
            made[state] = name
        return made[state]

    return name_of


@pytest.fixture
def committing_app(make_database: Callable[..., str]) -> Iterator[Flask]:
    """The application on a migrated, empty database of this test alone, on which commits are real."""
    app = make_app(make_database())
    yield app
    dispose(app)


def make_app(database_url: str, **overrides: Any) -> Flask:
    """Build the application for a test."""
    from marketplace import create_app

    settings = {"SECRET_KEY": "tests", "SQLALCHEMY_DATABASE_URI": database_url, "TESTING": True}
    # A test does in a second what people do in a day. Those of the limits have them as they are. And it looks
    # at once at what it has changed, which visitors of the site may see an instant later.
    app = create_app({**settings, "THROTTLING_SCALE": 1_000_000, "VERSION_SHARED_SECONDS": 0, **overrides})
    # TESTING would let exceptions through; the tests look at the pages that people would see.
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.test_client_class = CheckedClient
    return app


def dispose(app: Flask) -> None:
    """Close the application's connections."""
    from marketplace.extensions import db

    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


def new_client(app: Flask) -> CheckedClient:
    """Return a browser of its own."""
    client = app.test_client()
    assert isinstance(client, CheckedClient)
    return client
