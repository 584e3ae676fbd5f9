"""Finding things: words, filters, the way back, nothing found, and a search that is kept."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_layout import OVERFLOW
from tests.support.axe import findings
from tests.support.browser import log_in

PEOPLE = pytest.mark.parametrize(
    ("width", "scripts"),
    [(320, True), (320, False), (1280, True), (1280, False)],
    ids=["narrow", "narrow, without JavaScript", "wide", "wide, without JavaScript"],
)
WORD = "hurdygurdy"


@pytest.fixture(scope="session")
def things(make_live):
    """Things to find that no other test has; returns their category."""
    category = make_live.category(name="Strange instruments", slug="strange-instruments")
    moment = datetime.now(UTC) - timedelta(hours=1)
    for number in range(30):
        offer = {"name": WORD, "value": number, "condition": "good" if number % 2 else "worn"}
        if number < 3:
            offer |= {"exchange_type": "temporary", "duration_days": 7}
        make_live.listing(
            title=f"{WORD.title()} number {number}",
            category_id=category.id,
            area="Harbour side",
            created_at=moment + timedelta(minutes=number),
            items=[offer, {"name": "An accordion", "kind": "want"}],
        )
    with make_live.app.app_context():
        from marketplace.extensions import db
        from marketplace.search.vocabulary import refresh_words

        refresh_words()
        db.session.commit()
    return category


@pytest.fixture
def search(open_page, things, width, scripts):
    """Opens the site in such a window and searches for words."""

    def look_for(words: str, page: Page | None = None) -> Page:
        viewport = {"width": width, "height": 800}
        page = page or open_page("/", java_script_enabled=scripts, viewport=viewport)
        page.get_by_role("searchbox").first.fill(words)
        page.get_by_role("searchbox").first.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Search"))
        return page

    return look_for


def heading(page: Page, words: str) -> None:
    expect(page.locator("#results")).to_have_text(words)


def choose(page: Page, name: str) -> None:
    """Follow the link of an option; in a narrow window the filters are folded away."""
    fold = page.locator("details.filters > summary")
    if fold.count() and fold.is_visible() and not page.locator("details.filters").evaluate("it => it.open"):
        fold.click()
    page.get_by_role("link", name=name, exact=True).first.click()


def fits(page: Page) -> None:
    assert page.evaluate(OVERFLOW) is None


@PEOPLE
def test_words_filters_pages_and_the_way_back(search):
    page = search(WORD)
    heading(page, "30 listings")
    fits(page)
    page.get_by_role("link", name="Older listings").click()
    expect(page.locator(".card")).to_have_count(6)
    page.get_by_role("link", name="Newer listings").click()
    expect(page.locator(".card")).to_have_count(24)

    choose(page, "Lend for a time")
    heading(page, "3 listings")
    first = page.url
    choose(page, "Worn")
    heading(page, "2 listings")
    fits(page)
    page.get_by_role("link", name="Remove the filter Worn").click()
    heading(page, "3 listings")
    assert page.url == first
    page.go_back()
    heading(page, "2 listings")
    page.go_back()
    heading(page, "3 listings")
    # The address alone is the state: somebody else sees the same.
    page.goto(page.url)
    heading(page, "3 listings")
    expect(page.get_by_role("searchbox").first).to_have_value(WORD)


@PEOPLE
def test_a_misspelt_word_nothing_found_and_a_bad_value(search):
    page = search("hurdigurdy")
    meant = page.get_by_text(re.compile("^Did you mean"))
    expect(meant).to_contain_text("30 listings")
    fits(page)
    meant.get_by_role("link").click()
    heading(page, "30 listings")

    page.goto(f"{page.url}&min=100&kind=offered&days=x")
    heading(page, "No listings")
    expect(page.get_by_text("“x” is no whole number from 1 to 365: it was ignored.")).to_be_visible()
    expect(page.get_by_text("“Worth 100 or more” is what leaves nothing.")).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Without “Worth 100 or more”").click()
    heading(page, "30 listings")


@PEOPLE
def test_a_member_keeps_a_search_and_sees_what_is_new(search, make_live, things, width, scripts, open_page):
    member = make_live.member()
    page = open_page("/login", java_script_enabled=scripts, viewport={"width": width, "height": 800})
    log_in(page, member.username)
    # The site is the other tests' as well: each looks for something of its own.
    word = f"zitherharp{width}{scripts}".lower()
    search(word, page)
    heading(page, "No listings")
    page.get_by_role("link", name="Save this search").click()
    expect(page.get_by_label("Name")).to_have_value(f"“{word}”")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nothing new since you last looked")).to_be_visible()

    make_live.listing(title=f"A {word}", category_id=things.id)
    page.reload()
    expect(page.get_by_text("1 new since you last looked")).to_be_visible()
    fits(page)
    page.get_by_role("button", name="Show what is new").click()
    heading(page, "1 listing")
    page.get_by_role("link", name=f"A {word}").click()
    page.get_by_role("button", name="Save this listing").click()
    expect(page.get_by_text("The listing is on your watchlist.")).to_be_visible()
    page.goto("/my/saved")
    expect(page.get_by_text("Nothing new since you last looked")).to_be_visible()
    expect(page.locator(".card")).to_have_count(1)
    fits(page)
    page.get_by_role("button", name=f"Remove “{word}”").click()
    expect(page.get_by_text("You keep no search yet")).to_be_visible()


@pytest.mark.parametrize(
    "query", ["q=hurdigurdy", f"q={WORD}&min=100&kind=offered&days=x", f"q={WORD}&condition=good"]
)
def test_nothing_to_object_to(query, open_page, things):
    assert findings(open_page(f"/search?{query}")) == []
