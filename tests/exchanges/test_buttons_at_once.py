"""Two press at the same moment: one of them is first, and the other is told how it is now."""

import pytest

from tests.exchanges.racing import at_once, held_twice
from tests.factories import Factories
from tests.factories.exchanges import days

ATTEMPTS = 3
REASON = {"reason": "", "words": "It is torn."}
VERDICT = {"decision": "settle", "reason": "So it is."}


@pytest.fixture
def make(committing_app):
    return Factories(committing_app)


class Swap:
    """A swap of Ama's drill for Boa's tent, which is lent, in one of the states."""

    def __init__(self, make, window_of, state, **values):
        self.ama, self.boa = make.member(), make.member()
        self.drill = make.item(make.listing(owner_id=self.ama.id, items=[]))
        lent = {"exchange_type": "temporary", "duration_days": 7}
        self.tent = make.item(make.listing(owner_id=self.boa.id, items=[]), **lent)
        things = ([], []) if state == "question" else ([self.drill], [self.tent])
        if state == "lent":
            values |= {"proposer_handed_at": days(0), "receiver_handed_at": days(0)}
        exchange = make.exchange(self.ama, self.boa, *things, state=state, **values)
        self.id, self.path = exchange.id, f"/swaps/{exchange.id}"
        self.loan = None
        if state in ("accepted", "lent"):
            handed = {} if state == "lent" else {"lender_handed_at": None, "borrower_handed_at": None}
            self.loan = make.loan(exchange, self.tent, **handed)
        self.window_of = window_of

    def press(self, member, name, **form):
        """What `at_once` sends for the member."""
        return self.window_of(member), f"{self.path}/{name}", {"version": "1", **form}


@pytest.fixture
def swap(make, window_of):
    """Makes swaps."""
    return lambda state, **values: Swap(make, window_of, state, **values)


@pytest.fixture
def happened(stored):
    """Reads what happened after the beginning, and how often each notification about it was made."""

    def read(swap):
        statement = "SELECT event, actor FROM exchange_events WHERE exchange_id = :id ORDER BY id"
        told = (
            "SELECT substr(kind, 6) FROM notifications"
            " WHERE (details->>'exchange_id')::bigint = :id ORDER BY id"
        )
        events = stored(statement, id=swap.id)[1:]
        return events, [kind for (kind,) in stored(told, id=swap.id)]

    return read


@pytest.mark.parametrize(
    ("state", "name", "event"),
    [
        ("proposed", "decline", "decline"),
        ("proposed", "accept", "accept"),
        ("accepted", "cancel", "cancel"),
        ("accepted", "hand", "hand"),
        ("accepted", "dispute", "dispute"),
        ("lent", "back", "give_back"),
    ],
)
def test_a_button_pressed_twice_does_it_once(state, name, event, swap, happened):
    for _ in range(ATTEMPTS):
        one = swap(state)
        form = REASON | ({"loan": one.loan.id} if one.loan else {})
        answers = at_once(*(one.press(one.boa, name, **form) for _ in range(2)))
        assert sorted(each.status_code for each in answers) == [303, 409]
        assert happened(one) == ([(event, "receiver")], [event])


def test_both_say_at_once_that_it_is_handed_over(swap, happened, stored):
    for _ in range(ATTEMPTS):
        one = swap("accepted")
        answers = at_once(one.press(one.ama, "hand"), one.press(one.boa, "hand"))
        assert [each.status_code for each in answers] == [303, 303]
        events, told = happened(one)
        assert [event for event, _ in events] == told == ["hand", "lend"]
        assert {actor for _, actor in events} == {"proposer", "receiver"}
        handed = "SELECT count(lender_handed_at + (borrower_handed_at - now())) FROM exchange_loans"
        assert stored(f"{handed} WHERE exchange_id = :id", id=one.id) == [(1,)]


def test_both_say_at_once_that_it_is_back(swap, happened, stored):
    for _ in range(ATTEMPTS):
        one = swap("lent")
        back = {"loan": one.loan.id}
        answers = at_once(one.press(one.ama, "back", **back), one.press(one.boa, "back", **back))
        assert [each.status_code for each in answers] == [303, 303]
        assert happened(one)[1] == ["give_back", "take_back"]
        held = "SELECT item_id FROM exchange_holds WHERE exchange_id = :id AND released_at IS NULL"
        assert stored(held, id=one.id) == [(one.drill.id,)]


@pytest.mark.parametrize(
    ("state", "first", "second"),
    [
        ("accepted", "hand", "cancel"),
        ("accepted", "arrange", "hand"),
        ("proposed", "decline", "withdraw"),
        ("proposed", "change", "withdraw"),
    ],
)
def test_of_two_that_exclude_each_other_one_is_done(state, first, second, swap, happened, stored):
    """Of "arrange" and "hand" the first can come before the second; all others leave no room for it."""
    meeting = {"place": "Here", "day": days(2).date(), "hour": "12:00"}
    for _ in range(ATTEMPTS):
        one = swap(state)
        proposal = {"give": one.tent.id, "open_days": "7", "go": "send"}
        proposal |= {f"from-{one.tent.id}": days(1).date(), f"until-{one.tent.id}": days(2).date()}
        answers = at_once(
            one.press(one.boa, first, **REASON, **meeting, **proposal),
            one.press(one.ama, second, **REASON),
        )
        events, told = happened(one)
        assert len(events) == len(told) == sum(each.status_code == 303 for each in answers)
        assert [event for event, _ in events] in ([first], [second], ["arrange", "hand"])
        released = stored(
            "SELECT bool_and(released_at IS NOT NULL) FROM exchange_holds WHERE exchange_id = :id", id=one.id
        )
        assert released == [("cancel" in told if state == "accepted" else None,)]


