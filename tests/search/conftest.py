"""A site of generated listings, on which searches are held against the model."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from marketplace.search import plan
from tests.search.model import Listing
from tests.search.site import Site

# Ways to answer: gathering, walking, and walking so little that gathering follows.
_NEVER_GATHER = {"GATHERED_MAXIMUM": -1, "GATHERED_WITH_ITEMS": -1, "CLOSEST_GATHERED": -1}
_HARDLY_WALK = {"WALKED_MAXIMUM": 2, "WALKED_WITH_ITEMS": 2, "CLOSEST_WALKED_MAXIMUM": 2}
WAYS = {"gather": {}, "walk": _NEVER_GATHER, "walk a little": _NEVER_GATHER | _HARDLY_WALK}


@pytest.fixture(params=[pytest.param(8, id="quick"), pytest.param(80, id="long", marks=pytest.mark.soak)])
def rules(request: pytest.FixtureRequest) -> settings:
    """How many examples hypothesis makes: a few, and many in the long tests.

    What a test has is there for all of its examples; `filled` empties the site again after each.
    """
    return settings(
        max_examples=request.param,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


@pytest.fixture
def ways() -> Callable[..., Iterator[str]]:
    """Goes through these ways to answer a search, or all: each is the way while the loop is at it."""

    def go_through(*names: str) -> Iterator[str]:
        for way in names or WAYS:
            with pytest.MonkeyPatch.context() as patch:
                for name, value in WAYS[way].items():
                    patch.setattr(plan, name, value)
                yield way

    return go_through


@pytest.fixture
def model_site(connection: Any) -> Site:
    """The model's site without a listing."""
    return Site(connection)


@pytest.fixture
def filled(app: Any, model_site: Site, connection: Any) -> Callable[..., Any]:
    """Fills the site with listings as long as a block lasts, in an application context."""

    @contextmanager
    def fill(listings: list[Listing]) -> Iterator[Site]:
        savepoint = connection.begin_nested()
        try:
            model_site.add(listings)
            with app.test_request_context():
                yield model_site
        finally:
            savepoint.rollback()

    return fill


@pytest.fixture
def learn(app: Any, connection: Any) -> Callable[[], str]:
    """Learns the words that listings use, as operators do every night, and returns what is said of it."""

    def run() -> str:
        result = app.test_cli_runner().invoke(args=["search", "refresh-words"], catch_exceptions=False)
        assert result.exit_code == 0
        return str(result.output).strip()

    return run
