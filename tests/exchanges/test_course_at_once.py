"""The course of swaps with many at once: two sweepers, and a renewal against a member who begins to wait."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from marketplace import clock
from marketplace.exchanges import actions, loan_actions, sweep
from marketplace.extensions import db
from tests.factories import Factories
from tests.factories.exchanges import days

SWEEPERS = 3


@pytest.fixture
def make(committing_app):
    return Factories(committing_app)


@pytest.fixture
def lent(make):
    """Boa lends a tent to Ama."""
    ama, boa = make.member(username="ama"), make.member(username="boa")
    tent = make.item(
        make.listing(owner_id=boa.id, items=[]), name="Tent", exchange_type="temporary", duration_days=7
    )
    exchange = make.exchange(
        ama, boa, [], [tent], state="lent", proposer_handed_at=days(0), receiver_handed_at=days(0)
    )
    loan = make.loan(exchange, tent, asked_until=days(6))
    return exchange, loan, tent, boa


def run_all(*acts):
    """Run each in a thread of its own, all beginning at once, and return what they returned or raised."""
    ready, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(number, act):
        ready.wait()
        try:
            results[number] = act()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_several_sweepers_do_each_thing_once(committing_app, make, lent, stored, monkeypatch):
    boa = lent[-1]
    stored("UPDATE exchange_loans SET remind_at = due_at - interval '2 days' RETURNING id")
    others = [make.exchange(make.member(), boa, state="question") for _ in range(12)]
    half_said = [
        make.exchange(make.member(), boa, state="accepted", receiver_handed_at=days(0), remind_at=days(2))
        for _ in range(6)
    ]
    silent = [make.exchange(make.member(), boa, state="accepted", updated_at=days(-40)) for _ in range(6)]
    soon = days(3)
    stored("UPDATE exchanges SET open_until = :soon WHERE state = 'question' RETURNING id", soon=soon)
    monkeypatch.setattr(clock, "now", lambda: soon)

    def sweep_all():
        done = 0
        with committing_app.app_context():
            while sweep.step():
                db.session.commit()
                done += 1
            db.session.rollback()
        return done

    done = run_all(*[sweep_all] * SWEEPERS)
    assert all(isinstance(each, int) for each in done), done
    # What one has claimed another one passes by, and may end before it is given back.
    assert sum(done) + sweep_all() == len(others) + len(half_said) + len(silent) + 1
    assert stored(
        "SELECT event, count(*) FROM exchange_events WHERE actor = 'time' GROUP BY 1 ORDER BY 1"
    ) == [
        ("close", len(silent)),
        ("lapse", len(others)),
    ]
    kinds = dict(stored("SELECT kind, count(*) FROM notifications GROUP BY 1"))
    assert kinds == {
        "swap_lapse": 2 * len(others),
        "swap_close": 2 * len(silent),
        "swap_confirm": len(half_said),
        "swap_due_soon": 1,
    }
    assert dict(stored("SELECT name, count(*) FROM outbox GROUP BY 1")) == {
        name: number for name, number in kinds.items() if name != "swap_lapse"
    }
    assert sweep_all() == 0


def test_a_sweeper_passes_by_what_others_are_at(committing_app, make, lent, stored):
    boa = lent[-1]
    first, second = (make.exchange(make.member(), boa, open_until=datetime.now(UTC)) for _ in range(2))
    with committing_app.app_context():
        actions.lock_exchange(first.id)

        def sweep_once():
            with committing_app.app_context():
                done = sweep.step()
                db.session.commit()
                return done

        assert run_all(sweep_once) == [1]
        assert run_all(sweep_once) == [0]
        db.session.rollback()
    assert stored("SELECT id FROM exchanges WHERE state = 'lapsed'") == [(second.id,)]
    assert run_all(sweep_once) == [1]


def test_a_renewal_waits_for_who_is_just_proposing_and_is_refused_then(committing_app, make, lent, stored):
    exchange, loan, tent, boa = lent
    cora = make.member()
    begun, results = threading.Event(), []

    def renew():
        with committing_app.app_context():
            db.session.execute(text("SELECT 1"))
            begun.set()
            try:
                loan_actions.lend_longer(exchange.id, "receiver", loan.id, days(6))
                db.session.commit()
                results.append("renewed")
            except loan_actions.WaitedForError:
                db.session.rollback()
                results.append("refused")

    with committing_app.app_context():
        thing = actions.Thing(tent.id, "receiver", days(8), days(9))
        actions.propose(cora.id, boa.id, [thing], "", 7)
        thread = threading.Thread(target=renew)
        thread.start()
        begun.wait()
        wait_for_a_lock(stored)
        assert results == []
        db.session.commit()
    thread.join()
    assert results == ["refused"]
    assert stored("SELECT due_at, renewals FROM exchange_loans") == [(days(4), 0)]
    assert stored("SELECT upper(during) FROM exchange_holds") == [(days(4),)]


def test_who_proposes_during_a_renewal_waits_for_it(committing_app, make, lent, stored):
    exchange, loan, tent, boa = lent
    cora, proposed = make.member(), []

    def propose():
        with committing_app.app_context():
            thing = actions.Thing(tent.id, "receiver", days(4), days(6))
            proposed.append(actions.propose(cora.id, boa.id, [thing], "", 7).id)
            db.session.commit()

    with committing_app.app_context():
        loan_actions.lend_longer(exchange.id, "receiver", loan.id, days(6))
        thread = threading.Thread(target=propose)
        thread.start()
        wait_for_a_lock(stored)
        assert proposed == []
        db.session.commit()
    thread.join()
    assert stored("SELECT due_at, renewals FROM exchange_loans") == [(days(6), 1)]
    # It came second, and is on hold.
    with committing_app.app_context(), pytest.raises(actions.PromisedError):
        actions.accept(proposed[0], "receiver", 1)


def test_a_renewal_and_the_next_promise_never_overlap(committing_app, make, lent, stored):
    exchange, loan, tent, boa = lent
    next_one = make.exchange(make.member(), boa)
    make.thing(next_one, tent, "receiver", lent_from=days(5), lent_until=days(7))

    def within(act):
        def run():
            with committing_app.app_context():
                act()
                db.session.commit()
                return "done"

        return run

    results = run_all(
        within(lambda: loan_actions.lend_longer(exchange.id, "receiver", loan.id, days(6))),
        within(lambda: actions.accept(next_one.id, "receiver", 1)),
    )
    # Whichever order it was: the proposal waited, so that the renewal is refused, before or after.
    assert isinstance(results[0], (loan_actions.WaitedForError, loan_actions.TakenError))
    assert results[1] == "done"
    assert stored("SELECT count(*) FROM exchange_holds WHERE upper(during) = :at", at=days(4)) == [(1,)]


def wait_for_a_lock(stored):
    """Return as soon as somebody waits for a lock of somebody else."""
    until = datetime.now(UTC) + timedelta(seconds=20)
    while not stored("SELECT 1 FROM pg_locks WHERE NOT granted"):
        assert datetime.now(UTC) < until
