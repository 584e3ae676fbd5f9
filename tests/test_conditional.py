"""Pages for visitors are made once for each version of the content: never anybody else's, nor stale.

But for one test, no look at the version is shared: see `make_app`.
"""

import itertools
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from flask import flash, session
from flask.testing import FlaskClient
from sqlalchemy import text, update

from marketplace import access, conditional, freshness
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.page_store import ENTRY_BYTES, PageStore, StoredPage
from tests.conftest import dispose, make_app, new_client
from tests.factories import Factories
from tests.support.postgresql import connect

CHANGES = {
    "a listing is posted": "INSERT INTO listings (owner_id, category_id, title)"
    " SELECT owner_id, category_id, 'Another' FROM listings LIMIT 1",
    "a title changes": "UPDATE listings SET title = 'Changed'",
    "a listing is archived": "UPDATE listings SET status = 'archived'",
    "a listing is deleted": "DELETE FROM listings",
    "an item changes": "UPDATE listing_items SET name = 'Changed'",
    "an item is deleted": "DELETE FROM listing_items",
    "a member has another name": "UPDATE users SET username = 'changed'",
    "a category has another name": "UPDATE categories SET name = 'Changed'",
    "a category is added": "INSERT INTO categories (level, name, slug) VALUES (1, 'New', 'new')",
}


@pytest.fixture
def address(make, rows):
    """The pages of one listing, by name."""
    tools = make.category(slug="tools", name="Tools")
    listing = make.listing(title="A drill", category_id=tools.id)
    ((item_id,),) = rows("SELECT id FROM listing_items")
    return {
        "home": "/",
        "category": "/categories/tools",
        "listing": f"/listings/{listing.id}",
        "item": f"/items/{item_id}",
    }


PAGES = pytest.mark.parametrize("page", ["home", "category", "listing", "item"])


def plain_browser(app):
    """A browser of its own that looks at no page, so that pages may be anything and threads may use it."""
    return FlaskClient(app, app.response_class)


def headers_of(response):
    """The headers of an answer but for the request's id, which no two have."""
    return sorted(pair for pair in response.headers if pair[0] != "X-Request-ID")


def again(browser, path, response, **headers):
    """Ask for a page with the tag that it had."""
    return browser.get(path, headers={"If-None-Match": response.headers["ETag"], **headers})


@PAGES
def test_an_unchanged_page_is_not_sent_again(page, address, client):
    first = client.get(address[page])
    assert first.status_code == 200
    second = again(client, address[page], first)
    assert (second.status_code, second.data) == (304, b"")
    assert client.statements == []
    for name in ("ETag", "Vary", "Cache-Control", "Content-Security-Policy"):
        assert second.headers.getlist(name) == first.headers.getlist(name), name
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Vary"] == "Cookie"


@PAGES
def test_another_visitor_gets_the_page_as_it_was_made(page, address, app, client):
    first = client.get(address[page])
    assert client.statements
    other = new_client(app)
    second = other.get(address[page])
    assert other.statements == []
    assert second.data == first.data
    assert headers_of(second) == headers_of(first)


@PAGES
@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_whatever_changes_the_page_is_made_anew(page, change, address, client, rows, connection):
    first = client.get(address[page])
    connection.execute(text(change))
    second = again(client, address[page], first)
    assert second.status_code != 304
    assert second.headers.get("ETag") != first.headers["ETag"]
    # As it would be made by a process that knows nothing.
    client.application.extensions["page_store"].clear()
    client.application.extensions.pop("category_tree")
    assert client.get(address[page]).data == second.data


@PAGES
def test_a_member_is_never_given_a_visitors_page(page, address, client, browser_of, make):
    first = client.get(address[page])
    member = make.member(username="somebody")
    browser = browser_of(member)
    for response in (browser.get(address[page]), again(browser, address[page], first)):
        assert response.status_code == 200
        assert "somebody" in response.text
        assert "ETag" not in response.headers


@PAGES
def test_a_visitor_is_never_given_a_members_page(page, address, client, browser_of, make):
    member = make.member(username="somebody")
    browser_of(member).get(address[page])
    response = client.get(address[page])
    assert "somebody" not in response.text
    assert "Log in" in response.text


def test_a_tag_is_of_one_address_on_one_host_alone(address, client):
    first = client.get(address["home"])
    assert again(client, address["listing"], first).status_code == 200
    assert again(client, "/?page=1", first).status_code == 200
    assert again(client, address["home"], first, Host="other.example").status_code == 200
    assert again(client, address["home"], first).status_code == 304


