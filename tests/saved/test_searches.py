"""Searches that members keep: what is new in them, and who sees them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from marketplace.saved import rules
from tests.support.html import check_page, text_of

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


def kept(page):
    """Each search that is kept, with what is said of it."""
    panels = [panel for panel in page.iter("li") if (panel.get("class") or "").startswith("panel")]
    return {text_of(panel.find(".//h3")): text_of(panel.find(".//p")) for panel in panels}


def keep(browser, query, name="A search"):
    return browser.submit(f"/my/saved/searches/new?{query}", {"name": name})


def test_a_search_is_named_kept_renamed_and_let_go(browser, rows):
    page = browser.page("/my/saved/searches/new?q=drill&kind=offered&max=9")
    assert page.find(".//input[@name='name']").get("value") == "“drill”, Offered, Worth 9 or less"
    response = browser.submit(page.find(".//main//form").get("action"), {"name": " My drills "})
    assert (response.status_code, response.location) == (303, "/my/saved")
    page = browser.page("/my/saved")
    assert kept(page) == {"My drills": "Nothing new since you last looked"}
    assert page.find(".//li//h3/a").get("href") == "/search?q=drill&kind=offered&max=9"
    ((number,),) = rows("SELECT id FROM saved_searches")
    edit = browser.page(f"/my/saved/searches/{number}")
    assert edit.find(".//input[@name='name']").get("value") == "My drills"
    assert browser.submit(f"/my/saved/searches/{number}", {"name": "Drills"}).status_code == 303
    assert kept(browser.page("/my/saved")) == {"Drills": "Nothing new since you last looked"}
    assert browser.submit(f"/my/saved/searches/{number}/remove").status_code == 303
    assert "You keep no search yet" in text_of(browser.page("/my/saved"))


def test_what_came_since_one_last_looked_is_new_until_one_looks(browser, member, make, rows):
    tools = make.category(slug="tools")

    def post(age, title="A drill", **values):
        make.listing(title=title, category_id=tools.id, created_at=NOW - age, **values)

    make.saved_search(member, name="Drills", query="q=drill", seen_at=NOW - 2 * HOUR)
    make.saved_search(member, name="Tools", query="category=tools", seen_at=NOW - 4 * HOUR)
    make.saved_search(member, name="Lamps", query="q=lamp", seen_at=NOW - 9 * HOUR)
    post(3 * HOUR)
    post(HOUR)
    post(HOUR, title="A tent")
    post(HOUR, status="archived")
    post(HOUR, lifetime_days=30, expires_at=NOW - HOUR / 2)
    assert kept(browser.page("/my/saved")) == {
        "Drills": "1 new since you last looked",
        "Tools": "3 new since you last looked",
        "Lamps": "Nothing new since you last looked",
    }
    ((number,),) = rows("SELECT id FROM saved_searches WHERE name = 'Drills'")
    response = browser.submit(f"/my/saved/searches/{number}/open")
    assert (response.status_code, response.location) == (303, "/search?q=drill")
    assert kept(browser.page("/my/saved"))["Drills"] == "Nothing new since you last looked"
    assert kept(browser.page("/my/saved"))["Tools"] == "3 new since you last looked"


def test_a_listing_posted_again_and_again_is_not_new_for_that(browser, member, make, rows):
    make.saved_search(member, name="Drills", query="q=drill", seen_at=NOW - HOUR)
    make.listing(title="A drill", created_at=NOW - 2 * HOUR)
    rows("UPDATE listings SET title = 'A better drill', updated_at = now() RETURNING id")
    assert kept(browser.page("/my/saved")) == {"Drills": "Nothing new since you last looked"}


@pytest.mark.parametrize(
    "query",
    [
        "q=drill&posted=1",
        "kind=offered&type=permanent&min=5&condition=good",
        "q=dri&area=harbour&picture=yes",
        "",
    ],
)
def test_new_is_counted_as_the_search_itself_counts(query, browser, member, make, rows):
    items = [{"value": 5, "condition": "good"}]
    for age in (HOUR, 3 * HOUR, 30 * HOUR):
        make.listing(title="A drill", area="Harbour", created_at=NOW - age, items=items)
    for (item_id,) in rows("SELECT id FROM listing_items"):
        make.picture(item_id=item_id)
    make.saved_search(member, name="Kept", query=query, seen_at=NOW - 2 * HOUR)
    assert kept(browser.page("/my/saved")) == {"Kept": "1 new since you last looked"}


def test_keeping_a_search_again_gives_it_the_new_name(browser, rows):
    keep(browser, "kind=offered&q=drill", "First")
    keep(browser, "q=drill&kind=offered&sort=newest&x=1", "Second")
    assert rows("SELECT name, query FROM saved_searches") == [("Second", "q=drill&kind=offered")]


def test_a_search_without_a_filter_can_be_kept_too(browser):
    keep(browser, "", "Everything")
    assert browser.page("/my/saved").find(".//li//h3/a").get("href") == "/search"


@pytest.mark.parametrize("name", ["", "   ", "x" * 121])
def test_a_name_that_is_none_is_refused_and_nothing_is_lost(name, browser, rows):
    response = keep(browser, "q=drill&min=3", name)
    assert response.status_code == 422
    page = check_page(response.text)
    assert page.find(".//main//form").get("action") == "/my/saved/searches/new?q=drill&min=3"
    assert page.find(".//input[@name='name']").get("value") == name.strip()
    assert rows("SELECT FROM saved_searches") == []


def test_there_are_only_so_many(browser, member, make, monkeypatch):
    monkeypatch.setattr("marketplace.saved.actions.SEARCHES_MAXIMUM", 2)
    for _ in range(2):
        make.saved_search(member)
    response = keep(browser, "q=tent")
    assert response.status_code == 422
    assert f"You keep {rules.SEARCHES_MAXIMUM} searches" in text_of(check_page(response.text))
    # One that is kept already only gets another name.
    make.saved_search(make.member(), query="q=lamp")
    assert keep(browser, "q=lamp").status_code == 422


def test_a_search_that_is_too_long_is_refused(browser, make):
    response = keep(browser, f"q={quote('舟' * 200)}&area={quote('舟' * 80)}")
    assert response.status_code == 422
    assert "too long to be kept" in text_of(check_page(response.text))


@pytest.mark.parametrize("path", ["", "/open", "/remove"])
def test_others_neither_see_nor_change_it(path, member, make, browser_of, client, rows):
    search = make.saved_search(member, name="Mine", seen_at=NOW - HOUR)
    address = f"/my/saved/searches/{search.id}{path}"
    other = browser_of(make.member())
    known, unknown = (
        other.submit(each, {"name": "Theirs"})
        for each in (address, address.replace("/searches/", "/searches/9"))
    )
    # It cannot be told from one that is not there.
    assert (known.status_code, unknown.status_code) == (404, 404)
    assert text_of(check_page(known.text)) == text_of(check_page(unknown.text))
    assert client.submit(address, {"name": "Theirs"}).location.startswith("/login")
    assert rows("SELECT name, seen_at FROM saved_searches") == [("Mine", search.seen_at)]


def test_each_member_keeps_their_own(browser, make):
    make.saved_search(make.member(), name="Theirs")
    assert kept(browser.page("/my/saved")) == {}


def test_a_category_that_is_gone_leaves_the_search(browser, member, make, rows):
    make.category(slug="tools")
    make.saved_search(member, name="Kept", query="q=drill&category=tools")
    rows("DELETE FROM categories RETURNING id")
    assert browser.page("/my/saved").find(".//li//h3/a").get("href") == "/search?q=drill"


def test_a_visitor_logs_in_and_comes_back_to_the_search(client):
    response = client.get("/my/saved/searches/new?q=drill&min=3")
    assert response.location == "/login?next=/my/saved/searches/new?q%3Ddrill%26min%3D3"


@pytest.mark.parametrize("searches", [1, rules.SEARCHES_MAXIMUM])
def test_many_take_as_many_statements_as_one(searches, browser, member, make):
    for number in range(searches):
        make.saved_search(member, query=f"q=drill+{number}&min=3")
    # The first page of a process that needs the categories reads them as well.
    browser.page("/my/saved")
    browser.page("/my/saved")
    assert len(browser.statements) == 6
