"""A server that may be stopped, and a site on it that does not wait long."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from tests.conftest import dispose, make_app
from tests.support import postgresql


@pytest.fixture(scope="module")
def own_server() -> Iterator[postgresql.Server]:
    """A server of this module alone."""
    server = postgresql.start_server()
    postgresql.make_template(server)
    yield server
    server.stop()


@pytest.fixture
def database(own_server: postgresql.Server) -> Iterator[str]:
    """The URL of an empty database on it, for one test."""
    yield postgresql.create_database(own_server, "kula_faults")
    postgresql.drop_database(own_server, "kula_faults")


@pytest.fixture
def make_site(database: str) -> Iterator[Callable[..., Flask]]:
    """Makes the site on that database, with settings of the test's."""
    apps = []

    def make(**settings: object) -> Flask:
        apps.append(make_app(database, **settings))
        return apps[-1]

    yield make
    for app in apps:
        dispose(app)
