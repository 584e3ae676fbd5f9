"""axe-core finds nothing to object to on the pages for what goes wrong, nor on that of a closed site.

The application makes each page; the browser is handed it as an ordinary one, for its console would complain.
"""

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from marketplace.errors import show_failure, show_unusable
from tests.browser.test_layout import OVERFLOW
from tests.conftest import dispose, make_app, new_client
from tests.support.axe import findings


@pytest.fixture
def look_at(open_page):
    """Shows a page's markup, and returns what is wrong with it in a narrow window."""

    def look(markup):
        page = open_page("/", viewport={"width": 320, "height": 800})
        page.route("**/as-it-was-made", lambda route: route.fulfill(body=markup, content_type="text/html"))
        page.goto("/as-it-was-made")
        assert page.evaluate(OVERFLOW) is None
        return findings(page)

    return look


REFUSED = {
    400: lambda browser, listing: browser.post("/login"),
    403: lambda browser, listing: browser.get(f"/listings/{listing.id}/edit"),
    404: lambda browser, listing: browser.get("/nowhere"),
    405: lambda browser, listing: browser.get("/logout"),
    410: lambda browser, listing: browser.get(f"/listings/{listing.id}"),
    413: lambda browser, listing: browser.post("/login", data={"name": "x" * 2_000_000}),
}

FAILURES = [
    (show_failure, RuntimeError("for the test"), 500),
    (show_unusable, PoolTimeout("for the test"), 503),
]


@pytest.mark.parametrize("status", REFUSED)
def test_a_refused_request(status, live_app, make_live, look_at):
    listing = make_live.listing(status="archived")
    browser = new_client(live_app).sign_in(make_live.member())
    response = REFUSED[status](browser, listing)
    assert response.status_code == status
    assert look_at(response.text) == []


@pytest.mark.parametrize(("show", "error", "status"), FAILURES)
def test_a_failure_of_the_site(show, error, status, live_app, look_at):
    with live_app.test_request_context():
        markup, answered, *_ = show(error)
    assert answered == status
    assert look_at(markup) == []


def test_a_place_beyond_the_last_listing(live_app, look_at):
    response = new_client(live_app).get("/search?after=1-1")
    assert response.status_code == 404
    assert look_at(response.text) == []


@pytest.mark.parametrize(("act", "status"), [("on", 503), ("announce", 200)])
def test_a_site_that_is_or_will_be_closed(act, status, make_database, look_at):
    app = make_app(make_database(), MAINTENANCE_CHECK_SECONDS=0)
    arguments = {"on": ["--for", "2h"], "announce": ["--at", "2099-01-01 22:00"]}[act]
    result = app.test_cli_runner().invoke(
        args=["maintenance", act, *arguments, "--message", "We add pictures."]
    )
    assert result.exit_code == 0, result.output
    response = new_client(app).get("/")
    dispose(app)
    assert response.status_code == status
    assert "We add pictures." in response.text
    assert look_at(response.text) == []
