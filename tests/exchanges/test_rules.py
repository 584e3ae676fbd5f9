"""The state machine: what each side may do in each state, and that docs/SWAPS.md draws it."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from marketplace.exchanges import wording
from marketplace.exchanges.models import ACTORS, AGREED, ENDED, OPEN, SIDES, STATES
from marketplace.exchanges.rules import (
    BEGINNING,
    HALF_SAID_LASTS,
    SILENCE_LASTS,
    TRANSITIONS,
    UNDO_LASTS,
    possible,
    state_at,
)
from tests.support.postgresql import ROOT

NOW = datetime(2026, 5, 3, 12, tzinfo=UTC)
PAGE = (ROOT / "docs/SWAPS.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Exchange:
    """An exchange without a database."""

    state: str = "proposed"
    awaits: str | None = "receiver"
    open_until: datetime = NOW + timedelta(days=1)
    updated_at: datetime = NOW
    accepted_at: datetime | None = None
    accepted_by: str | None = None
    handover_at: datetime | None = None
    proposer_handed_at: datetime | None = None
    receiver_handed_at: datetime | None = None
    proposer_id: int | None = 1
    receiver_id: int | None = 2


PROPOSED = Exchange()
ACCEPTED = Exchange("accepted", None, accepted_at=NOW, accepted_by="receiver")
LATER = NOW + UNDO_LASTS


def may(exchange, now=NOW):
    """What proposer, receiver, moderator and time may do, as words."""
    return {actor: " ".join(possible(exchange, actor, now)) for actor in ACTORS}


def test_docs_draw_every_transition_and_no_other():
    drawn = re.findall(r"^ +(\S+) --> (\w+) : (\w+)$", PAGE, re.MULTILINE)
    known = [
        (source.replace(BEGINNING, "[*]"), transition.target, name)
        for name, transition in TRANSITIONS.items()
        for source in transition.sources
    ]
    assert sorted(drawn) == sorted(known)


def test_docs_say_who_may_do_what():
    rows = re.findall(r"^\| (`.+`) \| (\w+) \| .+ \|$", PAGE, re.MULTILINE)
    said = {name: who for names, who in rows for name in re.findall(r"\w+", names)}
    assert said == {name: transition.who for name, transition in TRANSITIONS.items()}


def test_states_are_all_reached_and_those_that_ended_are_left_by_none():
    assert {transition.target for transition in TRANSITIONS.values()} == set(STATES)
    left = {source for transition in TRANSITIONS.values() for source in transition.sources}
    assert left == set(STATES) - set(ENDED) | {BEGINNING}
    assert set(OPEN) | set(AGREED) | set(ENDED) == set(STATES)


def test_everything_that_can_be_seen_has_words():
    assert wording.STATE_WORDS.keys() == set(STATES)
    assert wording.EVENT_WORDS.keys() == TRANSITIONS.keys()


@pytest.mark.parametrize(
    ("exchange", "proposer", "receiver", "moderator", "time"),
    [
        (replace(PROPOSED, state="question"), "offer withdraw", "reply offer decline", "", ""),
        (PROPOSED, "withdraw", "accept change decline", "", ""),
        (replace(PROPOSED, awaits="proposer"), "accept change decline", "withdraw", "", ""),
        (replace(PROPOSED, open_until=NOW), "", "", "", "lapse"),
        (replace(PROPOSED, state="question", open_until=NOW), "", "", "", "lapse"),
        (ACCEPTED, "arrange hand cancel dispute", "undo arrange hand cancel dispute", "", ""),
        (replace(ACCEPTED, proposer_handed_at=NOW), "dispute", "undo lend complete dispute", "", ""),
        (
            Exchange("lent", None, accepted_at=NOW),
            "ask_longer lend_longer give_back take_back dispute",
            "ask_longer lend_longer give_back take_back dispute",
            "",
            "close_loan",
        ),
        (Exchange("disputed", None, accepted_at=NOW), "", "", "settle annul", ""),
        (Exchange("disputed", None, accepted_at=NOW, receiver_id=None), "", "", "settle annul", "abandon"),
        *((Exchange(state, None), "", "", "", "") for state in ENDED),
    ],
)
def test_what_each_may_do(exchange, proposer, receiver, moderator, time):
    assert may(exchange) == dict(
        zip((*SIDES, "moderator", "time"), (proposer, receiver, moderator, time), strict=True)
    )


def test_an_acceptance_can_be_taken_back_for_ten_minutes_while_nothing_has_happened():
    assert "undo" in possible(ACCEPTED, "receiver", LATER - timedelta(seconds=1))
    assert "undo" not in possible(ACCEPTED, "receiver", LATER)
    arranged = replace(ACCEPTED, updated_at=NOW + timedelta(seconds=1))
    assert "undo" not in possible(arranged, "receiver", NOW + timedelta(seconds=2))
    assert "undo" not in possible(ACCEPTED, "proposer", NOW)


def test_silence_closes():
    assert possible(ACCEPTED, "time", NOW + SILENCE_LASTS) == ("close",)
    assert possible(ACCEPTED, "time", NOW + SILENCE_LASTS - timedelta(seconds=1)) == ()
    meeting = replace(ACCEPTED, handover_at=NOW + timedelta(days=9))
    assert possible(meeting, "time", NOW + SILENCE_LASTS) == ()
    assert possible(meeting, "time", NOW + timedelta(days=9) + SILENCE_LASTS) == ("close",)
    half = replace(ACCEPTED, proposer_handed_at=NOW)
    assert possible(half, "time", NOW + HALF_SAID_LASTS) == ("close",)
    assert possible(half, "time", NOW + HALF_SAID_LASTS - timedelta(seconds=1)) == ()


def test_the_state_is_computed():
    assert state_at(PROPOSED, NOW) == "proposed"
    assert state_at(PROPOSED, PROPOSED.open_until) == "lapsed"
    assert state_at(ACCEPTED, NOW + timedelta(days=99)) == "accepted"


@pytest.mark.parametrize(
    ("given", "got", "words"),
    [
        (5, 5, "You would give as much as you get."),
        (112, 100, "You would give 12 more (12 %)."),
        (145, 133, "You would give 12 more (9 %)."),
        (100, 200, "You would give 100 less (50 %)."),
        (1, 3, "You would give 2 less (67 %)."),
        (1200, 0, "You would give 1,200 more."),
    ],
)
def test_a_difference_in_words(given, got, words):
    assert wording.difference_in_words(given, got) == words
