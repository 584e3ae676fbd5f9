"""axe-core finds nothing to object to, on any page, in light and dark.

The pages come from the table of routes, so a page that is added there is checked here.
"""

import pytest

from tests.conventions.routes import ROUTES
from tests.support.axe import findings
from tests.support.browser import as_if_accepted, as_if_well, log_in


@pytest.fixture(scope="session")
def owner(make_live):
    return make_live.member()


@pytest.fixture(scope="session")
def paths(make_live, owner):
    """The paths of all GET routes, with the ids of a listing that has everything a page can show."""
    category = make_live.category(slug="seen-by-axe", name="Seen by axe")
    below = make_live.category(category, slug="below", name="Below")
    items = [
        {"name": "Drill", "description": "With two batteries.", "value": 40},
        {"name": "Ladder", "exchange_type": "temporary", "duration_days": 7},
        {"name": "Seedlings", "kind": "want"},
    ]
    listing = make_live.listing(owner_id=owner.id, category_id=category.id, items=items)
    make_live.listing(owner_id=owner.id, category_id=below.id)
    # Similar listings are those of other members.
    make_live.listing(category_id=category.id)
    make_live.listing(owner_id=owner.id, category_id=category.id, status="archived")
    item = make_live.item(listing, name="Tent")
    offers = [{"name": "Drill"}, {"name": "Saw", "exchange_type": "temporary", "duration_days": "7"}]
    about = {"title": "Tools", "category_id": str(category.id), "lifetime_days": "30"}
    draft = make_live.draft({**about, "offers": offers, "wants": [{"name": "A bike"}]}, owner_id=owner.id)
    search, swap = make_live.saved_search(owner), make_live.exchange(make_live.member(), owner)
    own = (owner.username, draft.id, search.id)
    return {
        route: route.path(listing.id, item.id, category.slug, *own, exchange_id=swap.id)
        for route in ROUTES
        if route.method == "GET"
    }


@pytest.fixture
def check_all(paths):
    """Returns what axe-core finds on each page that `person` of the table gets, by the page's path."""

    def check(page, person):
        found = {}
        for route, path in paths.items():
            if getattr(route, person) != 200:
                continue
            response = page.request.get(path)
            if response.headers["content-type"].startswith("text/html"):
                page.goto(path)
                found[path] = findings(page)
        return found

    return check


def test_every_page_of_a_visitor(open_page, check_all):
    found = check_all(open_page("/"), "visitor")
    assert len(found) >= 7
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_every_page_of_a_listings_owner(open_page, check_all, owner):
    page = open_page("/")
    log_in(page, owner.username)
    found = check_all(page, "owner")
    assert len(found) >= 9
    assert {path: faults for path, faults in found.items() if faults} == {}


def test_a_page_that_is_not_there(open_page):
    page = open_page("/")
    page.route("**/nowhere", as_if_well(404))
    page.goto("/nowhere")
    assert findings(page) == []


def test_a_listing_that_is_gone(open_page, make_live):
    listing = make_live.listing(status="archived")
    make_live.listing(category_id=listing.category_id)
    page = open_page("/")
    page.route(f"**/listings/{listing.id}", as_if_well(410))
    page.goto(f"/listings/{listing.id}")
    assert findings(page) == []


@pytest.mark.parametrize("path", ["/login", "/register"])
def test_a_refused_form(open_page, path):
    page = open_page(path)
    page.route(f"**{path}", as_if_accepted)
    page.get_by_role("main").get_by_role("button").click()
    page.get_by_role("alert").wait_for()
    assert findings(page) == []


def test_a_refused_listing(open_page, owner):
    page = open_page("/")
    log_in(page, owner.username)
    page.goto("/listings/new")
    page.get_by_role("button", name="Check your listing").last.click()
    page.get_by_role("alert").wait_for()
    assert findings(page) == []


def test_a_fault_is_found(open_page):
    page = open_page("/login")
    page.evaluate("document.querySelector('main label').remove()")
    assert any("label" in finding for finding in findings(page))
