"""Many at once, on connections of their own: one wins, the others are told, and nobody sees a deadlock."""

import threading
from collections import Counter

import pytest
from sqlalchemy import text

from marketplace.exchanges import actions
from marketplace.exchanges.moving import lock_exchange
from marketplace.extensions import db
from tests.conftest import dispose, make_app, new_client
from tests.exchanges.racing import at_once, held_twice
from tests.factories import Factories
from tests.factories.accounts import PASSWORD

ATTEMPTS = 4


@pytest.fixture
def make(committing_app):
    return Factories(committing_app)


def locks_of_items(window):
    """The statements of the window's last request that locked items."""
    return [each for each in window.statements if "FROM listing_items" in each and "FOR UPDATE" in each]


def test_fifty_acceptances_of_proposals_that_share_things(make, window_of, stored):
    owner = make.member()
    items = [make.item(make.listing(owner_id=owner.id, items=[])) for _ in range(6)]
    acts = []
    for number in range(50):
        # Each shares something with each other one, in an order of its own.
        gets = [items[number % 6], items[(number * 5 + 1) % 6], items[(number * 3 + 2) % 6], items[0]]
        exchange = make.exchange(make.member(), owner, [], list(dict.fromkeys(gets)))
        acts.append((window_of(owner), f"/swaps/{exchange.id}/accept", {"version": "1"}))
    for begin in range(0, 50, 10):
        at_once(*acts[begin : begin + 10])
    assert stored("SELECT count(*) FROM exchanges WHERE state = 'accepted'") == [(1,)]
    assert stored("SELECT count(*) FROM exchange_events WHERE event = 'accept'") == [(1,)]
    assert held_twice(stored) == []


def test_the_same_button_twice(make, window_of, stored):
    for _ in range(ATTEMPTS):
        owner, other = make.member(), make.member()
        item = make.item(make.listing(owner_id=owner.id, items=[]))
        exchange = make.exchange(other, owner, [], [item])
        press = (f"/swaps/{exchange.id}/accept", {"version": "1"})
        answers = at_once((window_of(owner), *press), (window_of(owner), *press))
        assert sorted(answer.status_code for answer in answers) == [303, 409]
        assert stored(
            "SELECT event FROM exchange_events WHERE exchange_id = :id ORDER BY id", id=exchange.id
        ) == [
            ("propose",),
            ("accept",),
        ]


def test_accepting_against_withdrawing(make, window_of, stored):
    for _ in range(ATTEMPTS):
        owner, other = make.member(), make.member()
        item = make.item(make.listing(owner_id=owner.id, items=[]))
        exchange = make.exchange(other, owner, [], [item])
        accepted, withdrawn = at_once(
            (window_of(owner), f"/swaps/{exchange.id}/accept", {"version": "1"}),
            (window_of(other), f"/swaps/{exchange.id}/withdraw", {}),
        )
        assert sorted((accepted.status_code, withdrawn.status_code)) == [303, 409]
        state = "accepted" if accepted.status_code == 303 else "withdrawn"
        assert stored("SELECT state FROM exchanges WHERE id = :id", id=exchange.id) == [(state,)]


@pytest.mark.parametrize("act", ["archive", "delete"])
def test_accepting_against_taking_the_listing_off(act, make, window_of, stored):
    for _ in range(ATTEMPTS):
        owner, other = make.member(), make.member()
        items = [make.item(make.listing(owner_id=owner.id, items=[])) for _ in range(2)]
        exchange = make.exchange(other, owner, [], items)
        accepted, _ = at_once(
            (window_of(owner), f"/swaps/{exchange.id}/accept", {"version": "1"}),
            (window_of(owner), f"/listings/{items[1].listing_id}/{act}", {}),
        )
        on_show = stored(
            "SELECT count(*) FROM listings WHERE id = :id AND status = 'active'", id=items[1].listing_id
        )
        assert on_show == [(int(accepted.status_code == 303),)]
        held = stored("SELECT count(*) FROM exchange_holds WHERE exchange_id = :id", id=exchange.id)
        assert held == [(2 * int(accepted.status_code == 303),)]


