"""What the tests of the operators' commands share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import dispose, make_app
from tests.support.catalogue import table_names
from tests.support.migrations import Project, make_project
from tests.support.operator import BASE, SPELLINGS, Operator
from tests.support.postgresql import Server


@pytest.fixture
def operator_at(
    make_database: Callable[..., str], template_at: Callable[[str], str]
) -> Iterator[Callable[..., Operator]]:
    """Brings somebody who uses one spelling, with a database at a revision or at base."""
    apps = []

    def bring(state: str, spelling: str = "flask") -> Operator:
        apps.append(make_app(make_database(template_at(state))))
        return Operator(apps[-1], spelling)

    yield bring
    for app in apps:
        dispose(app)


@pytest.fixture
def tables_at(template_at: Callable[[str], str], server: Server) -> Callable[[str], set[str]]:
    """The tables of a revision, as the steps up to it made them."""
    return lambda state: set() if state == BASE else table_names(server.url_of(template_at(state)))


@pytest.fixture
def operator(make_database: Callable[..., str]) -> Iterator[Operator]:
    """Somebody who writes `flask db …`, on a database at base."""
    app = make_app(make_database("template0"))
    yield Operator(app)
    dispose(app)


@pytest.fixture(params=SPELLINGS)
def either_operator(request: pytest.FixtureRequest, make_database: Callable[..., str]) -> Iterator[Operator]:
    """Somebody who writes `flask db …`, and then somebody who writes `alembic …`, at base."""
    app = make_app(make_database("template0"))
    yield Operator(app, request.param)
    dispose(app)


@pytest.fixture
def project(tmp_path: Path, make_database: Callable[..., str]) -> Iterator[Project]:
    """A copy of the migrations on a database at head, without rows."""
    project = make_project(tmp_path / "migrations", make_database())
    yield project
    project.close()


@pytest.fixture
def new_project(tmp_path: Path, make_database: Callable[..., str]) -> Iterator[Project]:
    """A copy of the migrations on an empty database."""
    project = make_project(tmp_path / "migrations", make_database("template0"))
    yield project
    project.close()


@pytest.fixture(params=SPELLINGS)
def spelling(request: pytest.FixtureRequest) -> str:
    """Each of the two ways to write a command."""
    return request.param
