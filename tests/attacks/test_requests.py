"""Attacks by what a request says: addresses, headers, hosts, parameters, fields nobody asked for, ids.

Others stand where their subject is: forged forms in tests/conventions/test_csrf.py, markup in every field in
tests/conventions/test_hostile_text.py, files in tests/pictures/test_attacks.py, sessions in tests/accounts/,
two windows at once in tests/posting/test_two_windows.py, and any request at all in tests/fuzz/.
"""

import re
from datetime import UTC, datetime

import pytest

from tests.conftest import dispose, make_app, new_client
from tests.conventions.routes import ROUTES
from tests.factories.accounts import PASSWORD
from tests.support.posting import publish, publish_checked, send_to_check
from tests.support.statements import recorded_statements

ELSEWHERE = [
    "https://example.org/",
    "//example.org/",
    "///example.org/",
    "/\\example.org",
    "\\\\example.org",
    "/\t/example.org",
    "/\n/example.org",
    "javascript:alert(1)",
    "http:example.org",
    "/%0d%0aSet-Cookie:%20a=b",
    " https://example.org/",
]
BREAKS = ["a\r\nSet-Cookie: planted=1", "a\nX-Planted: 1", "a\r\n\r\n<script>", "a%0d%0aX-Planted:%201"]
SQL = ["'", "' OR '1'='1", "1; DROP TABLE users", "1 UNION SELECT 1", "\\", "%' OR 1=1 --", "$$", "{}", ":q"]
PARAMETERS = (
    *("q", "category", "kind", "type", "days", "min", "max", "condition", "area", "posted", "picture"),
    *("sort", "near", "after", "before", "older", "next", "tab", "title", "name", "category_id", "without"),
)
PAGES = [route for route in ROUTES if route.method == "GET"]
# Tried with its picture in tests/exchanges/test_thread.py.
PRIVATE_PAGES = [route for route in PAGES if route.access != "public" and "<id:picture_id>" not in route.rule]
# Each of these is there in one state of a swap alone.
STATES_OF_PAGES = {
    **dict.fromkeys(("arrange", "hand-over.ics", "sheet", "hand", "cancel", "dispute"), "accepted"),
    **dict.fromkeys(("longer", "back"), "lent"),
    "moderation": "disputed",
}


@pytest.fixture
def listing(make):
    tools = make.category(slug="tools")
    owner = make.member(username="member-1")
    return make.listing(owner_id=owner.id, category_id=tools.id, items=[{}])


@pytest.mark.parametrize("target", ELSEWHERE)
def test_no_redirect_leads_to_another_site(target, client, make, listing):
    member = make.member()
    answers = [client.get("/login", query_string={"next": target})]
    answers += [client.submit("/login", {"username": member.username, "password": PASSWORD, "next": target})]
    answers += [
        client.get(path, query_string={"next": target}) for path in ("/login", "/register", "/my/saved")
    ]
    for act in ("watch", "unwatch"):
        answers.append(client.submit(f"/listings/{listing.id}/{act}", query_string={"next": target}))
    for answer in answers:
        if 300 <= answer.status_code < 400:
            assert re.match(r"/(?![/\\])", answer.location), answer.location
            assert "example.org" not in answer.location.partition("?")[0]


@pytest.mark.parametrize("text", BREAKS)
def test_no_header_can_be_put_into_an_answer(text, client, browser_of, make, listing):
    browser = browser_of(make.member())
    answers = [
        client.get(f"/search?q={text}&category={text}"),
        client.get("/login", query_string={"next": text}),
    ]
    answers += [browser.get("/my/listings", query_string={"tab": text}), client.get(f"/{text}")]
    answers += [browser.submit("/my/listings?tab=" + text, {"act": "archive", "id": "1"})]
    answers += [browser.submit(f"/listings/{listing.id}/watch", query_string={"next": f"/{text}"})]
    for answer in answers:
        assert answer.status_code < 500
        assert "X-Planted" not in answer.headers
        assert not [cookie for cookie in answer.headers.getlist("Set-Cookie") if "planted" in cookie]
        assert all("\n" not in value and "\r" not in value for value in answer.headers.values())


