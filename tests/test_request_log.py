"""Each request has an id, and one line of JSON in production's log, with nothing in it that is a secret."""

import io
import json
import logging

import pytest
from sqlalchemy import text

from marketplace import access
from marketplace.extensions import db
from marketplace.request_log import shown_path
from tests.conftest import dispose, make_app, new_client
from tests.factories import Factories
from tests.factories.accounts import PASSWORD
from tests.support.production import enter_production
from tests.support.tokens import paths_in_letters

HTTPS = {"base_url": "https://localhost", "headers": {"Referer": "https://localhost/"}}
DRAFT = "/drafts/01234567-89ab-4def-8123-456789abcdef"
SAID = "words that a member wrote\n{\n"
INSERT = text("INSERT INTO users (username, email, password_hash) VALUES (:name, :said, :password)")


@pytest.fixture
def production(make_database, monkeypatch):
    """The site in production, where `/breaks-a-rule` and `/mistake` fail; its log is `log` of the app."""
    enter_production(monkeypatch)
    app = make_app(make_database())

    @app.post("/breaks-a-rule")
    @access.public
    def breaks_a_rule():
        db.session.execute(INSERT, {"name": "name", "said": SAID, "password": PASSWORD})

    @app.get("/mistake")
    @access.public
    def mistake():
        raise RuntimeError("two\nlines")

    app.log = io.StringIO()
    logging.getLogger("kula.request").handlers[0].setStream(app.log)
    yield app
    dispose(app)


def lines_of(app):
    """The log's lines, each of which must be JSON."""
    return [json.loads(line) for line in app.log.getvalue().splitlines()]


def test_a_request_has_one_line(production):
    response = new_client(production).get("/?page=1")
    (line,) = lines_of(production)
    assert line.pop("time").endswith("+00:00")
    assert line.pop("ms") >= 0
    assert line == {
        "level": "INFO",
        "logger": "kula.request",
        "message": "request",
        "request_id": response.headers["X-Request-ID"],
        "method": "GET",
        "path": "/",
        "status": 200,
        "bytes": len(response.data),
        "member_id": None,
    }


def test_what_never_reaches_flask_has_its_line_too(production):
    client = new_client(production)
    first = client.get("/")
    paths = {"/": {"If-None-Match": first.headers["ETag"]}, "/static/css/tokens.css": {}}
    for path, headers in paths.items():
        assert client.get(path, headers=headers).headers["X-Request-ID"]
    assert [(line["path"], line["status"]) for line in lines_of(production)[1:]] == [
        ("/", 304),
        ("/static/css/tokens.css", 200),
    ]


def test_a_line_names_the_member_by_number_alone(production):
    member = Factories(production).member(username="somebody")
    client = new_client(production)
    client.submit("/login", {"username": member.username, "password": PASSWORD}, **HTTPS)
    client.get("/my/listings", **HTTPS)
    client.submit("/logout", **HTTPS)
    client.get("/my/listings", **HTTPS)
    named = [(line["path"], line["member_id"]) for line in lines_of(production)]
    assert named == [
        ("/login", member.id),
        ("/my/listings", member.id),
        ("/logout", None),
        ("/my/listings", None),
    ]
    assert "somebody" not in production.log.getvalue()


def test_checks_of_health_have_no_line_while_all_is_well(production):
    assert new_client(production).get("/health").status_code == 200
    assert lines_of(production) == []


def test_nothing_secret_is_in_any_line(production):
    member = Factories(production).member()
    client = new_client(production).sign_in(member)
    client.set_cookie("theirs", "a-cookie-of-theirs")
    headers = {**HTTPS["headers"], "User-Agent": "a-browser-of-theirs", "Authorization": "Bearer a-token"}
    https = {"base_url": "https://localhost", "headers": headers}
    client.submit("/register", {"username": "x", "email": "e@example.org", "password": PASSWORD}, **https)
    client.submit(DRAFT, {"title": SAID}, **https)
    client.get("/search?q=looked-for", **https)
    client.get(f"/media/{'0123456789abcdef' * 2}/640.webp", **https)
    in_letters = paths_in_letters(production, member)
    for path in in_letters.values():
        assert client.get(path, **https).status_code == 200
    assert client.submit("/breaks-a-rule", **https).status_code == 500
    written = production.log.getvalue()
    secrets = (
        PASSWORD,
        "words that a member",
        "looked-for",
        "of-theirs",
        "a-token",
        "e@example.org",
        "0123456789abcdef",
        "89ab-4def",
        client.get_cookie("__Host-kula_session", "localhost").value,
        client.csrf_token(),
        # Without its signature, the last part, a token is worth nothing.
        *(path.rpartition(".")[2] for path in in_letters.values()),
    )
    assert len(lines_of(production)) >= 6
    for secret in secrets:
        assert secret not in written, secret


def test_a_mistake_is_told_with_its_traceback_in_the_log_alone(production):
    response = new_client(production).get("/mistake")
    number = response.headers["X-Request-ID"]
    assert number in response.text
    assert "Traceback" not in response.text
    assert "two" not in response.text
    told, line = lines_of(production)
    assert told["request_id"] == line["request_id"] == number
    assert (told["level"], line["status"]) == ("ERROR", 500)
    assert told["traceback"].endswith("RuntimeError: two\nlines")
    assert "in mistake" in told["traceback"]


def test_a_broken_rule_is_told_without_the_row_that_broke_it(production):
    assert new_client(production).submit("/breaks-a-rule", **HTTPS).status_code == 500
    told = lines_of(production)[0]["traceback"]
    assert "violates check constraint" in told
    assert "in breaks_a_rule" in told
    assert "words that" not in told


NASTY = [
    "/%1b[2J",
    "/%0d%0a%7b%22level%22:1%7d",
    "/%e2%80%a8line",
    "/\x1b[2J",
    '/"}{"',
    "/%ff",
    "/%00",
    "/" + "a/" * 900,
]


@pytest.mark.parametrize("path", NASTY)
def test_a_path_cannot_look_like_another_line(path, production):
    new_client(production).get(path)
    (line,) = lines_of(production)
    assert line["level"] == "INFO"
    assert len(line["path"]) <= 200
    assert production.log.getvalue().isascii()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/listings/123456", "/listings/123456"),
        ("/categories/tools/hand-tools", "/categories/tools/hand-tools"),
        (DRAFT, "/drafts/…"),
        (f"{DRAFT}/publish", "/drafts/…/publish"),
        ("/reset/eyJpZCI6MX0.aBcDeFgHiJkLmNoPqRsTuV", "/reset/eyJpZCI6MX0.…"),
    ],
)
def test_what_lets_people_in_is_left_out_of_paths(path, shown):
    assert shown_path(path) == shown


def test_the_id_is_ours_and_another_one_each_time(client):
    ids = {client.get("/login", headers={"X-Request-ID": "theirs"}).headers["X-Request-ID"] for _ in range(3)}
    assert len(ids) == 3
    assert "theirs" not in ids


def test_development_writes_no_lines(client, caplog):
    with caplog.at_level("INFO", logger="nothing of ours"):
        client.get("/login")
    assert not [record for record in caplog.records if record.name == "kula.request"]
