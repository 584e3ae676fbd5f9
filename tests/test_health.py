"""`/health`: right in every state of the database, quick when it hangs, silent about secrets."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from marketplace.extensions import db
from marketplace.schema import ledger
from tests.conftest import dispose, make_app, new_client
from tests.support.operator import BASE, CHAIN, HEAD, STATES, Operator, as_environment
from tests.support.postgresql import ROOT, connect
from tests.support.site import GUNICORN, PATIENCE_SECONDS, Site, wait_until

FIELDS = {"status", "database", "revision", "head", "pending"}
PASSWORD = "the-word-that-nobody-may-see"


@pytest.fixture
def app_at() -> Iterator[Callable[..., Flask]]:
    """Makes applications on any address."""
    apps: list[Flask] = []

    def make(url: str, **overrides: Any) -> Flask:
        apps.append(make_app(url, **overrides))
        return apps[-1]

    yield make
    for app in apps:
        dispose(app)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def ask(app: Flask) -> TestResponse:
    """Ask, and fail instead of waiting for ever when there is no answer."""
    answers: list[TestResponse] = []
    asking = threading.Thread(target=lambda: answers.append(new_client(app).get("/health")), daemon=True)
    asking.start()
    asking.join(PATIENCE_SECONDS)
    assert answers, "there is no answer"
    return answers[0]


def health(app: Flask, status: int) -> dict[str, Any]:
    """Ask, and return the fields; they are the same whatever has happened."""
    response = ask(app)
    assert response.status_code == status, response.text
    assert response.mimetype == "application/json"
    assert response.json.keys() == FIELDS
    return response.json


def unreachable() -> dict[str, Any]:
    return {
        "status": "database unreachable",
        "database": False,
        "revision": None,
        "head": HEAD,
        "pending": None,
    }


def test_it_is_well_at_head(committing_app):
    assert health(committing_app, 200) == {
        "status": "ok",
        "database": True,
        "revision": HEAD,
        "head": HEAD,
        "pending": 0,
    }


def test_it_is_not_well_at_any_other_revision(committing_app):
    operator = Operator(committing_app)
    for pending, state in enumerate(reversed(STATES[:-1]), start=1):
        operator.must("downgrade", "-1")
        assert health(committing_app, 503) == {
            "status": "schema is not at head",
            "database": True,
            "revision": None if state == BASE else state,
            "head": HEAD,
            "pending": pending,
        }


def test_it_is_not_well_without_a_record_of_revisions(committing_app):
    with connect(Operator(committing_app).url) as cursor:
        cursor.execute("DROP TABLE alembic_version")
    body = health(committing_app, 503)
    assert (body["database"], body["revision"], body["pending"]) == (True, None, len(CHAIN))


def test_it_is_not_well_at_a_revision_of_a_later_version(committing_app):
    with connect(Operator(committing_app).url) as cursor:
        cursor.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    body = health(committing_app, 503)
    assert (body["database"], body["revision"]) == (True, "9999_from_the_future")


@pytest.mark.parametrize(("action", "code"), [("upgrade", 200), ("downgrade", 503)])
def test_it_is_well_where_a_later_version_brought_the_schema(committing_app, action, code):
    with connect(Operator(committing_app).url) as cursor:
        cursor.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
    with committing_app.app_context():
        ledger.record(
            db.engine, action=action, revision="9999_from_the_future", previous=HEAD, seconds=0, detail={}
        )
    body = health(committing_app, code)
    assert (body["revision"], body["head"], body["pending"]) == ("9999_from_the_future", HEAD, 0)


def test_it_is_not_well_at_an_unknown_revision_without_a_ledger(committing_app):
    with connect(Operator(committing_app).url) as cursor:
        cursor.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")
        cursor.execute("DROP SCHEMA operations CASCADE")
    assert health(committing_app, 503)["revision"] == "9999_from_the_future"


def test_it_says_so_when_the_server_refuses(app_at, closed_port):
    app = app_at(f"postgresql://kula:{PASSWORD}@127.0.0.1:{closed_port}/kula")
    assert health(app, 503) == unreachable()


def test_it_says_so_when_the_database_does_not_exist(app_at, server):
    assert health(app_at(server.url_of("kula_nowhere")), 503) == unreachable()


def test_it_does_not_wait_for_a_server_that_never_answers(app_at, silent_port):
    app = app_at(f"postgresql://kula:{PASSWORD}@127.0.0.1:{silent_port}/kula")
    assert health(app, 503) == unreachable()


def test_it_does_not_wait_for_a_lock(committing_app):
    with connect(Operator(committing_app).url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
        assert health(committing_app, 503) == unreachable()
        cursor.execute("ROLLBACK")
    assert health(committing_app, 200)["status"] == "ok"


def test_it_needs_no_connection_of_the_pool(app_at, make_database):
    from marketplace.extensions import db

    app = app_at(
        make_database(),
        SQLALCHEMY_ENGINE_OPTIONS={"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.01},
    )
    with app.app_context(), db.engine.connect():
        assert new_client(app).get("/").status_code == 503, "the pool is not exhausted"
        assert health(app, 200)["status"] == "ok"


def test_it_leaves_no_connection_behind(committing_app):
    for _ in range(3):
        health(committing_app, 200)
    with connect(Operator(committing_app).url) as cursor:

        def alone() -> bool:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            return cursor.fetchone()[0] == 0

        # A server notices a moment later that somebody has hung up.
        wait_until(alone, "all connections of the checks have ended")


@pytest.mark.parametrize("port", ["silent_port", "closed_port"])
def test_it_says_nothing_secret(app_at, request, port):
    number = request.getfixturevalue(port)
    response = ask(app_at(f"postgresql://kula:{PASSWORD}@127.0.0.1:{number}/kula"))
    said = response.text + str(response.headers)
    for secret in (PASSWORD, "127.0.0.1", str(number), "postgresql"):
        assert secret not in said


@pytest.mark.parametrize("name", ["gunicorn.access", "werkzeug"])
def test_its_access_lines_are_left_out_at_info(app, name):
    logger = logging.getLogger(name)
    kept: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(record.getMessage())
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        for method in ("GET", "HEAD"):
            for path in ("/health", "/health?verbose=1"):
                logger.info('127.0.0.1 - - [01/Jan/2026] "%s %s HTTP/1.1" 200 90', method, path)
        assert kept == []
        logger.info('127.0.0.1 - - [01/Jan/2026] "GET /healthy HTTP/1.1" 404 90')
        logger.info('127.0.0.1 - - [01/Jan/2026] "GET / HTTP/1.1" 200 90')
        logger.error("GET /health failed")
        logger.info('127.0.0.1 - - [01/Jan/2026] "GET /a HTTP/1.1" 200 90 "-" "GET /health "')
        logger.info('127.0.0.1 - \\"GET /health [01/Jan/2026] "GET /a HTTP/1.1" 200 90 "-" "-"')
        assert len(kept) == 5
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_gunicorn_writes_no_access_line_of_it(make_database):
    environment = as_environment(DATABASE_URL=make_database(), SECRET_KEY="tests")
    site = Site(ROOT, environment, [*GUNICORN, "--access-logfile", "-"])
    try:
        site.wait_until_it_answers()
        assert site.get("/login")[0] == 200
        assert site.get("/health")[0] == 200
        printed = site.interrupt()
    finally:
        site.kill()
    assert '"GET /login HTTP/1.1" 200' in printed
    assert "/health" not in printed


def test_it_is_asked_without_a_session(committing_app):
    response = new_client(committing_app).get("/health")
    assert "Set-Cookie" not in response.headers
    assert "no-cache" in response.headers["Cache-Control"]