@pytest.mark.parametrize("text", SQL)
def test_no_parameter_of_any_page_is_read_as_sql(text, browser_of, make, listing, rows):
    browser = browser_of(make.member())
    draft = make.draft(owner_id=listing.owner_id)
    for route in PAGES:
        path = route.path(listing.id, draft_id=draft.id)
        with recorded_statements() as statements:
            response = browser.get(path, query_string=dict.fromkeys(PARAMETERS, f"{text}marked"))
        assert response.status_code < 500, path
        assert not [statement for statement in statements if "marked" in statement], path
    assert rows("SELECT count(*) FROM users")[0][0] == 2


def test_fields_that_a_form_does_not_have_change_nothing(client, browser_of, make, rows):
    more = {
        "id": "7",
        "owner_id": "1",
        "is_active": "",
        "email_verified_at": "2020-01-01",
        "session_epoch": "9",
        "password_hash": "x",
        "created_at": "2000-01-01",
        "status": "archived",
        "offers-0-owner_id": "1",
        "offers-0-listing_id": "1",
        "offers-0-created_at": "2000-01-01",
        "seen_at": "2000-01-01",
        "role": "administrator",
        "suspended_until": "2000-01-01",
        "notice_at": "2000-01-01",
        "leaving_at": "2000-01-01",
        "hidden_at": "2000-01-01",
        "shown_from": "2000-01-01",
    }
    account = {"username": "newcomer", "email": "a@example.org", "password": PASSWORD}
    assert client.submit("/register", {**more, **account}).status_code == 303
    ((verified, active, role, suspended, notice, leaving, old),) = rows(
        "SELECT email_verified_at, is_active, role, suspended_until, notice_at, leaving_at,"
        " created_at < now() - interval '1 day' FROM users"
    )
    assert (verified, active, role, old) == (None, True, "member", False)
    assert (suspended, notice, leaving) == (None, None, None)
    victim, member = make.member(), make.member()
    form = {"title": "Tools", "category_id": make.category().id, "offers-0-name": "A drill"}
    assert publish(browser_of(member), {**more, "owner_id": str(victim.id), **form}).status_code == 303
    assert rows(
        "SELECT owner_id, status, hidden_at, shown_from, created_at > now() - interval '1 day' FROM listings"
    ) == [(member.id, "active", None, None, True)]
    assert rows("SELECT owner_id, created_at > now() - interval '1 day' FROM listing_items") == [
        (member.id, True)
    ]


def test_counting_through_the_ids_shows_nothing_of_what_is_others(browser_of, make):
    owner = make.member()
    listing = make.listing(owner_id=owner.id, status="archived", title="Out of sight", items=[])
    make.item(listing, name="Out of sight")
    make.draft({"title": "Out of sight"}, owner_id=owner.id, listing_id=listing.id)
    make.saved_search(owner, name="Out of sight")
    stranger = browser_of(make.member())
    for number in range(max(1, listing.id - 3), listing.id + 4):
        for path in ("/listings/{}", "/listings/{}/edit", "/listings/{}/delete", "/items/{}"):
            assert "Out of sight" not in stranger.get(path.format(number)).text
        assert "Out of sight" not in stranger.get(f"/my/saved/searches/{number}").text


