"""Who is told what: the other side of what one does, both of what time or a moderator does, each once."""

from datetime import timedelta

import pytest

from marketplace import clock
from marketplace.exchanges import actions, telling
from marketplace.exchanges.rules import TRANSITIONS
from marketplace.extensions import db
from tests.factories.exchanges import days
from tests.support.html import text_of

ACCEPT = {"version": "1"}


def test_every_event_is_told(app):
    assert telling._KINDS.keys() >= TRANSITIONS.keys()
    assert {telling.kind_of(name) for name in telling._KINDS} <= app.extensions["notification_kinds"].keys()


def test_the_other_side_is_told_with_a_link_and_a_letter(ama, boa, drill, boat, browser_of, told, rows):
    sent = {"give": drill.id, "get": boat.id, "go": "send", "open_days": "7"}
    path = browser_of(ama).submit(f"/items/{boat.id}/swap", sent).location
    assert told() == [("boa", "propose")]
    page = browser_of(boa).page("/notifications")
    assert "ama proposes a swap to you: Drill and Boat." in text_of(page)
    ((text,),) = rows("SELECT text FROM outbox")
    assert f"{path}#action" in text
    assert browser_of(boa).submit(f"{path}/accept", ACCEPT).status_code == 303
    assert browser_of(boa).submit(f"{path}/undo").status_code == 303
    assert browser_of(boa).submit(f"{path}/decline").status_code == 303
    assert told()[1:] == [("ama", "accept"), ("ama", "undo"), ("ama", "decline")]


def test_nobody_is_told_of_what_was_undone(app, connection, exchange, told):
    with app.app_context():
        actions.withdraw(exchange.id, "proposer")
        assert told() == [("boa", "withdraw")]
        db.session.rollback()
    assert told() == []


def test_both_are_told_of_what_time_does(exchange, remind, after, told):
    after(days=8)
    assert remind() == 1
    assert told() == [("ama", "lapse"), ("boa", "lapse")]
    assert remind() == 0


def test_many_things_are_not_all_named(make, ama, boa, thing, browser_of, told):
    items = [thing(boa, name=f"Thing {number}") for number in range(5)]
    exchange = make.exchange(ama, boa, [], items)
    browser_of(ama).submit(f"/swaps/{exchange.id}/withdraw")
    assert "Thing 0, Thing 1 and 3 more" in text_of(browser_of(boa).page("/notifications"))


def test_those_who_wait_are_told_of_the_hold_and_of_its_end(make, boa, boat, exchange, browser_of, told):
    cora = make.member(username="cora")
    make.exchange(cora, boa, [], [boat])
    late = make.exchange(make.member(), boa, [], [boat], open_until=clock.now())
    browser = browser_of(boa)
    assert browser.submit(f"/swaps/{exchange.id}/accept", ACCEPT).status_code == 303
    assert told() == [("ama", "accept"), ("cora", "hold"), ("boa", "hold")]
    assert browser.submit(f"/swaps/{exchange.id}/undo").status_code == 303
    assert told()[3:] == [("ama", "undo"), ("cora", "free"), ("boa", "free")]
    assert late.state == "proposed"


def test_a_loan_for_other_days_holds_nobody_up(make, ama, boa, tent, browser_of, told):
    first, second = make.exchange(ama, boa), make.exchange(make.member(username="cora"), boa)
    for each, begins in ((first, 1), (second, 4)):
        make.thing(each, tent, "receiver", lent_from=days(begins), lent_until=days(begins + 3))
    assert browser_of(boa).submit(f"/swaps/{first.id}/accept", ACCEPT).status_code == 303
    assert told() == [("ama", "accept")]


def test_what_is_held_by_another_still_is_not_free(
    make, ama, boa, boat, drill, thing, browser_of, told, rows
):
    """Cora wants two things, promised to two: she is told when the second is free, and not before."""
    oars = thing(boa, name="Oars")
    make.exchange(make.member(username="cora"), boa, [], [boat, oars])
    first = make.exchange(ama, boa, [], [boat], state="accepted")
    second = make.exchange(ama, boa, [], [oars], state="accepted")
    for each, expected in ((first, []), (second, [("cora", "free"), ("boa", "free")])):
        before = len(told())
        assert browser_of(ama).submit(f"/swaps/{each.id}/cancel").status_code == 303
        assert told()[before:] == [("boa", "cancel"), *expected]


def test_a_member_who_left_is_told_nothing(app, connection, make, ama, boa, agreed, rows, told):
    rows("UPDATE exchanges SET proposer_id = NULL RETURNING id")
    with app.app_context():
        actions.move(agreed.id, "abandon", "time")
        db.session.commit()
    assert told() == [("boa", "abandon")]


@pytest.mark.parametrize("name", sorted(telling._KINDS))
def test_each_sentence_can_be_said(app, connection, exchange, name):
    with app.app_context():
        telling.tell_sides(
            actions.lock_exchange(exchange.id),
            ("receiver",),
            name,
            f"once {name}",
            clock.now() - timedelta(days=1),
            by_id=exchange.proposer_id,
            days="3 days",
        )
        letters = (
            db.session.connection().exec_driver_sql("SELECT details->>'things' FROM notifications").all()
        )
    assert letters == [("Drill and Boat",)]
