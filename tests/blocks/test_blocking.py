"""To block and to unblock a member, from the member's page and the account page."""

import pytest
from sqlalchemy import text

from marketplace.blocks.rules import BLOCKED_MAXIMUM
from tests.support.html import text_of


@pytest.fixture
def member(make):
    return make.member(username="Wairisi")


@pytest.fixture
def other(make):
    return make.member(username="Kanaho")


@pytest.fixture
def browser(browser_of, member):
    return browser_of(member)


def blocks(rows):
    return rows("SELECT member_id, blocked_id FROM blocks ORDER BY 1, 2")


def link_on(page):
    return [a.get("href") for a in page.iter("a") if text_of(a) == "Block this member"]


def test_the_way_from_a_members_page_and_back(browser, member, other, rows):
    (link,) = link_on(browser.page("/members/Kanaho"))
    page = browser.page(link)
    assert "neither of you sees" in text_of(page)
    assert blocks(rows) == []
    answer = browser.submit(page.find(".//main//form").get("action"))
    assert (answer.status_code, answer.location) == (303, "/account#blocked_members")
    assert blocks(rows) == [(member.id, other.id)]
    account = browser.page("/account")
    assert "You have blocked Kanaho" in text_of(account)
    browser.page("/members/Kanaho", 404)
    forms = [form for form in account.iter("form") if form.get("action").endswith("/unblock")]
    answer = browser.submit(forms[0].get("action"))
    assert (answer.status_code, answer.location) == (303, "/account#blocked_members")
    assert blocks(rows) == []
    browser.page("/members/Kanaho")
    assert "You have blocked nobody" in text_of(browser.page("/account"))


def test_nobody_is_offered_to_block_themselves(browser, client, other):
    assert link_on(browser.page("/members/Wairisi")) == []
    assert link_on(client.page("/members/Kanaho")) == ["/members/Kanaho/block"]
    assert client.get("/members/Kanaho/block").location == "/login?next=/members/Kanaho/block"


@pytest.mark.parametrize("name", ["Wairisi", "wairisi", "nobody", "gone", "' OR 1=1"])
def test_oneself_and_those_who_are_not_there_cannot_be_blocked(name, browser, make, rows):
    make.member(username="gone", is_active=False)
    assert browser.get(f"/members/{name}/block").status_code == 404
    assert browser.submit(f"/members/{name}/block").status_code == 404
    assert blocks(rows) == []


def test_the_name_can_be_written_in_any_case(browser, member, other, rows):
    assert browser.submit("/members/kANAHO/block").status_code == 303
    assert blocks(rows) == [(member.id, other.id)]


def test_doing_it_twice_is_the_same_as_once(browser, member, other, rows):
    for _ in range(2):
        assert browser.submit("/members/Kanaho/block").status_code == 303
    assert blocks(rows) == [(member.id, other.id)]
    for _ in range(2):
        assert browser.submit("/members/Kanaho/unblock").status_code == 303
    assert blocks(rows) == []


def test_each_takes_back_their_own_alone(browser, browser_of, member, other, rows):
    theirs = browser_of(other)
    browser.submit("/members/Kanaho/block")
    theirs.submit("/members/Wairisi/unblock")
    assert blocks(rows) == [(member.id, other.id)]
    # Whoever is blocked can block as well, and is not told who did so first.
    section = theirs.page("/account").find(".//section[@aria-labelledby='blocked_members']")
    assert "You have blocked nobody" in text_of(section)
    theirs.page("/members/Wairisi/block")
    theirs.submit("/members/Wairisi/block")
    browser.submit("/members/Kanaho/unblock")
    assert blocks(rows) == [(other.id, member.id)]
    browser.page("/members/Kanaho", 404)


def test_a_member_who_left_can_be_unblocked(browser, member, make, rows):
    make.block(member, make.member(username="gone", is_active=False))
    page = browser.page("/account")
    assert "/members/gone/report" not in [a.get("href") for a in page.iter("a")]
    assert browser.submit("/members/gone/unblock").status_code == 303
    assert blocks(rows) == []


def test_there_is_a_bound(browser, member, other, rows, connection):
    connection.execute(
        text("""
            WITH made AS (
                INSERT INTO users (username, email, password_hash)
                SELECT 'blocked-' || n, 'b' || n || '@example.org', 'x' FROM generate_series(1, :count) AS n
                RETURNING id
            )
            INSERT INTO blocks (member_id, blocked_id) SELECT :member, id FROM made
        """),
        {"count": BLOCKED_MAXIMUM, "member": member.id},
    )
    browser.submit("/members/Kanaho/block")
    assert "as many as can be" in text_of(browser.page("/account"))
    assert (member.id, other.id) not in blocks(rows)
    assert browser.submit("/members/blocked-1/block").status_code == 303
    browser.submit("/members/blocked-1/unblock")
    browser.submit("/members/Kanaho/block")
    assert (member.id, other.id) in blocks(rows)


def test_blocks_go_with_either_member(make, member, other, rows):
    third = make.member()
    make.block(member, other)
    make.block(third, member)
    make.block(third, other)
    rows("DELETE FROM users WHERE id = :id RETURNING id", id=member.id)
    assert blocks(rows) == [(third.id, other.id)]


def test_fields_nobody_asked_for_block_nobody_else(browser, member, other, make, rows):
    third = make.member()
    browser.submit("/members/Kanaho/block", {"member_id": str(third.id), "blocked_id": str(third.id)})
    assert blocks(rows) == [(member.id, other.id)]
