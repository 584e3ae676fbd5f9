"""Disputes: a side asks a moderator, the clock stands still, and a moderator decides with a reason."""

from urllib.parse import urlencode

import pytest

from tests.support.hostile import HOSTILE
from tests.support.html import text_of

VERDICT = {"decision": "annul", "reason": "The boat <leaks>."}


@pytest.fixture
def moderator(make):
    return make.moderator(username="mira")


@pytest.fixture
def disputed(ama, agreed, browser_of):
    """Ama asks a moderator about it."""
    answer = browser_of(ama).submit(f"/swaps/{agreed.id}/dispute", {"words": "The boat <leaks>."})
    assert answer.status_code == 303
    return agreed


def test_a_dispute_needs_a_reason_and_stops_the_clock(
    ama, boa, agreed, browser_of, state_of, after, remind, told
):
    path, browser = f"/swaps/{agreed.id}/dispute", browser_of(boa)
    assert "Ask a moderator" in text_of(browser.page(path))
    for words in ("", " ", "x" * 1001):
        assert browser.submit(path, {"words": words}).status_code == 422
    assert browser_of(ama).submit(f"/swaps/{agreed.id}/hand").status_code == 303
    assert browser.submit(path, {"words": "There was none."}).status_code == 303
    assert told() == [("boa", "hand"), ("ama", "dispute")]
    for member in (ama, boa):
        assert "There was none." in text_of(browser_of(member).page(f"/swaps/{agreed.id}"))
    after(days=100)
    assert remind() == 0
    assert state_of(agreed) == "disputed"
    assert browser.submit(path, {"words": "Again"}).status_code == 409
    assert browser.get(path).status_code == 409


@pytest.mark.parametrize(("decision", "state"), [("settle", "completed"), ("annul", "cancelled")])
def test_a_moderator_decides_and_both_read_why(
    decision, state, ama, boa, disputed, moderator, browser_of, state_of, told, rows
):
    browser = browser_of(moderator)
    assert f'href="/moderation/swaps/{disputed.id}"' in browser.get("/moderation/swaps").text
    assert "/moderation/swaps" in browser.get("/moderation").text
    path = f"/moderation/swaps/{disputed.id}"
    page = text_of(browser.page(path))
    for words in ("The boat <leaks>.", "ama gives: Drill", "boa gives: Boat", "ama asked a moderator"):
        assert words in page
    for wrong in ({"decision": "neither"}, {"reason": " "}, {"reason": "x" * 501}):
        assert browser.submit(path, VERDICT | wrong).status_code == 422
    assert browser.submit(path, VERDICT | {"decision": decision}).status_code == 303
    assert state_of(disputed) == state
    assert told()[-2:] == [("ama", decision), ("boa", decision)]
    for member in (ama, boa):
        assert "The boat &lt;leaks&gt;." in browser_of(member).get(f"/swaps/{disputed.id}").text
    (left,) = rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL")[0]
    assert left == (2 if decision == "settle" else 0)
    entry = rows("SELECT actor_id, action, object_kind, object_id, reason FROM audit_log")
    assert entry == [(moderator.id, decision, "swap", disputed.id, "The boat <leaks>.")]
    assert browser.get(path).status_code == 404
    assert browser.submit(path, VERDICT).status_code == 404
    assert "Nothing to decide" in browser.get("/moderation/swaps").text


def test_nobody_judges_their_own(make, ama, moderator, drill, browser_of, state_of):
    exchange = make.exchange(ama, moderator, [drill], state="accepted")
    browser_of(ama).submit(f"/swaps/{exchange.id}/dispute", {"words": "No."})
    path = f"/moderation/swaps/{exchange.id}"
    assert "You are one of the two" in text_of(browser_of(moderator).page(path))
    assert browser_of(moderator).submit(path, VERDICT).status_code == 403
    assert state_of(exchange) == "disputed"


def test_members_have_no_part_in_it(ama, boa, disputed, agreed, browser_of, client):
    for path in ("/moderation/swaps", f"/moderation/swaps/{disputed.id}"):
        assert browser_of(ama).get(path).status_code == 404
        assert client.get(path).status_code == 303
    assert browser_of(ama).submit(f"/moderation/swaps/{disputed.id}", VERDICT).status_code == 404


def test_what_is_not_agreed_on_is_no_dispute(ama, exchange, browser_of, state_of):
    assert browser_of(ama).submit(f"/swaps/{exchange.id}/dispute", {"words": "No."}).status_code == 409
    assert state_of(exchange) == "proposed"


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_kept_or_refused_with_a_sentence(text, make, ama, boa, moderator, browser_of):
    browser = browser_of(moderator)
    for name in VERDICT:
        exchange = make.exchange(ama, boa, state="accepted")
        browser_of(ama).submit(f"/swaps/{exchange.id}/dispute", {"words": "No."})
        answer = browser.post(
            f"/moderation/swaps/{exchange.id}",
            data=urlencode(VERDICT | {name: text, "csrf_token": browser.csrf_token()}),
            content_type="application/x-www-form-urlencoded",
        )
        assert answer.status_code in (303, 422), (name, answer.status)
        if answer.status_code == 303:
            browser_of(ama).page(f"/swaps/{exchange.id}")
