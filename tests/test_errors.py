"""Every kind of failure has its page."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError
from werkzeug.exceptions import ServiceUnavailable

from marketplace import access
from marketplace.extensions import db
from tests.conftest import dispose, make_app, new_client
from tests.support.html import check_page, text_of
from tests.support.posting import publish
from tests.support.project import TEMPLATES

HEADINGS = {
    400: "That did not reach us in one piece",
    403: "This page is not yours to open",
    404: "There is nothing at this address",
    405: "This address is for sending a form",
    413: "That was too much at once",
    414: "That address is too long",
    429: "That was too often in a short time",
    500: "Something broke on our side",
    503: "Kula is closed for a moment",
}
# Nothing listens on port 1, and a refused connection is an answer at once.
NO_DATABASE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def broken():
    """The browser of a site without a database, some of whose pages fail."""
    app = make_app(NO_DATABASE)

    @app.get("/mistake", defaults={"after": ""})
    @app.get("/mistake/<path:after>")
    @access.public
    def mistake(after):
        raise RuntimeError("a secret of ours")

    @app.get("/closed")
    @access.public
    def closed():
        raise ServiceUnavailable(retry_after=30)

    @app.get("/no-rule")
    def no_rule():
        return "everything"

    yield new_client(app)
    dispose(app)


def heading_of(response):
    return text_of(check_page(response.text).find(".//h1"))


def test_each_code_has_its_page_and_each_page_its_code():
    assert {int(file.stem) for file in (TEMPLATES / "errors").iterdir()} == set(HEADINGS)


@pytest.mark.parametrize(
    ("code", "method", "path", "data"),
    [
        (400, "POST", "/login", {}),
        (404, "GET", "/nowhere", None),
        (404, "POST", "/nowhere", {}),
        (405, "GET", "/logout", None),
        (405, "PUT", "/", None),
        (413, "POST", "/login", {"username": "a" * 1_000_001}),
        (414, "GET", "/search?q=" + "a" * 4_000, None),
    ],
)
@pytest.mark.parametrize("who", ["visitor", "member"])
def test_a_refused_request_gets_its_page_in_the_sites_layout(who, code, method, path, data, client, make):
    if who == "member":
        client.sign_in(make.member())
    response = client.open(path, method=method, data=data)
    assert response.status_code == code
    assert heading_of(response) == HEADINGS[code]
    page = check_page(response.text)
    assert page.find(".//header//nav") is not None
    assert (page.find(".//*[@class='site-header__user']") is not None) == (who == "member")
    assert (code == 405) == ("Allow" in response.headers)


def test_a_page_of_somebody_else_is_forbidden(browser_of, make):
    listing = make.listing()
    response = browser_of(make.member()).get(f"/listings/{listing.id}/edit")
    assert (response.status_code, heading_of(response)) == (403, HEADINGS[403])


def test_a_view_without_a_rule_is_forbidden(broken):
    response = broken.get("/no-rule")
    assert (response.status_code, heading_of(response)) == (403, HEADINGS[403])
    assert "everything" not in response.text


# Of a member it is asked first whether they are suspended, which is where the database is missed.
@pytest.mark.parametrize(("session", "status"), [("none", 500), ("a member's", 503)])
def test_a_mistake_of_ours_has_its_page_without_the_database(session, status, broken):
    if session != "none":
        with broken.session_transaction() as values:
            values["_user_id"] = "1.0"
    response = broken.get("/mistake")
    assert (response.status_code, heading_of(response)) == (status, HEADINGS[status])
    assert "secret" not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("path", ["/", "/categories/tools", "/listings/1", "/items/1"])
def test_a_database_that_is_away_closes_the_site_for_a_moment(path, broken):
    response = broken.get(path)
    assert (response.status_code, heading_of(response)) == (503, HEADINGS[503])
    assert response.headers["Retry-After"] == "30"


def test_a_member_sees_the_same_on_pages_that_need_no_database_but_for_the_member(broken):
    with broken.session_transaction() as values:
        values["_user_id"] = "1.0"
    for path in ("/login", "/my/listings", "/nowhere", "/logout"):
        response = broken.get(path)
        assert (response.status_code, heading_of(response)) == (503, HEADINGS[503]), path


def test_what_needs_no_database_works_without_it(broken):
    assert broken.get("/login").status_code == 200
    assert broken.get("/nowhere").status_code == 404
    assert broken.get("/static/css/tokens.css").status_code == 200


def test_a_service_that_says_when_to_come_back_is_believed(broken):
    response = broken.get("/closed")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")


def test_a_rule_broken_unforeseen_saves_nothing(browser_of, make, rows, monkeypatch):
    from marketplace.listings import actions

    def save_and_fail(*_arguments):
        make.category(slug="half-way")
        raise IntegrityError("INSERT", {}, Exception("a secret of ours"))

    monkeypatch.setattr(actions, "post_listing", save_and_fail)
    category = make.category()
    form = {"title": "Tools", "category_id": category.id, "offers-0-name": "A drill"}
    response = publish(browser_of(make.member()), form)
    assert (response.status_code, heading_of(response)) == (500, HEADINGS[500])
    assert "secret" not in response.text


def test_a_host_that_cannot_be_one_is_refused(client, caplog):
    response = client.open("/", headers={"Host": "a" * 64})
    assert response.status_code == 400
    assert "Content-Security-Policy" in response.headers
    assert "failed" not in caplog.text


def test_the_log_has_one_line_for_a_path_with_line_breaks(broken, caplog):
    with caplog.at_level("ERROR"):
        assert broken.get("/mistake/%0aA%20request%20failed").status_code == 500
    assert "\nA request failed" not in caplog.text


def test_the_log_keeps_the_values_of_a_failed_statement_to_itself(app):
    with app.app_context(), pytest.raises(DataError) as failure:
        db.session.execute(text("SELECT 1 / 0 WHERE :secret <> ''"), {"secret": "a hash of ours"})
    assert "division by zero" in str(failure.value)
    assert "a hash of ours" not in str(failure.value)
