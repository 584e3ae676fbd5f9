"""The watchlist: what goes on it, what becomes of it, and where the member is afterwards."""

from datetime import UTC, datetime, timedelta

import pytest

from marketplace.saved import queries, rules
from tests.support.html import check_page, text_of

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
A_DAY = timedelta(days=1)


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


def cards(page):
    """Each card's title with its state, if it has one."""
    found = {}
    for card in page.findall(".//*[@class='card']"):
        state = card.find(".//*[@class='card__state']")
        found[text_of(card.find(".//h3"))] = None if state is None else text_of(state)
    return found


@pytest.mark.parametrize(
    ("status", "expires_at", "words"),
    [
        ("active", None, None),
        ("active", NOON + A_DAY, None),
        ("active", NOON, "Expired"),
        ("expired", NOON - A_DAY, "Expired"),
        ("expired", NOON + A_DAY, "Expired"),
        ("archived", None, "No longer available"),
        ("archived", NOON - A_DAY, "No longer available"),
    ],
)
def test_a_state_in_words(status, expires_at, words):
    assert rules.state_of(status, expires_at, NOON) == words


def test_watching_and_no_longer_watching(browser, member, make, app):
    listing = make.listing(title="A drill")

    def watched():
        with app.app_context():
            return queries.is_watched(member.id, listing.id)

    assert not watched()
    response = browser.submit(f"/listings/{listing.id}/watch")
    assert (response.status_code, response.location) == (303, f"/listings/{listing.id}")
    assert watched()
    assert cards(browser.page("/my/saved")) == {"A drill": None}
    response = browser.submit(f"/listings/{listing.id}/unwatch")
    assert (response.status_code, response.location) == (303, "/my/saved")
    assert not watched()
    assert "You watch nothing yet" in text_of(browser.page("/my/saved"))


def test_doing_it_twice_is_the_same_as_once(browser, make, rows):
    listing = make.listing()
    for _ in range(2):
        assert browser.submit(f"/listings/{listing.id}/watch").status_code == 303
    assert len(rows("SELECT FROM watched_listings")) == 1
    for _ in range(2):
        assert browser.submit(f"/listings/{listing.id}/unwatch").status_code == 303
    assert rows("SELECT FROM watched_listings") == []


def test_each_member_has_a_list_of_their_own(browser, browser_of, make):
    mine, theirs = make.listing(title="Mine"), make.listing(title="Theirs")
    other = browser_of(make.member())
    browser.submit(f"/listings/{mine.id}/watch")
    other.submit(f"/listings/{theirs.id}/watch")
    other.submit(f"/listings/{mine.id}/unwatch")
    assert cards(browser.page("/my/saved")) == {"Mine": None}


@pytest.mark.parametrize(
    ("then", "location"),
    [
        ("?next=/search?q=drill", "/search?q=drill"),
        ("?next=//elsewhere.example", "/listings/{id}"),
        ("?next=https://elsewhere.example", "/listings/{id}"),
        ("?next=", "/listings/{id}"),
    ],
)
def test_the_member_is_where_the_form_was(then, location, browser, make):
    listing = make.listing()
    response = browser.submit(f"/listings/{listing.id}/watch{then}")
    assert response.location == location.format(id=listing.id)


def test_a_visitor_logs_in_and_comes_back_to_the_page_of_the_form(client, make):
    listing = make.listing()
    response = client.submit(f"/listings/{listing.id}/watch?next=/listings/{listing.id}")
    assert response.location == f"/login?next=/listings/{listing.id}"
    assert client.submit(f"/listings/{listing.id}/watch?next=//elsewhere").location == "/login"


@pytest.mark.parametrize(
    "gone",
    [
        {"status": "archived"},
        {"status": "expired", "lifetime_days": 30, "expires_at": NOON},
        {"status": "active", "lifetime_days": 30, "expires_at": NOON},
    ],
    ids=lambda gone: gone["status"],
)
def test_what_nobody_can_see_cannot_be_watched(gone, browser, make, rows):
    listing = make.listing(**gone)
    assert browser.submit(f"/listings/{listing.id}/watch").status_code == 404
    assert rows("SELECT FROM watched_listings") == []


def test_what_became_of_each_is_said_in_words(browser, member, make):
    there = make.listing(title="There", lifetime_days=30, expires_at=datetime.now(UTC) + A_DAY)
    past = make.listing(title="Past its time", lifetime_days=30, expires_at=NOON)
    swept = make.listing(title="Swept", status="expired", lifetime_days=30, expires_at=NOON)
    archived = make.listing(title="Archived", status="archived")
    for listing in (there, past, swept, archived):
        make.watched(member, listing)
    assert cards(browser.page("/my/saved")) == {
        "There": None,
        "Past its time": "Expired",
        "Swept": "Expired",
        "Archived": "No longer available",
    }


def test_a_deleted_listing_leaves_the_list(browser, browser_of, member, make, rows):
    owner = make.member()
    listing = make.listing(owner_id=owner.id)
    make.watched(member, listing)
    assert browser_of(owner).submit(f"/listings/{listing.id}/delete").status_code == 303
    assert rows("SELECT FROM watched_listings") == []
    assert browser.submit(f"/listings/{listing.id}/unwatch").status_code == 404


def test_the_list_has_an_end_which_is_said(browser, member, make, monkeypatch):
    monkeypatch.setattr("marketplace.saved.actions.WATCHED_MAXIMUM", 2)
    first, second, third = (make.listing() for _ in range(3))
    for listing in (first, second):
        make.watched(member, listing)
    response = browser.submit(f"/listings/{third.id}/watch", follow_redirects=True)
    assert "which is as many as can be" in text_of(check_page(response.text))
    assert browser.submit(f"/listings/{first.id}/watch").status_code == 303
    assert len(cards(browser.page("/my/saved"))) == 2


@pytest.mark.parametrize("taken_down", [{"hidden_at": NOON}, {"shown_from": datetime.now(UTC) + A_DAY}])
def test_what_moderators_took_down_is_told_without_its_words(taken_down, browser, member, make, rows):
    listing = make.listing(title="A theremin", items=[], **taken_down)
    item = make.item(listing, name="A wonderful sound")
    picture = make.picture(item_id=item.id)
    make.watched(member, listing)
    page = browser.page("/my/saved")
    assert cards(page) == {"A listing you saved": "No longer available"}
    for words in ("theremin", "wonderful", picture.key):
        assert words not in browser.get("/my/saved").text
    assert browser.submit(f"/listings/{listing.id}/unwatch").status_code == 303
    assert browser.submit(f"/listings/{listing.id}/watch").status_code == 404
