"""A request's changes are kept when it succeeds, and undone when it does not."""

import pytest
from flask import abort, flash
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

    for ending in (succeed, announce, redirect, refuse, forbid, fail):
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


def announce():
    flash("It is done.")
    return "", 303


def redirect():
    return "", 303


def refuse():
    return "", 422


def forbid():
    return abort(403)


def fail():
    raise RuntimeError


def test_a_commit_that_fails_leaves_the_session_as_it_was(site, monkeypatch):
    client, slugs = site
    monkeypatch.setattr(db.session, "commit", fail)
    response = client.open("/announce", method="POST")
    assert response.status_code == 500
    assert "Set-Cookie" not in response.headers
    assert slugs() == []


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
