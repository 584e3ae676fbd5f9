"""A swap in which each side lends the other something: each thing is free again as soon as it is back."""

from datetime import timedelta

import pytest

from marketplace import clock
from tests.factories.exchanges import days


@pytest.fixture
def canoe(thing, ama):
    return thing(ama, name="Canoe", exchange_type="temporary", duration_days=7)


@pytest.fixture
def both_lent(make, ama, boa, canoe, tent):
    """Ama has Boa's tent, and Boa has Ama's canoe."""
    handed = {"proposer_handed_at": days(0), "receiver_handed_at": days(0)}
    exchange = make.exchange(ama, boa, [canoe], [tent], state="lent", **handed)
    exchange.loans = {item.name: make.loan(exchange, item).id for item in (canoe, tent)}
    return exchange


@pytest.fixture
def give_back(both_lent, ama, boa, browser_of):
    """Lets both say that a thing is back."""

    def say(name):
        for member in (ama, boa):
            sent = {"loan": both_lent.loans[name]}
            assert browser_of(member).submit(f"/swaps/{both_lent.id}/back", sent).status_code == 303

    return say


def test_what_is_back_is_free_while_the_rest_is_still_lent(
    make, boa, tent, both_lent, give_back, browser_of, told, rows, state_of
):
    cora = make.member(username="cora")
    waiting = make.exchange(cora, boa, [], [tent])
    sent = {"version": "1"}
    assert browser_of(boa).submit(f"/swaps/{waiting.id}/accept", sent).status_code == 409
    give_back("Tent")
    assert state_of(both_lent) == "lent"
    assert rows("SELECT item_id FROM exchange_holds WHERE released_at IS NOT NULL") == [(tent.id,)]
    assert told()[-3:] == [("ama", "give_back"), ("cora", "free"), ("boa", "free")]
    assert browser_of(boa).submit(f"/swaps/{waiting.id}/accept", sent).status_code == 303


def test_with_the_last_thing_the_swap_is_completed(both_lent, give_back, rows, state_of, told):
    give_back("Canoe")
    first = rows("SELECT released_at FROM exchange_holds WHERE released_at IS NOT NULL")
    give_back("Tent")
    assert state_of(both_lent) == "completed"
    assert rows("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(0,)]
    # The moment of the first one stays.
    assert first[0] in rows("SELECT released_at FROM exchange_holds")
    assert [kind for _, kind in told()] == ["give_back", "give_back", "give_back", "take_back"]


def test_nobody_is_reminded_of_a_thing_that_is_back(both_lent, give_back, remind, at, told, rows):
    rows("UPDATE exchange_loans SET remind_at = due_at - interval '2 days' RETURNING id")
    give_back("Tent")
    before = len(told())
    at(days(4) + timedelta(days=1))
    assert remind() > 0
    assert remind() == 0
    # The canoe, which Boa has, is overdue; the tent, which Ama had, is not.
    assert told()[before:] == [("ama", "overdue"), ("boa", "overdue")]
    assert clock.now() == days(5)