def test_accepting_against_leaving(make, window_of, stored):
    for _ in range(ATTEMPTS):
        owner, other = make.member(), make.member()
        item = make.item(make.listing(owner_id=owner.id, items=[]))
        mine = make.item(make.listing(owner_id=other.id, items=[]))
        exchange = make.exchange(other, owner, [mine], [item])
        accepted, left = at_once(
            (window_of(owner), f"/swaps/{exchange.id}/accept", {"version": "1"}),
            (window_of(other), "/account/delete", {"password": PASSWORD}),
        )
        assert left.status_code == 303
        # Whoever came first, nothing is left of it: it was withdrawn, or accepted and called off.
        state = "cancelled" if accepted.status_code == 303 else "withdrawn"
        assert stored("SELECT state FROM exchanges WHERE id = :id", id=exchange.id) == [(state,)]
        assert stored("SELECT count(*) FROM exchange_holds WHERE released_at IS NULL") == [(0,)]


def test_accepting_against_a_deletion_for_good(make, committing_app, window_of, stored):
    for _ in range(ATTEMPTS):
        owner, other = make.member(), make.member()
        item = make.item(make.listing(owner_id=owner.id, items=[]))
        exchange = make.exchange(other, owner, [], [item])
        with committing_app.app_context():
            leaves = "UPDATE users SET leaving_at = now() - interval '8 days' WHERE id = :id"
            db.session.execute(text(leaves), {"id": other.id})
            db.session.commit()
        results, window = [], window_of(owner)
        purge = threading.Thread(target=purge_into, args=(committing_app, results))
        purge.start()
        answer = window.submit(f"/swaps/{exchange.id}/accept", {"version": "1"})
        purge.join()
        # Whom somebody's request has locked is left for the next run.
        purge_into(committing_app, results)
        assert [result.exit_code for result in results] == [0, 0], [result.output for result in results]
        assert answer.status_code == 409
        assert stored("SELECT state FROM exchanges WHERE id = :id", id=exchange.id) == [("withdrawn",)]


def purge_into(app, results):
    """Delete for good who asked for it, and add the result."""
    results.append(app.test_cli_runner().invoke(args=["members", "purge"]))


def test_proposing_the_same_twice(make, window_of, stored):
    for _ in range(ATTEMPTS):
        owner, other = make.member(), make.member()
        item = make.item(make.listing(owner_id=owner.id, items=[]))
        form = {"get": item.id, "open_days": "7", "go": "send"}
        acts = [(window_of(other), f"/items/{item.id}/swap", form) for _ in range(3)]
        statuses = Counter(answer.status_code for answer in at_once(*acts))
        assert statuses == {303: 1, 409: 2}
        assert stored("SELECT count(*) FROM exchanges WHERE receiver_id = :id", id=owner.id) == [(1,)]


def test_a_deadlock_is_tried_once_more(make, committing_app, window_of, stored):
    owner = make.member()
    item = make.item(make.listing(owner_id=owner.id, items=[]))
    exchange = make.exchange(make.member(), owner, [], [item])
    window, answers = window_of(owner), []
    accept = threading.Thread(
        target=lambda: answers.append(window.submit(f"/swaps/{exchange.id}/accept", {"version": "1"}))
    )
    with committing_app.app_context():
        # The wrong way round, as nothing on the site does it.
        actions.lock_items([item.id])
        accept.start()
        while not stored("SELECT 1 FROM pg_locks WHERE NOT granted"):
            pass
        lock_exchange(exchange.id)
        db.session.rollback()
    accept.join()
    assert answers[0].status_code == 303
    assert len(locks_of_items(window)) == 2
    assert stored("SELECT state FROM exchanges") == [("accepted",)]


def test_what_stays_busy_is_said_to_be(make_database):
    app = make_app(make_database(), LOCK_TIMEOUT_MS=200)
    try:
        make = Factories(app)
        owner = make.member()
        item = make.item(make.listing(owner_id=owner.id, items=[]))
        exchange = make.exchange(make.member(), owner, [], [item])
        window = new_client(app).sign_in(owner)
        with app.app_context():
            other = db.engine.connect()
        with other:
            other.execute(text("SELECT FROM listing_items FOR UPDATE"))
            answer = window.submit(f"/swaps/{exchange.id}/accept", {"version": "1"})
        assert answer.status_code == 503
        assert len(locks_of_items(window)) == 2
        assert window.submit(f"/swaps/{exchange.id}/accept", {"version": "1"}).status_code == 303
    finally:
        dispose(app)
