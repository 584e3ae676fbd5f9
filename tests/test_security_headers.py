"""Every response carries the headers that keep browsers to our word."""

import pytest

from marketplace.security_headers import HEADERS, ONLY_HTTPS
from tests.conftest import dispose, make_app, new_client
from tests.support.production import enter_production

# A page, one kept for all visitors, none, one not allowed, a redirect, JSON, XML, plain text.
PATHS = ["/login", "/", "/nowhere", "/logout", "/my/listings", "/health", "/search.atom", "/robots.txt"]
FILES = ["/static/css/tokens.css", "/static/img/kula.svg"]


def policy_of(headers):
    return dict(part.partition(" ")[::2] for part in headers["Content-Security-Policy"].split("; "))


@pytest.fixture
def production(make_database, monkeypatch):
    """A visitor's browser in production."""
    enter_production(monkeypatch)
    app = make_app(make_database())
    yield new_client(app)
    dispose(app)


@pytest.mark.parametrize("path", PATHS)
def test_a_response_says_what_pages_never_do(path, client):
    headers = client.get(path).headers
    for name in HEADERS.keys() - {"Cache-Control"}:
        assert headers.getlist(name) == [HEADERS[name]], name
    assert "private" in headers["Cache-Control"] or "no-store" in headers["Cache-Control"]


def test_the_policy_lets_in_what_is_the_sites_own_and_nothing_written_into_a_page():
    policy = policy_of(HEADERS)
    for directive in ("default-src", "object-src", "base-uri", "frame-ancestors"):
        assert policy[directive] == "'none'"
    for directive in ("script-src", "style-src", "connect-src", "form-action"):
        assert policy[directive] == "'self'"
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert "http" not in HEADERS["Content-Security-Policy"]


@pytest.mark.parametrize("feature", ["camera", "geolocation", "microphone", "payment"])
def test_no_page_asks_for_a_feature_of_the_browser(feature):
    assert f"{feature}=()" in HEADERS["Permissions-Policy"]


@pytest.mark.parametrize("path", FILES)
def test_a_static_file_is_for_this_site_alone_and_does_nothing_by_itself(path, client):
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "sandbox" in policy_of(headers)
    assert "Access-Control-Allow-Origin" not in headers


def test_production_is_to_be_had_over_https_alone(production):
    first = production.get("/")
    unchanged = production.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status_code == 304
    answers = [first, unchanged, *map(production.get, (*PATHS, *FILES))]
    assert {tuple(each.headers.getlist("Strict-Transport-Security")) for each in answers} == {
        tuple(ONLY_HTTPS.values())
    }


def test_development_is_not(client):
    assert "Strict-Transport-Security" not in client.get("/").headers


def test_logging_out_makes_the_browser_forget_the_members_pages(browser_of, make):
    browser = browser_of(make.member())
    assert "Clear-Site-Data" not in browser.get("/my/listings").headers
    assert browser.submit("/logout").headers["Clear-Site-Data"] == '"cache"'
    assert browser.get("/my/listings").location.startswith("/login")
