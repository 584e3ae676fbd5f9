"""Every route is in the table, names its access rule, and answers each kind of person as the table says."""

import dataclasses
from datetime import UTC, datetime

import pytest
from flask import template_rendered

from tests.conventions.routes import ROUTES
from tests.factories.accounts import PASSWORD
from tests.support.project import TEMPLATES
from tests.support.tokens import paths_in_letters

UNKNOWN = "00000000-0000-4000-8000-000000000000"
PEOPLE = ("visitor", "member", "other", "owner")


@pytest.fixture
def owner(make):
    return make.member()


@pytest.fixture
def listing(make, owner):
    tools = make.category(slug="tools")
    return make.listing(owner_id=owner.id, category_id=tools.id, items=[{}, {"kind": "want"}])


@pytest.fixture
def item_id(rows, listing):
    return rows("SELECT min(id) FROM listing_items WHERE listing_id = :id", id=listing.id)[0][0]


@pytest.fixture
def draft_id(make, owner):
    return make.draft(owner_id=owner.id).id


@pytest.fixture
def search_id(make, owner):
    return make.saved_search(owner).id


@pytest.fixture
def device_id(make, owner):
    return make.device(owner).id


@pytest.fixture
def exchange_id(make, owner):
    return make.exchange(make.member(), owner).id


@pytest.fixture
def notification_id(make, owner):
    return make.notification(owner).id


@pytest.fixture
def browser(client, browser_of, make, owner, listing):
    """Makes the browser of one of PEOPLE."""

    def open_browser(person):
        if person == "visitor":
            return client
        member = owner if person == "owner" else make.member()
        if person == "other":
            make.listing(owner_id=member.id)
        return browser_of(member)

    return open_browser


def test_the_table_names_the_applications_routes_and_no_others(app):
    served = {
        (method, str(rule), getattr(app.view_functions[rule.endpoint], "access_rule", "none"))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert served == {(route.method, route.rule, route.access) for route in ROUTES}


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_each_route_answers_as_the_table_says(
    route, person, browser, listing, item_id, draft_id, search_id, device_id, exchange_id, notification_id
):
    answer = browser(person)
    path = route.path(
        listing.id,
        item_id,
        draft_id=draft_id,
        search_id=search_id,
        device_id=device_id,
        exchange_id=exchange_id,
        notification_id=notification_id,
    )
    response = answer.get(path) if route.method == "GET" else answer.submit(path)
    assert response.status_code == dataclasses.asdict(route)[person]
    if route.access != "public" and person == "visitor":
        assert response.location.startswith("/login")


@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_owners_route_to_nothing_is_unknown_to_all_members(person, method, browser, listing, search_id):
    answer = browser(person)
    for route in ROUTES:
        if route.access == "owner" and route.method == method:
            beyond = listing.id + 1_000_000
            path = route.path(
                beyond, search_id=search_id + 1_000_000, device_id=beyond, notification_id=beyond
            )
            response = answer.get(path) if method == "GET" else answer.submit(path)
            assert response.status_code == (303 if person == "visitor" else 404), path


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/my/listings", "/login?next=/my/listings"),
        ("/listings/7/edit", "/login?next=/listings/7/edit"),
        ("/listings/new?from=here", "/login?next=/listings/new?from%3Dhere"),
    ],
)
def test_a_visitor_comes_back_after_logging_in(client, path, back):
    assert client.get(path).location == back


def test_a_visitor_does_not_come_back_to_what_is_no_page(client):
    assert client.submit("/listings/7/archive").location == "/login"
    assert client.submit("/listings/7/delete").location == "/login?next=/listings/7/delete"


