"""Accepting, declining, changing and withdrawing; the hold; and taking an acceptance back."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from marketplace import clock
from marketplace.exchanges.rules import UNDO_LASTS
from tests.factories.exchanges import days
from tests.support.html import text_of

SEND = {"go": "send", "open_days": "7"}
ACCEPT = {"version": "1"}


@pytest.fixture
def after(monkeypatch):
    """Lets so much time go by."""

    def travel(**span):
        moment = clock.now() + timedelta(**span)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return travel


@pytest.fixture
def events(rows):
    return lambda: rows("SELECT event, actor, version FROM exchange_events ORDER BY id")


def test_accepting_promises_all_of_it(ama, boa, drill, boat, exchange, browser_of, rows, state_of, events):
    path = f"/swaps/{exchange.id}"
    answer = browser_of(boa).submit(f"{path}/accept", ACCEPT)
    assert (answer.status_code, answer.location) == (303, path)
    assert state_of(exchange) == "accepted"
    held = rows("SELECT item_id, giver, upper_inf(during), released_at FROM exchange_holds ORDER BY item_id")
    assert held == [(drill.id, "proposer", True, None), (boat.id, "receiver", True, None)]
    assert rows("SELECT accepted_by, awaits FROM exchanges") == [("receiver", None)]
    assert events() == [("propose", "proposer", 1), ("accept", "receiver", 1)]
    for member in (ama, boa):
        assert "Both of you have agreed" in browser_of(member).get(path).text


def test_a_loan_is_promised_for_its_days(make, ama, boa, tent, browser_of, rows):
    exchange = make.exchange(ama, boa, [], [tent])
    assert browser_of(boa).submit(f"/swaps/{exchange.id}/accept", ACCEPT).status_code == 303
    assert rows("SELECT lower(during), upper(during) FROM exchange_holds") == [(days(1), days(4))]
    assert rows("SELECT exchange_id, due_at FROM exchange_loans") == [(exchange.id, days(4))]


def test_declining_with_a_reason(ama, boa, exchange, browser_of, rows, events):
    path = f"/swaps/{exchange.id}"
    browser = browser_of(boa)
    assert "It ends with that" in browser.get(f"{path}/decline").text
    assert browser.submit(f"{path}/decline", {"reason": "x" * 501}).status_code == 422
    assert browser.submit(f"{path}/decline", {"reason": "I keep <it>."}).status_code == 303
    assert "I keep &lt;it&gt;." in browser_of(ama).get(path).text
    assert rows("SELECT state, closed_by FROM exchanges") == [("declined", "receiver")]
    assert events()[1:] == [("decline", "receiver", 1)]


def test_withdrawing(ama, boa, exchange, browser_of, state_of):
    path = f"/swaps/{exchange.id}"
    assert browser_of(boa).submit(f"{path}/withdraw").status_code == 409
    assert browser_of(ama).submit(f"{path}/withdraw").status_code == 303
    assert state_of(exchange) == "withdrawn"
    assert "Withdrawn" in browser_of(boa).get(path).text


def test_changing_it_and_sending_it_back(ama, boa, drill, boat, tent, exchange, browser_of, rows, events):
    path = f"/swaps/{exchange.id}"
    browser = browser_of(boa)
    ticked = browser.page(f"{path}/change").findall(".//input[@checked]")
    assert {box.get("value") for box in ticked if box.get("type") == "checkbox"} == {
        str(drill.id),
        str(boat.id),
    }
    loan = {f"from-{tent.id}": days(1).date(), f"until-{tent.id}": days(2).date()}
    sent = {**SEND, "version": "1", "give": tent.id, **loan, "get": drill.id, "note": "Rather the tent."}
    check = browser.submit(f"{path}/change", {**sent, "go": "check"})
    assert "What you propose to" in check.text
    assert browser.submit(f"{path}/change", sent).status_code == 303
    page = text_of(browser_of(ama).page(path))
    assert "It is your turn" in page
    for words in ("Added: Tent", "Left out: Boat", "Rather the tent.", "Proposal 1, by you"):
        assert words in page
    assert rows("SELECT version, awaits, item_ids FROM exchanges") == [
        (2, "proposer", sorted([drill.id, tent.id]))
    ]
    assert rows("SELECT number, author FROM exchange_versions ORDER BY number") == [
        (1, "proposer"),
        (2, "receiver"),
    ]
    assert events()[1:] == [("change", "receiver", 2)]
    assert browser_of(boa).submit(f"{path}/accept", {"version": "2"}).status_code == 409
    assert browser_of(ama).submit(f"{path}/accept", {"version": "2"}).status_code == 303
    assert rows("SELECT item_id, giver FROM exchange_holds ORDER BY giver") == [
        (drill.id, "proposer"),
        (tent.id, "receiver"),
    ]


def test_other_days_are_a_change(make, ama, boa, tent, browser_of):
    exchange = make.exchange(ama, boa, [], [tent])
    path = f"/swaps/{exchange.id}"
    loan = {f"from-{tent.id}": days(5).date(), f"until-{tent.id}": days(6).date()}
    sent = browser_of(boa).submit(f"{path}/change", {**SEND, "version": "1", "give": tent.id, **loan})
    assert sent.status_code == 303
    assert "Other days for Tent" in browser_of(ama).get(path).text


@pytest.mark.parametrize("act", ["accept", "change"])
@pytest.mark.parametrize("version", ["1", "0", "3", "", "x"])
def test_a_page_that_is_old_changes_nothing(
    act, version, make, ama, boa, drill, boat, exchange, browser_of, rows
):
    make.version(exchange, [drill], [boat], 2, author="receiver")
    rows("UPDATE exchanges SET version = 2, awaits = 'proposer' RETURNING id")
    sent = {**SEND, "version": version, "give": drill.id}
    answer = browser_of(ama).submit(f"/swaps/{exchange.id}/{act}", sent)
    assert answer.status_code == 409
    assert "It was changed meanwhile" in answer.text
    assert ('<details class="details" open>' in answer.text) == (version == "1")
    assert rows("SELECT state, version FROM exchanges") == [("proposed", 2)]


def test_who_is_no_side_can_do_nothing(make, exchange, browser_of, state_of):
    stranger = browser_of(make.member())
    for act in ("accept", "decline", "withdraw", "undo", "change"):
        assert stranger.submit(f"/swaps/{exchange.id}/{act}", ACCEPT).status_code == 404
    for page in ("change", "decline"):
        assert stranger.get(f"/swaps/{exchange.id}/{page}").status_code == 404
    assert state_of(exchange) == "proposed"


def test_what_is_over_is_stored_as_that_when_somebody_comes_too_late(
    boa, exchange, browser_of, state_of, events, after
):
    after(days=7)
    answer = browser_of(boa).submit(f"/swaps/{exchange.id}/accept", ACCEPT)
    assert answer.status_code == 409
    assert "Not answered in time" in answer.text
    assert state_of(exchange) == "lapsed"
    assert events()[1:] == [("lapse", "time", 1)]


def test_an_acceptance_can_be_taken_back_for_a_short_while(
    ama, boa, exchange, browser_of, rows, state_of, after
):
    path = f"/swaps/{exchange.id}"
    browser = browser_of(boa)
    assert browser.submit(f"{path}/accept", ACCEPT).status_code == 303
    assert browser_of(ama).submit(f"{path}/undo").status_code == 409
    after(minutes=9)
    assert f'action="{path}/undo"' in browser.get(path).text
    assert browser.submit(f"{path}/undo").status_code == 303
    assert state_of(exchange) == "proposed"
    assert rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(0,)]
    assert browser.submit(f"{path}/accept", ACCEPT).status_code == 303
    after(seconds=UNDO_LASTS.total_seconds())
    assert f'action="{path}/undo"' not in browser.get(path).text
    assert browser.submit(f"{path}/undo").status_code == 409
    assert state_of(exchange) == "accepted"


def test_others_wait_while_it_is_promised_and_come_back_when_it_is_free(
    make, ama, boa, boat, exchange, browser_of, state_of
):
    other = make.exchange(make.member(), boa, [], [boat])
    browser = browser_of(boa)
    assert browser.submit(f"/swaps/{exchange.id}/accept", ACCEPT).status_code == 303
    assert "/accept" not in browser.get(f"/swaps/{other.id}").text
    answer = browser.submit(f"/swaps/{other.id}/accept", ACCEPT)
    assert answer.status_code == 409
    assert "Somebody was quicker" in answer.text
    assert state_of(other) == "proposed"
    assert browser.submit(f"/swaps/{exchange.id}/undo").status_code == 303
    assert browser.submit(f"/swaps/{other.id}/accept", ACCEPT).status_code == 303


def test_two_loans_of_a_thing_for_other_days_do_not_meet(make, ama, boa, tent, browser_of):
    browser = browser_of(boa)
    made = [make.exchange(make.member(), boa) for _ in range(3)]
    for exchange, (begins, ends) in zip(made, ((1, 4), (4, 6), (3, 5)), strict=True):
        make.thing(exchange, tent, "receiver", lent_from=days(begins), lent_until=days(ends))
    answers = [browser.submit(f"/swaps/{each.id}/accept", ACCEPT).status_code for each in made]
    assert answers == [303, 303, 409]


def test_the_database_itself_lets_no_two_promises_overlap(make, boa, boat, tent, exchange):
    first, second = (make.exchange(make.member(), boa) for _ in range(2))
    make.hold(first, boat, "receiver")
    make.hold(first, tent, "receiver")
    for item in (boat, tent):
        with pytest.raises(IntegrityError, match="ex_exchange_holds_one_promise"):
            make.hold(second, item, "receiver")
    make.hold(second, boat, "receiver", released_at=days(0))


def test_what_is_not_to_be_had_any_more_cannot_be_accepted(
    make, ama, boa, boat, exchange, browser_of, rows, state_of
):
    spoilt = [
        (
            "UPDATE listings SET status = 'archived' WHERE id = :listing",
            "UPDATE listings SET status = 'active'",
        ),
        ("UPDATE listings SET hidden_at = now() WHERE id = :listing", "UPDATE listings SET hidden_at = NULL"),
        (
            "UPDATE listings SET lifetime_days = 30, expires_at = now() WHERE id = :listing",
            "UPDATE listings SET lifetime_days = NULL, expires_at = NULL",
        ),
        ("UPDATE users SET leaving_at = now() WHERE id = :ama", "UPDATE users SET leaving_at = NULL"),
        ("UPDATE users SET is_active = false WHERE id = :ama", "UPDATE users SET is_active = true"),
        (
            "UPDATE users SET suspended_until = now() + interval '1 day' WHERE id = :ama",
            "UPDATE users SET suspended_until = NULL",
        ),
        ("INSERT INTO blocks (member_id, blocked_id) VALUES (:ama, :boa)", "DELETE FROM blocks"),
        ("DELETE FROM listing_items WHERE id = :boat", None),
    ]
    values = {"listing": boat.listing_id, "ama": ama.id, "boa": boa.id, "boat": boat.id}
    browser = browser_of(boa)
    for before, after in spoilt:
        rows(f"{before} RETURNING 1", **{name: values[name] for name in values if f":{name}" in before})
        answer = browser.submit(f"/swaps/{exchange.id}/accept", ACCEPT)
        assert answer.status_code == 409, before
        assert "not on offer any more" in answer.text, before
        if after:
            rows(f"{after} RETURNING 1")
    assert state_of(exchange) == "proposed"


@pytest.mark.parametrize("state", ["question", "accepted", "lent", "disputed", "completed", "declined"])
def test_what_is_not_proposed_cannot_be_accepted(state, make, ama, boa, browser_of, state_of):
    exchange = make.exchange(ama, boa, state=state)
    version = {"version": str(exchange.version)}
    assert browser_of(boa).submit(f"/swaps/{exchange.id}/accept", version).status_code == 409
    assert state_of(exchange) == state
