"""Pages for everybody, with gaps for what differs by who looks: each sees what is made for them alone."""

import re

import pytest
from flask import abort, request
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

from marketplace import access
from marketplace.conditional import conditional
from marketplace.personal import personal, register
from tests.conftest import dispose, make_app

CHANGES = {
    "title": "UPDATE listings SET title = 'Changed'",
    "area": "UPDATE listings SET area = 'Changed'",
    "description": "UPDATE listings SET description = 'Changed'",
    "posted": "UPDATE listings SET created_at = created_at - interval '3 days'",
    "item": "UPDATE listing_items SET name = 'Changed'",
    "value": "UPDATE listing_items SET value = 77",
    "exchange type": "UPDATE listing_items SET exchange_type = 'temporary', duration_days = 9",
    "condition": "UPDATE listing_items SET condition = 'worn'",
    "member": "UPDATE users SET username = 'changed' WHERE username = 'owner'",
    "category": "UPDATE categories SET name = 'Changed'",
    "gone": "UPDATE listings SET status = 'archived'",
}
TOKEN = re.compile(r'name="csrf_token" value="[^"]+"')


@pytest.fixture
def site(make, client, browser_of, rows):
    """Everyone who may look at one listing, by name, and the pages that show it."""
    owner = make.member(username="owner")
    tools = make.category(slug="tools", name="Tools")
    listing = make.listing(owner_id=owner.id, category_id=tools.id, title="A drill", area="Here")
    watcher = make.member(username="watcher")
    make.watched(watcher, listing)
    readers = {
        "visitor": client,
        "member": browser_of(make.member(username="member")),
        "watcher": browser_of(watcher),
        "owner": browser_of(owner),
    }
    ((item_id,),) = rows("SELECT id FROM listing_items")
    listing_and_item = [f"/listings/{listing.id}", f"/items/{item_id}"]
    return readers, ["/", "/categories/tools", "/search?kind=offered", *listing_and_item]


def look(app, browser, path, *, anew):
    if anew:
        app.extensions["page_store"].clear()
    response = browser.get(path)
    return response.status_code, TOKEN.sub("token", response.text)


@pytest.mark.parametrize("first", ["visitor", "member", "watcher", "owner"])
def test_each_reader_sees_what_is_made_for_them_alone(first, site, app):
    readers, paths = site
    for path in paths:
        alone = {name: look(app, browser, path, anew=True) for name, browser in readers.items()}
        assert len({text for _, text in alone.values()}) >= 3, path
        look(app, readers[first], path, anew=True)
        for name, browser in readers.items():
            assert look(app, browser, path, anew=False) == alone[name], (path, name)


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_whatever_changes_is_seen_by_members(change, site, app, rows):
    readers, paths = site
    for path in paths:
        for browser in readers.values():
            look(app, browser, path, anew=False)
    rows(change + " RETURNING 1")
    for path in paths:
        for name, browser in readers.items():
            kept = look(app, browser, path, anew=False)
            assert kept == look(app, browser, path, anew=True), (path, name)


def test_a_kept_page_needs_the_version_and_the_reader(site):
    readers, paths = site
    for path in paths:
        readers["visitor"].get(path)
        readers["member"].get(path)
        is_of_listing = path.startswith(("/listings/", "/items/"))
        assert len(readers["member"].statements) == 1 + is_of_listing, path


def test_what_one_is_told_is_told_to_nobody_else(site, app):
    readers, _ = site
    with readers["member"].session_transaction() as session:
        session["_flashes"] = [("message", "Only for you")]
    assert "Only for you" in readers["member"].get("/").text
    assert "Only for you" not in readers["member"].get("/").text
    assert "Only for you" not in readers["watcher"].get("/").text


def test_an_owner_alone_sees_what_is_archived(site, app, rows):
    readers, paths = site
    rows("UPDATE listings SET status = 'archived' RETURNING 1")
    for names in (["owner", "member", "visitor"], ["visitor", "member", "owner"]):
        seen = {name: look(app, readers[name], paths[3], anew=False)[0] for name in names}
        assert seen == {"owner": 200, "member": 410, "visitor": 410}


@pytest.fixture
def odd(make_database):
    """A site with conditional views of our own."""
    app = make_app(make_database())

    def add(name, act):
        app.add_url_rule(f"/{name}", name, access.public(conditional(act)))

    register(app, "asked", lambda: request.headers.get("X-Asked", "nothing"))
    add("token", generate_csrf)
    add("twice", lambda: f"{personal('asked')} and {personal('asked')}")
    add("turned", lambda: "".join(reversed([f"{personal('asked')}.", f"1{personal('asked')} "])))
    add("status", lambda: (f"{personal('asked')}", 410))
    add("missing", lambda: personal("asked") and abort(404))
    # Not the checked browser: these are no whole pages.
    yield lambda: FlaskClient(app, app.response_class, use_cookies=False)
    dispose(app)


def test_a_reader_s_token_is_given_to_nobody_else(odd):
    assert odd().get("/token").text != odd().get("/token").text


@pytest.mark.parametrize(
    ("path", "text"), [("/twice", "{0} and {0}"), ("/turned", "1{0} {0}."), ("/status", "{0}")]
)
def test_gaps_are_filled_for_each_reader(path, text, odd):
    for asked in ("this", "that"):
        # With a session, so that nobody is given the whole page of another visitor.
        response = odd().get(path, headers={"X-Asked": asked, "Cookie": "kula_session="})
        assert response.text == text.format(asked)


def test_the_page_that_says_what_is_wrong_has_no_gaps(odd):
    response = odd().get("/missing")
    assert response.status_code == 404
    assert "site-header" in response.text
    assert "\0" not in response.text