def swaps_under_way(make, owner):
    """Return the addresses of the forms and pages of the owner's swaps that are agreed on."""
    other = make.member()
    tent = make.item(make.listing(owner_id=other.id), exchange_type="temporary", duration_days=7)
    agreed = make.exchange(owner, other, state="accepted")
    lent = make.exchange(owner, other, [], [tent], state="lent")
    loan = make.loan(lent, tent)
    return [
        *(f"/swaps/{agreed.id}/{act}" for act in ("arrange", "sheet", "hand", "cancel", "dispute")),
        *(f"/swaps/{lent.id}/{act}?loan={loan.id}" for act in ("longer", "back")),
    ]


def test_every_page_template_is_reached_by_these_routes(
    app, browser, browser_of, listing, item_id, make, owner, search_id, exchange_id
):
    # One draft can be published, one cannot, and one is not there.
    offers = [{"name": "Drill"}]
    full = {
        "title": "Tools",
        "category_id": str(listing.category_id),
        "offers": offers,
        "lifetime_days": "30",
    }
    drafts = [make.draft(full, owner_id=owner.id).id, make.draft(owner_id=owner.id).id, UNKNOWN]
    rendered = set()

    def note(_app, template, **_more):
        rendered.add(template.name)

    setting_up, half_way = make.member(), make.member()
    make.second_factor(setting_up, confirmed_at=None)
    make.second_factor(half_way)
    with template_rendered.connected_to(note, app):
        for person in ("visitor", "owner"):
            answer = browser(person)
            for route in ROUTES:
                if route.method == "GET":
                    for draft_id in drafts if "draft_id" in route.rule else [UNKNOWN]:
                        path = route.path(
                            listing.id,
                            item_id,
                            draft_id=draft_id,
                            search_id=search_id,
                            exchange_id=exchange_id,
                        )
                        answer.get(path)
        administrator = browser_of(make.administrator())
        case = make.case(listing)
        for path in (
            "",
            "?show=decided",
            "/log",
            "/words",
            "/categories",
            "/categories/new",
            f"/cases/{case.id}",
        ):
            administrator.get(f"/moderation{path}")
        administrator.get(f"/report/listing/{listing.id}")
        for act in ("ask", "swap"):
            administrator.get(f"/items/{item_id}/{act}")
        administrator.submit(f"/items/{item_id}/swap", {"get": item_id, "open_days": "7"})
        administrator.get(f"/members/{owner.username}/block")
        for path in swaps_under_way(make, owner):
            answer.get(path)
        answer.submit(f"/swaps/{exchange_id}/messages")
        answer.get(f"/swaps/{make.exchange(owner, make.member(), state='completed').id}/review")
        dispute = make.dispute(make.exchange(make.member(), owner, state="disputed"))
        for path in ("", f"/{dispute.exchange_id}"):
            administrator.get(f"/moderation/swaps{path}")
        browser_of(make.suspended()).get("/my/listings")
        browser_of(make.member(leaving_at=datetime.now(UTC))).get("/account/leaving")
        for path in paths_in_letters(app, owner).values():
            answer.get(path)
        answer.get("/search?after=1-1")
        answer.submit(f"/listings/{listing.id}/archive")
        browser("visitor").get(f"/listings/{listing.id}")
        browser_of(setting_up).get("/account/second-factor/set-up")
        browser_of(half_way).submit("/account/second-factor/recovery-codes")
        half_done = browser("visitor")
        half_done.submit("/login", {"username": half_way.username, "password": PASSWORD})
        half_done.get("/login/code")
    # Parts of pages, pages for when something is wrong, and sitemaps, which are made piece by piece.
    others = {"components", "errors", "layouts", "maintenance", "metadata", "sitemap"}
    pages = {
        file.relative_to(TEMPLATES).as_posix()
        for file in TEMPLATES.glob("*/*.*ml")
        if file.parent.name not in others
    }
    pages -= {"mail/layout.html", *(f"mail/{file.stem}.html" for file in TEMPLATES.glob("mail/*.txt"))}
    # A picture that is not there is answered by an error's page.
    assert rendered - {"errors/404.html"} == pages
