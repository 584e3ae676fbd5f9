"""The page of notifications, the number in the header, and what the script asks for."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from marketplace.accounts.models import User
from marketplace.devices.rules import SEEN_EVERY
from marketplace.devices.sessions import USED_AT
from marketplace.notifications.queries import PAGE_SIZE, UNREAD
from tests.notifications.conftest import NOON
from tests.support.hostile import HOSTILE, SHOWN, seen
from tests.support.html import text_of

READ = "SELECT read_at FROM notifications ORDER BY id"


@pytest.fixture
def member(make):
    return make.member()


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


def entries(page):
    """What the page lists: sentence, whether it is new."""
    items = page.findall(".//main//section//li[@class='panel row row--apart']")
    return [
        (text_of(item.find(".//p")).removeprefix("New "), item.find(".//form") is not None) for item in items
    ]


def badge(page):
    """The number in the header; None while it is hidden."""
    found = page.find(".//header//span[@class='unread-count']")
    return None if found.get("hidden") is not None else text_of(found.find("span"))


def test_who_was_told_nothing_reads_so(browser):
    page = browser.page("/notifications")
    assert "Nothing here" in text_of(page)
    assert badge(page) is None
    assert page.find(".//form[@action='/notifications/read']") is None


def test_the_newest_is_first_and_the_unread_are_marked(browser, member, make, tell, at):
    for hour, thing in enumerate(("First", "Second")):
        at(NOON + timedelta(hours=hour))
        tell(member, thing=thing)
    tell(make.member(), thing="Not yours")
    page = browser.page("/notifications")
    assert entries(page) == [
        ("A former member has something for you: “Second”.", True),
        ("A former member has something for you: “First”.", True),
    ]
    assert badge(page) == "2"


def test_looking_marks_nothing_and_opening_does(browser, member, tell, rows, at):
    tell(member, item_id=5)
    browser.page("/notifications")
    assert rows(READ) == [(None,)]
    action = browser.page("/notifications").find(".//main//section//form").get("action")
    assert browser.submit(action).location == "/items/5#more"
    assert rows(READ) == [(NOON,)]
    # Once more does no harm, and the first time counts.
    at(NOON + timedelta(hours=1))
    assert browser.submit(action).location == "/items/5#more"
    assert rows(READ) == [(NOON,)]
    page = browser.page("/notifications")
    assert entries(page) == [("A former member has something for you: “A drill”.", False)]
    assert page.find(".//main//section//li/a").get("href") == "/items/5#more"
    assert badge(page) is None


def test_nobody_opens_what_others_were_told(browser, make, rows):
    told = make.notification(make.member())
    assert browser.submit(f"/notifications/{told.id}/open").status_code == 404
    assert rows(READ) == [(None,)]


def test_all_are_marked_as_read_but_those_that_came_later(browser, member, make, tell, rows):
    other = make.member()
    tell(other)
    tell(member)
    tell(member)
    form = browser.page("/notifications").find(".//form[@action='/notifications/read']")
    until = form.find("input[@name='until']").get("value")
    tell(member)
    assert browser.submit("/notifications/read", {"until": until}).location == "/notifications"
    assert rows(READ) == [(None,), (NOON,), (NOON,), (None,)]
    assert badge(browser.page("/notifications")) == "1"


@pytest.mark.parametrize("until", ["", "0", "-1", "x", "٣", "9" * 19, "1\x00"], ids=ascii)
def test_marking_needs_to_know_until_which(until, browser, member, tell, rows):
    tell(member)
    assert browser.submit("/notifications/read", {"until": until}).status_code == 400
    assert rows(READ) == [(None,)]


def test_pages_go_back_in_time_and_never_shift(browser, member, tell, at):
    total = 2 * PAGE_SIZE + 5
    for minute in range(total):
        at(NOON + timedelta(minutes=minute // 2))
        tell(member, thing=f"Thing {minute}")
    expected = [f"Thing {number}" for number in reversed(range(total))]
    page, path, found = None, "/notifications", []
    while path:
        page = browser.page(path)
        found += re.findall(r"“(Thing \d+)”\.", " ".join(sentence for sentence, _ in entries(page)))
        # What comes meanwhile changes no page but the first.
        at(NOON + timedelta(days=1))
        tell(member, thing="Later")
        older = page.find(".//nav/a[@rel='next']")
        path = older.get("href") if older is not None else None
    assert found == expected
    newer = page.find(".//nav/a[@rel='prev']").get("href")
    back = re.findall(r"“(Thing \d+)”\.", " ".join(sentence for sentence, _ in entries(browser.page(newer))))
    assert back == expected[PAGE_SIZE : 2 * PAGE_SIZE]


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-x", "-1-1", f"1-{2**63}"])
def test_a_cursor_that_is_none_is_a_page_that_does_not_exist(cursor, browser):
    browser.page(f"/notifications?older={cursor}", 404)
    browser.page(f"/notifications?newer={cursor}", 404)


@pytest.mark.parametrize("text", SHOWN)
def test_what_others_wrote_is_text(text, browser, member, tell):
    written = HOSTILE[text].decode()
    if "\x00" in written:
        pytest.skip("the forms take it out, and no column holds it")
    tell(member, thing=written)
    page = browser.page("/notifications")
    assert seen(written) in seen(text_of(page))
    assert all(script.get("src") and not script.text for script in page.iter("script"))


def test_a_kind_that_this_release_does_not_know_leads_to_the_page_itself(browser, member, make):
    told = make.notification(member, kind="of a newer release", details={"x": 1})
    other = make.notification(member, kind="told", details={"of an": "older release"})
    page = browser.page("/notifications")
    assert [sentence for sentence, _ in entries(page)] == ["There is something new for you."] * 2
    for each in (told, other):
        assert browser.submit(f"/notifications/{each.id}/open").location == "/notifications"


def test_the_header_counts_on_every_page_of_a_member_and_on_kept_ones(client, browser, member, tell, rows):
    for number in ("1", "2"):
        tell(member)
        for path in ("/", "/account", "/nowhere"):
            page = browser.page(path, 404 if path == "/nowhere" else 200)
            assert badge(page) == number, path
    assert client.page("/").find(".//span[@class='unread-count']") is None


def test_many_are_not_counted_out(browser, member, make, rows):
    rows(
        "INSERT INTO notifications (member_id, kind, once, created_at)"
        " SELECT :id, 'told', n::text, now() FROM generate_series(1, 150) AS n RETURNING id",
        id=member.id,
    )
    assert badge(browser.page("/")) == "99+"


def test_the_count_is_one_indexed_statement(browser, member, rows, make):
    rows(
        "INSERT INTO notifications (member_id, kind, once, created_at, read_at)"
        " SELECT :id, 'told', n::text, now(), now() FROM generate_series(1, 3000) AS n RETURNING id",
        id=member.id,
    )
    make.notification(member)
    statement = select(UNREAD).select_from(User).where(User.id == member.id)
    literal = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    plan = " ".join(line for (line,) in rows(f"EXPLAIN {literal}"))
    assert "ix_notifications_unread" in plan


def test_the_script_is_told_the_number_and_no_more_than_once(browser, member, tell):
    answer = browser.get("/notifications/count")
    assert answer.get_json() == {"unread": 0, "words": "0"}
    assert answer.headers["Cache-Control"] == "private, no-store"
    tag = answer.headers["ETag"]
    again = browser.get("/notifications/count", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    tell(member)
    answer = browser.get("/notifications/count", headers={"If-None-Match": tag})
    assert answer.get_json() == {"unread": 1, "words": "1"}
    assert answer.headers["ETag"] != tag


def test_a_page_that_is_left_open_keeps_nobody_signed_in(browser):
    long_ago = 1 - int(SEEN_EVERY.total_seconds())
    with browser.session_transaction() as session:
        session[USED_AT] += long_ago - 60
        before = session[USED_AT]
    assert browser.get("/notifications/count").status_code == 200
    with browser.session_transaction() as session:
        assert session[USED_AT] == before
    browser.get("/notifications")
    with browser.session_transaction() as session:
        assert session[USED_AT] > before


def test_the_header_says_where_the_script_asks(browser):
    count = browser.page("/").find(".//header//span[@class='unread-count']")
    assert count.get("data-url") == "/notifications/count"
    scripts = [script.get("src") for script in browser.page("/").iter("script")]
    assert any("js/unread_count." in source for source in scripts)
