"""Every route, asked by everybody, about what is theirs, somebody else's, hidden or deleted."""

import pytest

from tests.access.matrix import (
    ABOUT_LISTINGS,
    OBJECTS,
    PEOPLE,
    TEAM,
    expected,
    is_about_a_listing,
)
from tests.conventions.routes import ROUTES


@pytest.fixture
def site(make, rows, client, browser_of):
    """Makes what a person asks about, and returns their browser, and the path of each route to it."""

    def prepare(name, what):
        person = PEOPLE[name]
        reader = person.make(make) if person.make else None
        owner = reader if what.startswith("own") and reader is not None else make.member()
        if person.is_blocked and owner is not reader:
            make.block(owner, reader)
        tools = make.category(slug="tools")
        hidden = {"hidden_at": "2026-01-01T00:00:00Z"} if "hidden" in what else {}
        listing = make.listing(owner_id=owner.id, category_id=tools.id, **hidden)
        ((item_id,),) = rows("SELECT id FROM listing_items WHERE listing_id = :id", id=listing.id)
        # About somebody else, so that everybody with the role may judge it, and not in the sitemap.
        case = make.case(make.listing(status="archived"))
        draft, search, device = make.draft(owner_id=owner.id), make.saved_search(owner), make.device(owner)
        exchange = make.exchange(make.member(), owner)
        told = make.notification(owner)
        if what == "deleted":
            rows("DELETE FROM listings WHERE id = :id RETURNING id", id=listing.id)
        browser = browser_of(reader) if reader is not None else client

        def path(route):
            return route.path(
                listing.id,
                item_id,
                username=owner.username,
                draft_id=draft.id,
                search_id=search.id,
                device_id=device.id,
                notification_id=told.id,
                category_id=tools.id,
                case_id=case.id,
                exchange_id=exchange.id,
            )

        return browser, path

    return prepare


@pytest.mark.parametrize("what", OBJECTS)
@pytest.mark.parametrize("name", PEOPLE)
def test_each_route_answers_everybody_about_everything(name, what, site, app, connection):
    if name == "visitor" and what.startswith("own"):
        what = what.removeprefix("own, ") if what != "own" else "somebody else's"
    browser, path = site(name, what)
    with browser.session_transaction() as session:
        begun = dict(session)
    answers, table = {}, {}
    for route in ROUTES:
        # What is no listing is neither hidden nor deleted.
        if what not in ("own", "somebody else's") and not is_about_a_listing(route):
            continue
        with browser.session_transaction() as session:
            session.clear()
            session.update(begun)
        before = connection.begin_nested()
        response = browser.get(path(route)) if route.method == "GET" else browser.submit(path(route))
        before.rollback()
        answers[str(route)] = response.status_code
        table[str(route)] = expected(route, name, what)
    assert answers == table


def test_the_table_has_every_route_about_a_listing_and_no_others():
    assert ABOUT_LISTINGS.keys() == {str(route) for route in ROUTES if is_about_a_listing(route)}


def test_the_table_has_every_route_of_the_team_and_no_others():
    assert TEAM.keys() == {str(route) for route in ROUTES if route.access in ("moderator", "administrator")}
