"""Hostile ids, cursors, paths and queries are pages that do not exist, or broken requests: never failures."""

import pytest

from tests.conventions.routes import ROUTES

HUGE = "9" * 1500
BAD_IDS = [
    "0",
    "-1",
    "00",
    "01",
    "1.0",
    "1e3",
    "%2B1",
    "%201",
    "one",
    "٣",
    "²",
    "null",
    str(2**63),
    str(10**18),
]
BAD_CURSORS = {
    "empty": "",
    "no id": "1",
    "letters": "a-b",
    "negative": "-1-1",
    "negative id": "1--1",
    "beyond bigint": f"1-{2**63}",
    "huge moment": f"{'9' * 18}-1",
    "thousands of digits": f"{HUGE}-{HUGE}",
    "other digits": "٣-٣",
    "NaN": "nan-1",
    "text after it": "1-1;",
    "line break": "1-1%0A",
}


@pytest.fixture
def browser(browser_of, make):
    return browser_of(make.member())


@pytest.mark.parametrize("bad", [*BAD_IDS, HUGE], ids=lambda text: ascii(text[:20]))
def test_an_id_that_is_none_is_a_page_that_does_not_exist(bad, browser):
    for route in ROUTES:
        if "<id:" in route.rule:
            path = route.path(bad, bad, device_id=bad, notification_id=bad)
            response = browser.get(path) if route.method == "GET" else browser.submit(path)
            assert response.status_code == 404, str(route)


@pytest.mark.parametrize("id_", [1, 2**31, 2**63 - 1])
def test_an_unknown_id_is_a_page_that_does_not_exist(id_, browser):
    for route in ROUTES:
        if "<id:" in route.rule:
            unknown = 10**15 if id_ == 1 else id_
            path = route.path(id_, id_, device_id=unknown, notification_id=unknown)
            response = browser.get(path) if route.method == "GET" else browser.submit(path)
            assert response.status_code == 404, str(route)


@pytest.mark.parametrize("bad", BAD_CURSORS.values(), ids=BAD_CURSORS)
def test_a_cursor_that_is_none_is_a_page_that_does_not_exist(bad, client, make):
    make.category(slug="tools")
    client.page("/categories/tools")
    for name in ("after", "before"):
        client.page(f"/categories/tools?{name}={bad}", 404)
        client.page(f"/search?{name}={bad}", 404)


@pytest.mark.parametrize("cursor", ["0-0", "0-1", f"1-{2**63 - 1}"])
def test_a_page_beyond_all_listings_leads_back_to_the_first(cursor, client, make):
    make.listing(category_id=make.category(slug="tools").id)
    page = client.page(f"/categories/tools?after={cursor}", 404)
    assert "/categories/tools" in [a.get("href") for a in page.findall(".//main//a")]
    client.page("/categories/tools?after=253402300799999999-1")


@pytest.mark.parametrize(
    "path", ["unknown", "tools/unknown", "Tools", "tools/", "a/b/c/d", "..", "-", "a" * 81, "tools%5C", "%FF"]
)
def test_a_category_that_is_none_does_not_exist(path, client, make):
    make.category(slug="tools")
    client.page(f"/categories/{path}", 404)


def test_a_doubled_slash_leads_to_the_page_without_it(client):
    response = client.get("/categories//tools", base_url="http://localhost")
    assert response.status_code == 308
    assert response.location == "http://localhost/categories/tools"


@pytest.mark.parametrize("path", ["/%00", "/categories/%00", "/listings/1%00", "/?a=%00", "/?%00=a"])
def test_a_nul_in_an_address_is_a_broken_request(path, client):
    client.page(path, 400)


@pytest.mark.parametrize("query", ["\xff", "older=\xff", "next=/\xed\xa0\x80"])
def test_a_query_that_is_not_utf8_is_a_broken_request(query, client):
    for path in ("/", "/login", "/my/listings", "/nowhere"):
        assert client.get(path, environ_overrides={"QUERY_STRING": query}).status_code == 400, path


@pytest.mark.parametrize("path", ["/\xff", "/listings/\xed\xa0\x80", "/categories/\xff"])
def test_a_path_that_is_not_utf8_does_not_exist(path, client):
    assert client.get("/", environ_overrides={"PATH_INFO": path}).status_code == 404


@pytest.mark.parametrize("name", ["kula_session", "remember_token"])
@pytest.mark.parametrize("value", ["\xe9", "1.0|\xe9", "|", "1.0|0", "x" * 3000, "\x01", ".e30.a.b"])
@pytest.mark.usefixtures("connection")
def test_a_cookie_of_somebody_elses_making_is_a_visitor(name, value, app):
    # With cookies of its own, the client would send those and not these.
    response = app.test_client(use_cookies=False).get("/my/listings", headers={"Cookie": f"{name}={value}"})
    assert response.status_code == 303
    assert response.location.startswith("/login")
