"""The sitemap and robots.txt."""

from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import fromstring

import pytest
from sqlalchemy import text

from marketplace.sitemap import queries

SITE = "https://kula.example.org"
SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
CHANGED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_address(app, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", SITE)


@pytest.fixture
def small_ranges(monkeypatch):
    """Three ids in a range."""
    monkeypatch.setattr(queries, "RANGE", 3)
    monkeypatch.setattr(queries, "_RANGES", queries._RANGES.bindparams(size=3))


@pytest.fixture
def post(make, connection):
    """Posts a listing that gets the given id."""
    owner, category = make.member(), make.category()

    def insert(listing_id, status="active", expires_at=None):
        connection.execute(
            text(
                "INSERT INTO listings (id, owner_id, category_id, title, status, lifetime_days, expires_at,"
                " updated_at) OVERRIDING SYSTEM VALUE VALUES (:id, :owner, :category, 'A title', :status,"
                " CASE WHEN CAST(:expires AS timestamptz) IS NOT NULL THEN 30 END, :expires, :changed)"
            ),
            {
                "id": listing_id,
                "owner": owner.id,
                "category": category.id,
                "status": status,
                "expires": expires_at,
                "changed": CHANGED,
            },
        )

    return insert


def addresses(response):
    """The addresses in a sitemap or its index, with when they changed."""
    assert response.status_code == 200
    assert response.mimetype == "application/xml"
    return {
        entry.find(f"{SPACE}loc").text: getattr(entry.find(f"{SPACE}lastmod"), "text", None)
        for entry in fromstring(response.data)  # noqa: S314 - it is our own.
    }


def test_the_index_names_the_ranges_in_which_there_is_something(small_ranges, post, client):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    for listing_id in (1, 3, 4, 300, 10**17):
        post(listing_id)
    post(7, status="archived")
    post(10, expires_at=yesterday)
    post(13, status="expired", expires_at=yesterday)
    post(16, expires_at=datetime.now(UTC) + timedelta(days=1))
    numbers = [1, 2, 6, 100, (10**17 - 1) // 3 + 1]
    assert addresses(client.get("/sitemap.xml")) == {f"{SITE}/sitemaps/pages.xml": None} | {
        f"{SITE}/sitemaps/{number}.xml": None for number in numbers
    }
    assert len(client.statements) == 1


def test_an_empty_site_has_a_sitemap(client):
    assert addresses(client.get("/sitemap.xml")) == {f"{SITE}/sitemaps/pages.xml": None}
    assert addresses(client.get("/sitemaps/pages.xml")) == {f"{SITE}/": None}


def test_a_range_names_what_can_be_seen_and_when_it_changed(small_ranges, post, client):
    for listing_id in (3, 4, 6, 7):
        post(listing_id)
    post(5, status="archived")
    changed = "2026-01-02T03:04:05Z"
    assert addresses(client.get("/sitemaps/2.xml")) == {
        f"{SITE}/listings/4": changed,
        f"{SITE}/listings/6": changed,
    }
    assert len(client.statements) == 1
    assert set(addresses(client.get("/sitemaps/1.xml"))) == {f"{SITE}/listings/3"}


def test_a_range_with_nothing_to_see_does_not_exist(small_ranges, post, client):
    post(4)
    post(7, status="archived")
    for number in ("1", "3", "999", "9" * 18, "0", "x"):
        client.page(f"/sitemaps/{number}.xml", 404)


def test_the_pages_are_the_home_page_and_the_categories_that_can_be_seen(make, client):
    tools = make.category(slug="tools")
    make.category(tools, slug="saws")
    make.category(slug="hidden", is_active=False)
    found = addresses(client.get("/sitemaps/pages.xml"))
    assert list(found) == [f"{SITE}/", f"{SITE}/categories/tools", f"{SITE}/categories/tools/saws"]
    assert len(client.statements) == 1


def test_no_sitemap_can_be_too_large():
    assert queries.RANGE <= 50_000


def test_a_host_that_cannot_be_one_is_not_repeated(app, client, monkeypatch):
    monkeypatch.setitem(app.config, "SITE_URL", None)
    assert b"a&" not in client.get("/sitemap.xml", headers={"Host": "a&b<c"}).data


def test_robots_are_told_where_the_sitemap_is_and_what_to_leave_alone(client):
    response = client.get("/robots.txt")
    assert response.mimetype == "text/plain"
    lines = response.text.splitlines()
    assert f"Sitemap: {SITE}/sitemap.xml" in lines
    assert "User-agent: *" in lines
    assert "Disallow: /my/" in lines
    assert "Disallow: /" not in lines
    assert client.statements == []


def test_head_and_signed_in_readers_get_the_same(make, browser_of, client, post):
    post(5)
    for path in ("/robots.txt", "/sitemap.xml", "/sitemaps/pages.xml", "/sitemaps/1.xml"):
        assert client.head(path).status_code == 200
        assert browser_of(make.member()).get(path).data == client.get(path).data
