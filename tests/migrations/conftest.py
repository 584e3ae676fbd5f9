"""An operator with an empty database of their own."""

from collections.abc import Callable, Iterator

import pytest

from tests.conftest import dispose, make_app
from tests.support.operator import SPELLINGS, Operator


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
