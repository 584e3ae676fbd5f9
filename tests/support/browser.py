"""What several browser tests do with a page."""

from playwright.sync_api import Page, Route

from tests.factories.accounts import PASSWORD


def log_in(page: Page, username: str) -> None:
    """Log a member of the factories in."""
    page.goto("/login")
    page.get_by_label("Username or e-mail address").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("button", name="Log out").wait_for()


def as_if_accepted(route: Route) -> None:
    """Hand a refused form to the browser as if it were an ordinary page.

    It has the status of an error, of which the browser's console would complain.
    """
    response = route.fetch()
    assert response.status == 422
    route.fulfill(response=response, status=200)
