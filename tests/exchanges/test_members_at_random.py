"""Members at random: whatever they do, and in whichever order, what stage_checks.py says holds."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.exchanges.stage import STEPS_MAXIMUM, Row, Stage
from tests.exchanges.stage_checks import ENDS, OTHER, check, member, of, things_of
from tests.support.html import text_of

ANSWERS = ("accept", "accept", "accept", "accept", "change", "change", "decline", "withdraw")
# What the two sides do in turns with what they have agreed on.
COURSES = (("hand",), ("hand", "hand"), ("hand", "hand"), ("undo",), ("cancel",), ("dispute",), ("arrange",))
PATHS = ("accept", "undo", "withdraw", "decline", "hand", "cancel", "dispute", "arrange", "back", "longer")
WORDS = {"words": "It is torn.", "reason": "Because"}
WITH_LOANS = ("back", "back", "longer", "lend-longer", "dispute")
WORDY = ("messages", "messages", "read", "review")
HOURS = (1, 1, 12, 24, 24, 50, 75, 8 * 24, 31 * 24)
# Nothing more is begun while so much waits for an answer.
OPEN_MAXIMUM = 4
TABS = ("for_you", "for_other", "under_way", "ended")


class Members(RuleBasedStateMachine):
    """One example: members who press buttons one after the other, from an empty site on."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage = stage
        self.began_at = stage.now
        self.savepoint = stage.connection.begin_nested()
        self.before = self.rows = stage.read()

    def teardown(self) -> None:
        self.savepoint.rollback()
        self.stage.now = self.began_at

    @invariant()
    def all_is_well(self) -> None:
        """Look at what the step did."""
        self.before, self.rows = self.rows, self.stage.read()
        check(self.before, self.rows)

    @rule(data=st.data())
    def act(self, data: st.DataObject) -> None:
        """Let somebody do something, what there is most to find out about more often."""
        states = {row["state"] for row in self.rows["exchanges"]}
        waiting = sum(row["awaits"] is not None for row in self.rows["exchanges"])
        acts = [self.begin] * (3 if waiting < OPEN_MAXIMUM else 0)
        acts += [self.answer] * (5 if waiting else 0)
        acts += [self.go_on] * (4 if "accepted" in states else 0)
        acts += [self.keep_or_give_back] * (4 if "lent" in states else 0)
        acts += [self.judge] * (2 if "disputed" in states else 0)
        acts += [self.time_passes] * 2
        if states:
            acts += [self.say_or_read, self.press_anything, self.press_anything]
            acts += [self.look, self.look_at_a_list]
        data.draw(st.sampled_from(acts))(data)

    def pick(self, data: st.DataObject, *states: str) -> tuple[Row, str]:
        """An exchange in one of the states, and a side of it."""
        ids = [row["id"] for row in self.rows["exchanges"] if not states or row["state"] in states]
        return self.exchange(data.draw(st.sampled_from(ids))), data.draw(st.sampled_from(sorted(OTHER)))

    def exchange(self, exchange_id: int) -> Row:
        """The exchange with this id."""
        return next(row for row in self.rows["exchanges"] if row["id"] == exchange_id)

    def press(self, exchange: Row, side: str, path: str, **form: Any) -> int:
        """Let a side send a form of the exchange."""
        return self.stage.press(member(exchange, side), f"/swaps/{exchange['id']}/{path}", form)

    def chosen(self, data: st.DataObject, own: int, other: int) -> dict[str, Any]:
        """A proposal of one member to another."""
        form: dict[str, Any] = {"go": "send", "open_days": data.draw(st.sampled_from([7, 3, 14]))}
        things = self.stage.of(other) + self.stage.of(own)
        numbers = data.draw(st.lists(st.integers(0, len(things) - 1), unique=True, min_size=1, max_size=3))
        for item in (things[number] for number in numbers):
            form.setdefault("give" if item.owner == own else "get", []).append(item.id)
            if item.is_lent:
                first = self.stage.now + timedelta(days=data.draw(st.integers(0, 3)))
                form[f"from-{item.id}"] = first.date()
                form[f"until-{item.id}"] = (first + timedelta(days=data.draw(st.integers(0, 3)))).date()
        return form

    def begin(self, data: st.DataObject) -> None:
        own, other = data.draw(st.permutations(self.stage.ids))[:2]
        path = f"/items/{self.stage.of(other)[0].id}"
        if data.draw(st.integers(0, 5)) == 5:
            self.stage.press(own, f"{path}/ask", {"words": "Does it work?"})
        else:
            self.stage.press(own, f"{path}/swap", self.chosen(data, own, other))

    def answer(self, data: st.DataObject) -> None:
        path, is_stale = data.draw(st.sampled_from(ANSWERS)), data.draw(st.integers(0, 5)) == 5
        exchange, side = self.pick(data, "question", "proposed")
        form = {"version": exchange["version"] - is_stale}
        if path == "change":
            form |= self.chosen(data, member(exchange, side), member(exchange, OTHER[side]))
        elif path == "accept":
            side = exchange["awaits"]
        status = self.press(exchange, side, path, **form)
        assert not (is_stale and status == 303 and path in ("change", "accept"))

    def go_on(self, data: st.DataObject) -> None:
        exchange, side = self.pick(data, "accepted")
        meeting = self.stage.now + timedelta(days=data.draw(st.integers(1, 40)))
        for path in data.draw(st.sampled_from(COURSES)):
            self.press(exchange, side, path, place="Here", day=meeting.date(), hour="12:00", **WORDS)
            self.all_is_well()
            side = OTHER[side]

    def keep_or_give_back(self, data: st.DataObject) -> None:
        exchange, side = self.pick(data, "lent")
        loans = {row["id"]: row for row in of(exchange, self.rows, "exchange_loans")}
        loan = loans[data.draw(st.sampled_from(sorted(loans)))]
        until = loan["due_at"] + timedelta(days=data.draw(st.integers(1, 4)))
        asked = loan["asked_until"].isoformat() if loan["asked_until"] else ""
        form = {"loan": loan["id"], "day": until.date(), "hour": "12:00", "until": asked}
        self.press(exchange, side, data.draw(st.sampled_from(WITH_LOANS)), **form, **WORDS)

    def judge(self, data: st.DataObject) -> None:
        exchange, _ = self.pick(data, "disputed")
        form = {"decision": data.draw(st.sampled_from(["settle", "annul"])), "reason": "Because"}
        self.stage.press(self.stage.moderator_id, f"/moderation/swaps/{exchange['id']}", form)

    def say_or_read(self, data: st.DataObject) -> None:
        exchange, side = self.pick(data)
        ids = [row["id"] for row in of(exchange, self.rows, "exchange_messages")]
        seen = data.draw(st.sampled_from([0, *ids]))
        form = {"seen": seen, "until": seen or 1, "words": "When?", "thumbs": "good"}
        self.press(exchange, side, data.draw(st.sampled_from(WORDY)), **form)

    def press_anything(self, data: st.DataObject) -> None:
        exchange, side = self.pick(data)
        loan = data.draw(st.sampled_from([0, *(row["id"] for row in self.rows["exchange_loans"])]))
        path = data.draw(st.sampled_from(PATHS))
        self.press(exchange, side, path, version=exchange["version"], loan=loan, **WORDS)

    def time_passes(self, data: st.DataObject) -> None:
        is_swept = data.draw(st.integers(0, 3)) < 3
        self.stage.wait(hours=data.draw(st.sampled_from(HOURS)))
        for _ in range(STEPS_MAXIMUM if is_swept else 0):
            if not self.stage.sweep_once():
                return
            self.all_is_well()
        assert not is_swept, "the sweep finds something to do for ever"

    def look(self, data: st.DataObject) -> None:
        """The page of a swap has the things of its proposal and adds up what is said of them."""
        exchange, side = self.pick(data)
        viewer = member(exchange, side)
        page = self.stage.browsers[viewer].page(f"/swaps/{exchange['id']}")
        for half, giver in (("gives", side), ("gets", OTHER[side])) if exchange["version"] else ():
            things = [row for row in things_of(exchange, self.rows) if row["giver"] == giver]
            section = page.find(f".//section[@aria-labelledby='latest-{half}']")
            assert [text_of(each) for each in section.findall("./ul/li/a")] == [row["name"] for row in things]
            total = section.find("./p/strong")
            assert (total is None) == (not things)
            assert total is None or int(text_of(total)) == sum(row["value"] or 0 for row in things)

    def look_at_a_list(self, data: st.DataObject) -> None:
        """Each swap of a member is on the one list that it belongs to."""
        tab = data.draw(st.sampled_from(TABS))
        viewer = data.draw(st.sampled_from(self.stage.ids))
        own = [row for row in self.rows["exchanges"] if viewer in (row["proposer_id"], row["receiver_id"])]
        page = self.stage.browsers[viewer].page(f"/swaps?tab={tab}")
        assert sorted(link.get("href") for link in page.findall(".//h3/a")) == sorted(
            f"/swaps/{row['id']}" for row in own if self.list_of(row, viewer) == tab
        )

    def list_of(self, exchange: Row, viewer: int) -> str:
        if not exchange["awaits"]:
            return "ended" if exchange["state"] in ENDS else "under_way"
        if exchange["open_until"] <= self.stage.now:
            return "ended"
        return "for_you" if member(exchange, exchange["awaits"]) == viewer else "for_other"


@pytest.fixture
def stage(app, connection, make, monkeypatch):
    return Stage(app, connection, make, monkeypatch)


@pytest.mark.parametrize(
    ("examples", "steps"),
    [pytest.param(8, 30, id="quick"), pytest.param(60, 60, id="long", marks=pytest.mark.soak)],
)
def test_whatever_members_do_nothing_is_promised_twice_and_all_is_told_once(examples, steps, stage):
    rules = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        # A smaller failure takes minutes to find: what is played is printed, to be read.
        phases=[Phase.generate],
        print_blob=True,
        database=None,
    )
    run_state_machine_as_test(lambda: Members(stage), settings=rules)