@pytest.fixture
def exchange_for(make):
    """Make a swap that lends an owner something, in the state in which a rule's page is there for them.

    Returns its id, and the id of its loan.
    """

    def make_one(owner, rule):
        words = rule.split("/")
        state = STATES_OF_PAGES.get(words[1]) or STATES_OF_PAGES.get(words[-1], "proposed")
        lender, borrower = make.member(), make.member() if state == "disputed" else owner
        listing = make.listing(owner_id=lender.id, items=[])
        tent = make.item(listing, exchange_type="temporary", duration_days=9)
        agreed = {"handover_at": datetime.now(UTC)} if state == "accepted" else {}
        exchange = make.exchange(lender, borrower, [tent], state=state, note="Only its owner", **agreed)
        if state == "disputed":
            make.dispute(exchange)
        return exchange.id, make.loan(exchange, tent).id if state == "lent" else None

    return make_one


@pytest.mark.parametrize("route", PRIVATE_PAGES, ids=str)
def test_a_private_page_is_kept_by_no_cache_and_given_to_nobody_else(
    route, app, browser_of, make, listing, exchange_for
):
    owner = make.administrator()
    own = make.listing(owner_id=owner.id, title="Only its owner", items=[{}])
    case = make.case(own)
    draft, search = make.draft({"title": "Only its owner"}, owner_id=owner.id), make.saved_search(owner)
    exchange_id, loan_id = exchange_for(owner, route.rule)
    path = route.path(
        own.id,
        draft_id=draft.id,
        search_id=search.id,
        case_id=case.id,
        category_id=own.category_id,
        exchange_id=exchange_id,
        item_id=make.thing_of(own).id,
    )
    response = browser_of(owner).get(path, query_string={"loan": loan_id} if loan_id else {})
    assert response.status_code in (200, 303)
    assert "private" in response.headers["Cache-Control"]
    assert "Cookie" in response.headers["Vary"]
    # But for a number, which is asked for by a script that keeps it.
    assert ("ETag" in response.headers) == (route.rule == "/notifications/count")
    # Neither at the same address, nor at one that looks like a file's.
    for address in (path, f"{path}/style.css", f"{path}?style.css"):
        assert "Only its owner" not in new_client(app).get(address).text


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/search", "/nowhere", "/health"])
def test_no_page_can_be_framed(path, client):
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize(
    "host", ["example.com", "kula.example.org.example.com", "localhost.example.com", "x@localhost"]
)
def test_a_host_that_is_not_the_sites_is_refused(host, make_database):
    app = make_app(make_database(), SITE_URL="https://kula.example.org")
    try:
        client = new_client(app)
        response = client.get("/login", headers={"Host": host})
        assert response.status_code == 400
        assert host not in response.text
        for own in ("kula.example.org", "localhost:8000", "127.0.0.1"):
            assert client.get("/login", headers={"Host": own}).status_code == 200
        # And whatever a proxy is said to have said, addresses begin with the site's own.
        response = client.get("/sitemap.xml", headers={"X-Forwarded-Host": host, "Host": "localhost"})
        assert host not in response.text
        assert "https://kula.example.org" in response.text
    finally:
        dispose(app)


def test_a_form_sent_twice_is_published_once(browser_of, make, rows):
    browser = browser_of(make.member())
    form = {"title": "Tools", "category_id": make.category().id, "offers-0-name": "A drill"}
    _, page = send_to_check(browser, form)
    answers = [publish_checked(browser, page).status_code for _ in range(2)]
    assert answers == [303, 404]
    assert rows("SELECT count(*) FROM listings") == [(1,)]


def test_a_registration_sent_twice_makes_one_member(client, app, rows):
    account = {"username": "newcomer", "email": "a@example.org", "password": PASSWORD}
    assert client.submit("/register", account).status_code == 303
    assert new_client(app).submit("/register", account).status_code == 422
    assert rows("SELECT count(*) FROM users") == [(1,)]


def test_a_search_saved_twice_is_kept_once(browser_of, make, rows):
    browser = browser_of(make.member())
    for _ in range(2):
        assert browser.submit("/my/saved/searches/new?q=drill", {"name": "Drills"}).status_code == 303
    assert rows("SELECT count(*) FROM saved_searches") == [(1,)]
