"""Who has blocked somebody and who is blocked see nothing of each other; all others see all."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from marketplace.blocks.queries import READER
from marketplace.extensions import db
from marketplace.search.statements import PLAIN
from tests.support.html import text_of

DAY = timedelta(days=1)


@pytest.fixture
def tools(make):
    return make.category(slug="tools", name="Tools")


@pytest.fixture
def people(make, tools):
    """Two members and a third one, each with a drill on show."""
    found = {}
    for name in ("Wairisi", "Kanaho", "Toluma"):
        member = make.member(username=name)
        listing = make.listing(
            owner_id=member.id, category_id=tools.id, title=f"Drill of {name}", area="Harbour", items=[]
        )
        item = make.item(listing, name=f"Bit of {name}", value=40)
        found[name] = (member, listing, item)
    return found


@pytest.fixture(params=["has blocked", "is blocked"])
def blocked(request, make, people):
    """Keeps Wairisi and Kanaho apart, in one way or the other."""
    one, other = people["Wairisi"][0], people["Kanaho"][0]
    make.block(*((one, other) if request.param == "has blocked" else (other, one)))


LISTS = [
    "/",
    "/search",
    "/search?q=drill",
    "/search?q=drill&sort=relevance",
    "/search?kind=offered&max=900",
    "/search?near=40&sort=value",
    "/search?area=Harbour",
    "/search?posted=7",
    "/search?q=drill&category=tools",
    "/categories/tools",
    "/categories/tools?kind=offered",
    "/search.atom",
    "/search.atom?q=drill",
    "/search.atom?category=tools",
]


def names_in(answer):
    assert answer.status_code == 200, answer.status
    return set(re.findall(r"Drill of (\w+)", answer.text))


def total_in(page):
    return re.search(r"\b(\d+) (?:listings?|results?)", text_of(page.find(".//*[@class='result-count']")))[1]


@pytest.mark.parametrize("path", LISTS)
def test_no_list_shows_them_to_each_other(path, blocked, people, client, browser_of):
    everybody = set(people)
    # First whoever sees all, so that there is a page that could be handed on.
    assert names_in(client.get(path)) == everybody
    assert names_in(browser_of(people["Toluma"][0]).get(path)) == everybody
    assert names_in(browser_of(people["Wairisi"][0]).get(path)) == {"Wairisi", "Toluma"}
    assert names_in(browser_of(people["Kanaho"][0]).get(path)) == {"Kanaho", "Toluma"}
    # Nor is theirs handed to others.
    assert names_in(client.get(path)) == everybody
    assert names_in(browser_of(people["Toluma"][0]).get(path)) == everybody


def test_similar_listings_are_not_theirs(blocked, people, client, browser_of):
    def similar(browser):
        page = browser.page(f"/listings/{people['Toluma'][1].id}")
        return {
            text_of(title).removeprefix("Drill of ") for title in page.findall(".//*[@class='card__title']")
        }

    assert similar(client) == {"Wairisi", "Kanaho"}
    assert similar(browser_of(people["Wairisi"][0])) == {"Wairisi"}
    assert similar(browser_of(people["Kanaho"][0])) == {"Kanaho"}


@pytest.mark.parametrize("status", ["active", "archived", "expired"])
def test_their_addresses_do_not_exist_for_each_other(status, blocked, people, client, browser_of, rows):
    rows("UPDATE listings SET status = :status RETURNING id", status=status)
    for reader, other in (("Wairisi", "Kanaho"), ("Kanaho", "Wairisi")):
        browser = browser_of(people[reader][0])
        _, listing, item = people[other]
        paths = (
            f"/listings/{listing.id}",
            f"/items/{item.id}",
            f"/members/{other}",
            f"/members/{other.lower()}",
        )
        for path in paths:
            client.get(path)
            page = browser.page(path, 404)
            assert "Drill of" not in text_of(page), path
            assert client.get(path).status_code == (
                301 if path == paths[3] else 200 if status == "active" or path == paths[2] else 410
            )
        own = people[reader][1]
        browser.page(f"/listings/{own.id}")
        browser.page(f"/members/{reader}")
        browser.page("/members/Toluma")


def test_they_cannot_watch_each_others_listings(blocked, people, browser_of, rows):
    for reader, other in (("Wairisi", "Kanaho"), ("Kanaho", "Wairisi")):
        browser = browser_of(people[reader][0])
        assert browser.submit(f"/listings/{people[other][1].id}/watch").status_code == 404
        assert browser.submit(f"/listings/{people['Toluma'][1].id}/watch").status_code == 303
    assert rows("SELECT DISTINCT listing_id FROM watched_listings") == [(people["Toluma"][1].id,)]


def test_what_was_watched_before_is_not_on_the_list_until_there_is_no_block(make, people, browser_of):
    wairisi, kanaho = people["Wairisi"][0], people["Kanaho"][0]
    make.watched(wairisi, people["Kanaho"][1])
    make.watched(kanaho, people["Wairisi"][1])
    browser, other = browser_of(wairisi), browser_of(kanaho)
    assert names_in(browser.get("/my/saved")) == {"Kanaho"}
    browser.submit("/members/Kanaho/block")
    assert names_in(browser.get("/my/saved")) == set()
    assert names_in(other.get("/my/saved")) == set()
    browser.submit("/members/Kanaho/unblock")
    assert names_in(browser.get("/my/saved")) == {"Kanaho"}
    assert names_in(other.get("/my/saved")) == {"Wairisi"}


def test_a_saved_search_counts_nothing_of_theirs(blocked, people, browser_of, make):
    for name, count in (("Wairisi", 2), ("Toluma", 3)):
        member = people[name][0]
        make.saved_search(member, query="q=drill", seen_at=datetime.now(UTC) - DAY)
        make.saved_search(member, query="category=tools", seen_at=datetime.now(UTC) - DAY)
        assert text_of(browser_of(member).page("/my/saved")).count(f"{count} new") == 2


@pytest.mark.parametrize(
    "path", ["/search", "/search?q=drill", "/categories/tools", "/search?kind=offered&max=900"]
)
def test_counts_agree_with_what_is_found(path, blocked, people, client, browser_of, make, tools):
    # Neither those that have ended nor those that are hidden are taken off twice.
    other = people["Kanaho"][0]
    for values in (
        {"lifetime_days": 30, "expires_at": datetime.now(UTC) - DAY},
        {"status": "archived"},
        {"hidden_at": datetime.now(UTC)},
    ):
        make.listing(owner_id=other.id, category_id=tools.id, title="Not on show", items=[{}], **values)
    assert total_in(client.page(path)) == "3"
    assert total_in(browser_of(people["Toluma"][0]).page(path)) == "3"
    page = browser_of(people["Wairisi"][0]).page(path)
    assert total_in(page) == "2"
    assert len(page.findall(".//*[@class='card']")) == 2
    # Neither do the numbers beside filters tell of more.
    assert not re.search(r"\b3\b", text_of(page.find(".//main")))


def test_the_home_page_counts_what_can_be_found(blocked, people, client, browser_of):
    def tile(browser):
        return text_of(browser.page("/").find(".//a[@href='/categories/tools']/.."))

    assert "3" in tile(client)
    assert "2" in tile(browser_of(people["Wairisi"][0]))


def test_pages_of_results_are_full_and_show_each_listing_once(blocked, people, browser_of, make, tools):
    for number in range(60):
        owner = people["Kanaho" if number % 2 else "Toluma"][0]
        make.listing(owner_id=owner.id, category_id=tools.id, title=f"Saw {number}")
    browser = browser_of(people["Wairisi"][0])
    for path in ("/search?q=saw", "/search?q=saw&category=tools"):
        seen, pages = [], []
        while path:
            page = browser.page(path)
            titles = [text_of(title) for title in page.findall(".//*[@class='card__title']")]
            pages.append(len(titles))
            seen += titles
            path = next((a.get("href") for a in page.iter("a") if text_of(a).startswith("Older")), None)
        assert pages == [24, 6]
        assert sorted(seen) == sorted(f"Saw {number}" for number in range(0, 60, 2))


def test_a_block_costs_no_statement(people, browser_of, make, app):
    paths = [
        "/",
        "/search?q=drill",
        "/categories/tools",
        "/members/Toluma",
        f"/listings/{people['Toluma'][1].id}",
    ]

    def statements(browser):
        counted = []
        for path in paths:
            app.extensions["page_store"].clear()
            app.extensions.pop("category_tree", None)
            browser.page(path)
            counted.append(len(browser.statements))
        return counted

    before = statements(browser_of(people["Wairisi"][0]))
    make.block(people["Wairisi"][0], people["Kanaho"][0])
    # Nor need the version of the content be known, by which others are handed pages.
    assert all(
        now <= then for now, then in zip(statements(browser_of(people["Wairisi"][0])), before, strict=True)
    )


def test_moderators_see_all_and_are_not_seen_by_whoever_blocked_them(people, make, browser_of, tools):
    moderator = make.moderator(username="Warden")
    theirs = make.listing(owner_id=moderator.id, category_id=tools.id, title="Drill of Warden")
    make.block(people["Wairisi"][0], moderator)
    browser = browser_of(moderator)
    assert "Wairisi" in names_in(browser.get("/search"))
    browser.page(f"/listings/{people['Wairisi'][1].id}")
    browser.page("/members/Wairisi")
    browser_of(people["Wairisi"][0]).page(f"/listings/{theirs.id}", 404)


def test_they_can_report_each_other(blocked, people, browser_of, rows):
    for reader, other in (("Wairisi", "Kanaho"), ("Kanaho", "Wairisi")):
        browser = browser_of(people[reader][0])
        _, listing, item = people[other]
        for path in (f"/report/listing/{listing.id}", f"/report/item/{item.id}", f"/members/{other}/report"):
            browser.page(path)
            assert browser.submit(path, {"reason": "spam"}).status_code == 303
    assert rows("SELECT count(*) FROM reports") == [(6,)]


def test_where_nobody_is_kept_apart_the_planner_drops_the_condition(context, connection):
    parameters = {"moment": "infinity", "listing_id": 1, "limit": 1, "posted": None, "since": None}
    statement = text(f"EXPLAIN {PLAIN[False]}").bindparams(READER)
    plan = "\n".join(db.session.execute(statement, parameters).scalars())
    assert "search_entries" in plan
    assert "blocks" not in plan