@pytest.mark.parametrize("form", ["W/{}", '"other", {}', "{} , W/{}"])
def test_a_tag_is_known_as_servers_in_between_write_it(form, address, client):
    tag = client.get(address["home"]).headers["ETag"]
    response = client.get(address["home"], headers={"If-None-Match": form.format(tag, tag)})
    assert response.status_code == 304


@pytest.mark.parametrize("tag", ['"ffffffffffff-0123456789abcdef0123456789abcdef"', "*", "", '"', "ü"])
def test_a_tag_that_was_never_given_is_none(tag, address, client):
    assert client.get(address["home"], headers={"If-None-Match": tag}).status_code == 200


def test_a_tag_that_says_it_is_good_for_longer_is_none(address, client):
    until, _, digest = client.get(address["home"]).headers["ETag"].strip('"').partition("-")
    longer = f'"{int(until, 16) + 1:x}-{digest}"'
    assert client.get(address["home"], headers={"If-None-Match": longer}).status_code == 200


@PAGES
def test_head_has_the_headers_of_the_page(page, address, app, client):
    asked_first = client.head(address[page])
    made = client.get(address[page])
    kept = client.head(address[page])
    for response in (asked_first, kept):
        assert response.data == b""
        assert headers_of(response) == headers_of(made)
    assert client.head(address[page], headers={"If-None-Match": made.headers["ETag"]}).status_code == 304


def test_a_page_that_is_not_there_has_no_tag(address, client):
    for path in ("/listings/999999", "/categories/none", "/nowhere"):
        assert "ETag" not in client.get(path).headers


def test_a_posted_form_is_never_answered_with_a_kept_page(address, client):
    tag = client.get("/").headers["ETag"]
    assert client.post("/", headers={"If-None-Match": tag}).status_code in (400, 405)


@pytest.fixture
def odd(server, make_database):
    """A browser of a site with conditional views that do what none should."""
    app = make_app(make_database())
    looks = itertools.count()

    def add(name, act):
        @access.public
        @conditional.conditional
        def view():
            act()
            return f"look {next(looks)}"

        app.add_url_rule(f"/{name}", name, view)

    add("flash", lambda: flash("Only for you"))
    add("session", lambda: session.update(known=True))
    add("past", lambda: freshness.true_until(1))
    add("soon", lambda: freshness.true_until(datetime.now(UTC).timestamp() + 2))
    add("plain", lambda: None)
    # Not the checked browser, and no cookies: these are not whole pages.
    yield plain_browser(app).get, app
    dispose(app)


@pytest.mark.parametrize("name", ["flash", "session", "past"])
def test_an_answer_for_one_browser_or_one_look_is_not_kept(name, odd):
    _, app = odd
    answers = [plain_browser(app).get(f"/{name}") for _ in range(2)]
    assert answers[0].data != answers[1].data
    assert all("ETag" not in answer.headers for answer in answers)


