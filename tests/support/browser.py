"""What several browser tests do with a page."""

from collections.abc import Callable

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
    """Hand a refused form to the browser as if it were an ordinary page."""
    as_if_well(422)(route)


def as_if_well(status: int) -> Callable[[Route], None]:
    """Hand a page with this status of an error to the browser as if it were an ordinary page.

    The browser's console would complain of the status.
    """

    def hand_over(route: Route) -> None:
        response = route.fetch()
        assert response.status == status
        route.fulfill(response=response, status=200)

    return hand_over
