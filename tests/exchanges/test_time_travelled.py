"""Time goes by with a sweep now and then: each reminder and each ending comes once, at the first sweep after.

The model is a timetable for each swap, by hand. Whenever nothing ran for a while, of what one timetable
has in that while the last comes, and nothing else of it.
"""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from marketplace import clock
from tests.factories.exchanges import days

BEGAN = days(0) + timedelta(hours=12)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
AMA, BOA, BOTH = ["ama"], ["boa"], ["ama", "boa"]
# Told in the letter of the day, by default.
DAILY = {"lapse"}
STATES = {
    "proposed": "lapsed",
    "asked": "lapsed",
    "silent": "closed",
    "meeting": "closed",
    "half said": "closed",
    "lent": "lent",
    "half back": "closed",
}
PAUSES = [timedelta(hours=hours) for hours in (1, 5, 13, 24, 31, 50, 75, 7 * 24, 8 * 24, 20 * 24)]


def timetables(due):
    """What is to come of each swap: when, of which kind, and who is told."""
    meeting_is_over = BEGAN + 20 * DAY
    return {
        "proposed": [(BEGAN + 3 * DAY, "lapse", BOTH)],
        "asked": [(BEGAN + 14 * DAY, "lapse", BOTH)],
        "silent": [(BEGAN + 30 * DAY, "close", BOTH)],
        "meeting": [(meeting_is_over + 30 * DAY, "close", BOTH)],
        "half said": [
            (BEGAN + 2 * DAY, "confirm", AMA),
            (BEGAN + 5 * DAY, "confirm", AMA),
            (BEGAN + WEEK, "close", BOTH),
        ],
        "lent": [
            (due - 2 * DAY, "due_soon", AMA),
            (due - timedelta(hours=16), "due_today", AMA),
            (due + DAY, "overdue", BOTH),
            (due + 3 * DAY, "overdue", BOTH),
            (due + WEEK, "overdue", BOTH),
        ],
        "half back": [
            (BEGAN + 2 * DAY, "confirm_back", BOA),
            (BEGAN + 5 * DAY, "confirm_back", BOA),
            (BEGAN + WEEK, "close_loan", BOTH),
        ],
    }


@pytest.fixture
def swaps(make, thing, ama, boa, tent, browser_of, at):
    """A swap for each timetable, all begun at the same moment; their ids by name."""
    at(BEGAN)
    agreed = {"state": "accepted", "updated_at": BEGAN, "accepted_at": BEGAN}
    kept = thing(boa, name="Kettle", exchange_type="temporary", duration_days=7)
    made = {
        "proposed": make.exchange(ama, boa, open_until=BEGAN + 3 * DAY),
        "asked": make.exchange(ama, boa, state="question", open_until=BEGAN + 14 * DAY),
        "silent": make.exchange(ama, boa, **agreed),
        "meeting": make.exchange(ama, boa, handover_place="Here", handover_at=BEGAN + 20 * DAY, **agreed),
        "half said": make.exchange(ama, boa, **agreed),
        "lent": make.exchange(ama, boa, [], [tent], **agreed),
        "half back": make.exchange(ama, boa, [], [kept], **agreed),
    }
    loans = {
        name: make.loan(made[name], item, lender_handed_at=None, borrower_handed_at=None).id
        for name, item in (("lent", tent), ("half back", kept))
    }
    presses = [(boa, "half said", "hand"), (ama, "half back", "back")]
    presses[1:1] = [(member, name, "hand") for name in loans for member in (boa, ama)]
    for member, name, button in presses:
        sent = {"loan": loans.get(name, "")}
        assert browser_of(member).submit(f"/swaps/{made[name].id}/{button}", sent).status_code == 303
    return {name: exchange.id for name, exchange in made.items()}


@pytest.fixture
def told_of(rows, swaps):
    """Reads what is told after the beginning: (when, who, kind, of which swap) and how often."""
    names = {exchange_id: name for name, exchange_id in swaps.items()}

    def read():
        found = rows(
            "SELECT told.created_at AS at, username, substr(kind, 6) AS kind,"
            " (details->>'exchange_id')::bigint AS swap"
            " FROM notifications AS told JOIN users ON users.id = member_id WHERE told.created_at > :began",
            began=BEGAN,
        )
        return Counter((row.at, row.username, row.kind, names[row.swap]) for row in found)

    return read


def expected(sweeps):
    """What the sweeps are to tell."""
    told = Counter()
    for name, timetable in timetables(days(4)).items():
        before = BEGAN
        for moment in sweeps:
            missed = [each for each in timetable if before < each[0] <= moment]
            for _, kind, members in missed[-1:]:
                told.update((moment, member, kind, name) for member in members)
            before = moment
    return told


@pytest.fixture(params=[pytest.param(8, id="quick"), pytest.param(150, id="long", marks=pytest.mark.soak)])
def rules(request):
    return settings(
        max_examples=request.param,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )


def test_whenever_the_sweep_runs_each_thing_comes_once(rules, swaps, connection, rows, remind, at, told_of):
    letters = "SELECT substr(name, 6), count(*) FROM outbox GROUP BY 1"
    before = Counter(dict(map(tuple, rows(letters))))

    @rules
    # As it should run, and after it was down for a week, again and again.
    @example([timedelta(hours=6)] * 60)
    @example([8 * DAY] * 8)
    @given(st.lists(st.sampled_from(PAUSES), min_size=1, max_size=20))
    def check(pauses):
        sweeps, moment = [], BEGAN
        savepoint = connection.begin_nested()
        try:
            for pause in pauses:
                moment += pause
                sweeps.append(moment)
                at(moment)
                remind()
                assert remind() == 0
            told = told_of()
            assert told == expected(sweeps)
            worth_a_letter = Counter(kind for _, _, kind, _ in told.elements() if kind not in DAILY)
            assert Counter(dict(map(tuple, rows(letters)))) - before == worth_a_letter
        finally:
            savepoint.rollback()

    check()


def test_in_the_end_each_swap_is_what_time_makes_of_it(swaps, remind, at, rows):
    at(BEGAN + 60 * DAY)
    assert remind() == len(STATES)
    found = dict(map(tuple, rows("SELECT id, state FROM exchanges")))
    assert {name: found[exchange_id] for name, exchange_id in swaps.items()} == STATES
    assert rows("SELECT count(*) FROM exchanges WHERE remind_at IS NOT NULL") == [(0,)]
    assert rows("SELECT count(*) FROM exchange_loans WHERE remind_at IS NOT NULL") == [(0,)]
    at(clock.now() + 400 * DAY)
    assert remind() == 0


def test_a_sender_that_was_down_for_a_week_sends_each_letter_once(app, swaps, rows, at, told_of):
    """Letters that were written before it went down come, and those of what was missed with them."""
    sent = "SELECT id, name FROM outbox WHERE sent_at IS NOT NULL ORDER BY id"

    def send():
        result = app.test_cli_runner().invoke(args=["mail", "send"])
        assert result.exit_code == 0, result.output

    written = rows("SELECT count(*) FROM outbox")[0][0]
    assert written
    at(BEGAN + 8 * DAY)
    send()
    first = rows(sent)
    assert told_of() == expected([BEGAN + 8 * DAY])
    names = Counter(row.name.removeprefix("swap_") for row in first[written:])
    told = Counter(kind for _, _, kind, _ in told_of().elements() if kind not in DAILY)
    assert {name: names[name] for name in told} == told
    assert len(first) == rows("SELECT count(*) FROM outbox")[0][0]
    send()
    assert rows(sent) == first