def test_a_page_is_made_anew_when_it_is_no_longer_true(odd):
    ask, app = odd
    first = ask("/soon")
    assert ask("/soon").data == first.data
    until = int(first.headers["ETag"].strip('"').partition("-")[0], 16)
    url = app.config["SQLALCHEMY_DATABASE_URI"].set(drivername="postgresql")
    with connect(url.render_as_string(hide_password=False)) as cursor:
        cursor.execute("SELECT pg_sleep_until(to_timestamp(%s))", [until])
    assert ask("/soon", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert ask("/soon").data != first.data


def test_other_static_files_make_other_tags(odd):
    ask, app = odd
    first = ask("/plain")
    assert ask("/plain", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    app.extensions["assets"].edition = "another"
    assert ask("/plain", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
    assert ask("/plain").data != first.data


def test_a_page_ends_with_the_next_listing_that_does(address, client, rows):
    end = datetime.now(UTC) + timedelta(hours=1)
    rows(
        "UPDATE listings SET lifetime_days = 30, expires_at = :end, created_at = '2020-02-02' RETURNING id",
        end=end,
    )
    until = int(client.get(address["category"]).headers["ETag"].strip('"').partition("-")[0], 16)
    assert until <= end.timestamp()


@pytest.mark.parametrize("page", ["listing", "item"])
@pytest.mark.parametrize(
    ("whose", "matters"), [("its own", True), ("owner", True), ("similar", True), ("unrelated", False)]
)
def test_a_listing_s_page_ends_with_the_listings_that_it_depends_on(
    whose, matters, page, address, client, make, rows
):
    ((listing_id, owner_id, category_id),) = rows("SELECT id, owner_id, category_id FROM listings")
    # There is something similar in any case.
    make.listing(category_id=category_id, created_at=datetime(2020, 2, 2, tzinfo=UTC))
    now = datetime.now(UTC)
    end = {
        "lifetime_days": 30,
        "created_at": now - timedelta(days=20),
        "expires_at": now + timedelta(hours=1),
    }
    match whose:
        case "its own":
            rows(
                "UPDATE listings SET lifetime_days = 30, expires_at = :end RETURNING 1", end=end["expires_at"]
            )
        case "owner":
            make.listing(owner_id=owner_id, category_id=make.category().id, **end)
        case "similar":
            make.listing(category_id=category_id, **end)
        case "unrelated":
            make.listing(category_id=make.category().id, **end)
    # Nothing is so new that its age changes soon.
    long_ago = "created_at = '2020-02-02', updated_at = '2020-02-02'"
    rows(f"UPDATE listings SET {long_ago} WHERE id = :id RETURNING 1", id=listing_id)
    until = int(client.get(address[page]).headers["ETag"].strip('"').partition("-")[0], 16)
    assert (until <= end["expires_at"].timestamp()) == matters


def test_readers_never_see_less_than_was_committed_before_they_asked(committing_app):
    with committing_app.test_request_context():
        make = Factories(committing_app)
        listing_id = make.listing(title="Edition 0").id
        db.session.commit()
    committed, answered, wrong = [0], [], []
    news = threading.Condition()

    def write():
        for number in range(1, 80):
            with committing_app.app_context():
                db.session.execute(update(Listing).values(title=f"Edition {number}"))
                db.session.commit()
            with news:
                committed[0] = number
                # Some are answered while nothing is written, others while the next edition is.
                enough = len(answered) + number % 10
                news.wait_for(lambda enough=enough: len(answered) >= enough)
        committed[0] = None

    def read(with_tag):
        browser, headers, shown = plain_browser(committing_app), {}, None
        while (before := committed[0]) is not None:
            response = browser.get(f"/listings/{listing_id}", headers=headers)
            if response.status_code == 200:
                shown = int(response.text.partition("<title>Edition ")[2].partition(" ")[0])
                headers = {"If-None-Match": response.headers["ETag"]} if with_tag else {}
            with news:
                answered.append(response.status_code)
                news.notify_all()
            if shown < before:
                wrong.append((shown, before, response.status_code))

    threads = [threading.Thread(target=read, args=[with_tag]) for with_tag in (True, True, False)]
    threads.append(threading.Thread(target=write))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert set(answered) == {200, 304}


def test_visitors_who_come_within_an_instant_share_a_look_and_members_do_not(
    address, app, client, browser_of, make, connection, monkeypatch
):
    pages, at = app.extensions["conditional_pages"], [1000.0]
    monkeypatch.setattr(pages, "_shared_seconds", 0.02)
    monkeypatch.setattr(pages, "_shared", (None, 0.0))
    monkeypatch.setattr(conditional, "time", SimpleNamespace(monotonic=lambda: at[0]))
    member = browser_of(make.member())
    first = client.get(address["home"])
    connection.execute(text("UPDATE listings SET title = 'Changed'"))
    assert "Changed" in member.get(address["home"]).text
    at[0] += 0.019
    assert again(client, address["home"], first).status_code == 304
    assert new_client(app).get(address["home"]).data == first.data
    at[0] += 0.001
    assert "Changed" in again(client, address["home"], first).text


def test_the_store_keeps_what_was_asked_for_last_within_its_bounds():
    store = PageStore(3 * (ENTRY_BYTES + 101))
    page = StoredPage("1", 10, [], b"x" * 100)
    for key in "abc":
        store.keep(key, page)
    assert store.find("a") == page
    store.keep("d", page)
    assert [store.find(key) is not None for key in "abcd"] == [True, False, True, True]
    store.keep("d", StoredPage("2", 10, [], b"x" * 100))
    assert [store.find(key) is not None for key in "abcd"] == [True, False, True, True]
    store.keep("e", StoredPage("1", 10, [], b"x" * 99_999))
    assert [store.find(key) for key in "abcde"] == [None] * 5


@pytest.mark.parametrize(
    ("version", "now", "current"), [("1", 9.9, True), ("1", 10, False), ("2", 9.9, False)]
)
def test_a_stored_page_is_current_for_its_version_until_its_end(version, now, current):
    assert StoredPage("1", 10, [], b"").is_current(version, now) == current