def test_two_moderators_and_one_verdict(make, swap, happened, window_of):
    for _ in range(ATTEMPTS):
        one = swap("disputed")
        make.dispute(one)
        path = f"/moderation/swaps/{one.id}"
        verdicts = [VERDICT, VERDICT | {"decision": "annul"}]
        acts = [(window_of(make.moderator()), path, verdict) for verdict in verdicts]
        # Who comes second is led to the list, and told there that it is decided.
        assert [each.status_code for each in at_once(*acts)] == [303, 303]
        events, told = happened(one)
        assert len(events) == 1
        assert told == [events[0][0]] * 2


def test_each_proposes_the_same_to_the_other_at_once(make, window_of, stored):
    for _ in range(ATTEMPTS):
        ama, boa = make.member(), make.member()
        drill, boat = (make.item(make.listing(owner_id=each.id, items=[])) for each in (ama, boa))
        sent = {"open_days": "7", "go": "send"}
        answers = at_once(
            (window_of(ama), f"/items/{boat.id}/swap", sent | {"give": drill.id, "get": boat.id}),
            (window_of(boa), f"/items/{drill.id}/swap", sent | {"give": boat.id, "get": drill.id}),
        )
        assert sorted(each.status_code for each in answers) == [303, 409]
        begun = "SELECT count(*) FROM exchanges WHERE :id IN (proposer_id, receiver_id)"
        assert stored(begun, id=ama.id) == [(1,)]


def test_accepting_against_blocking(swap, happened, stored):
    for _ in range(ATTEMPTS):
        one = swap("proposed")
        block = (one.window_of(one.ama), f"/members/{stored_name(stored, one.boa)}/block", {})
        accepted, blocked = at_once(one.press(one.boa, "accept"), block)
        assert blocked.status_code == 303
        # Who has agreed on something sees it through; who has not is done with it.
        expected = ["accept"] if accepted.status_code == 303 else ["withdraw"]
        assert happened(one)[1] == expected


def stored_name(stored, member):
    return stored("SELECT username FROM users WHERE id = :id", id=member.id)[0][0]


def test_a_ring_in_which_each_accepts_the_next_ones_proposal(make, window_of, stored):
    """Each thing is in two proposals, with neighbours, which lock it from two sides."""
    size = 9
    members = [make.member() for _ in range(size)]
    items = [make.item(make.listing(owner_id=each.id, items=[])) for each in members]
    acts = []
    for number, member in enumerate(members):
        before = number - 1
        exchange = make.exchange(members[before], member, [items[before]], [items[number]])
        acts.append((window_of(member), f"/swaps/{exchange.id}/accept", {"version": "1"}))
    answers = at_once(*acts)
    won = [answer.status_code == 303 for answer in answers]
    # No two neighbours, and nobody who lost without a neighbour who won.
    assert not any(won[number] and won[number - 1] for number in range(size))
    assert all(won[number - 1] or won[number] or won[(number + 1) % size] for number in range(size))
    assert held_twice(stored) == []
    assert stored("SELECT count(*) FROM exchange_holds") == [(2 * sum(won),)]


def test_a_renewal_against_who_proposes_at_the_same_moment(make, swap, window_of, stored, happened):
    """Whoever comes first: it is kept for longer, and then proposed for other days, or it is not kept."""
    for _ in range(ATTEMPTS):
        one, cora = swap("lent"), make.member()
        asked = "UPDATE exchange_loans SET asked_until = :until WHERE id = :id RETURNING id"
        stored(asked, until=days(6), id=one.loan.id)
        proposal = {"get": one.tent.id, "open_days": "7", "go": "send"}
        proposal |= {f"from-{one.tent.id}": days(5).date(), f"until-{one.tent.id}": days(6).date()}
        renewed, proposed = at_once(
            one.press(one.boa, "lend-longer", loan=one.loan.id, until=days(6).isoformat()),
            (window_of(cora), f"/items/{one.tent.id}/swap", proposal),
            allowed=(303, 409, 422),
        )
        was_renewed = renewed.status_code == 303
        assert was_renewed or proposed.status_code == 303
        if not was_renewed:
            assert "Somebody else would like to have it next" in renewed.text
        due = stored("SELECT due_at, renewals FROM exchange_loans WHERE id = :id", id=one.loan.id)
        assert due == [(days(6), 1) if was_renewed else (days(4), 0)]
        assert happened(one)[1] == ["lend_longer"] * was_renewed
        assert held_twice(stored) == []
