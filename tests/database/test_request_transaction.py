"""A request's changes are kept when it succeeds, and undone when it does not."""

import pytest
from flask import abort
from sqlalchemy import text

from marketplace import access
from marketplace.extensions import db
from tests.conftest import dispose, make_app, new_client
from tests.support.postgresql import connect

WRITE = text("INSERT INTO categories (level, name, slug) VALUES (1, 'Kept', 'kept')")


@pytest.fixture
def site(make_database):
    """A browser of a site whose pages write, and what its database then has."""
    url = make_database()
    app = make_app(url, WTF_CSRF_ENABLED=False)

    def view(ending):
        @access.public
        def write():
            db.session.execute(WRITE)
            return ending()

        app.add_url_rule(f"/{ending.__name__}", ending.__name__, write, methods=["GET", "POST"])

    for ending in (succeed, redirect, refuse, forbid, fail):
        view(ending)

    def slugs():
        with connect(url) as cursor:
            cursor.execute("SELECT slug FROM categories")
            return cursor.fetchall()

    # Not the checked browser: these pages write on GET on purpose.
    yield super(type(new_client(app)), new_client(app)), slugs
    dispose(app)


def succeed():
    return "done"


def redirect():
    return "", 303


def refuse():
    return "", 422


def forbid():
    return abort(403)


def fail():
    raise RuntimeError


@pytest.mark.parametrize(
    ("method", "path", "status", "kept"),
    [
        ("POST", "/succeed", 200, [("kept",)]),
        ("POST", "/redirect", 303, [("kept",)]),
        ("POST", "/refuse", 422, []),
        ("POST", "/forbid", 403, []),
        ("POST", "/fail", 500, []),
        ("GET", "/succeed", 200, []),
        ("HEAD", "/succeed", 200, []),
    ],
)
def test_what_a_request_wrote_is_kept_only_if_it_succeeded(method, path, status, kept, site):
    client, slugs = site
    assert client.open(path, method=method).status_code == status
    assert slugs() == kept
