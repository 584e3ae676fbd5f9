"""What can happen in an exchange, and who may bring it about: without database or Flask.

`TRANSITIONS` is the whole state machine, and docs/SWAPS.md draws it. Pages offer what `possible` returns, and
actions refuse all else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

# For so many days a proposal can be open; a question is for the longest of them.
OPEN_DAYS = (3, 7, 14)
# So long an acceptance can be taken back.
UNDO_LASTS = timedelta(minutes=10)
# An accepted exchange in which nothing has happened for so long is closed.
SILENCE_LASTS = timedelta(days=30)

# When one side has said that the things changed hands, or are back, the other one is reminded so long after,
# and in the end it is closed without a verdict.
REMIND_AFTER = (timedelta(days=2), timedelta(days=5))
HALF_SAID_LASTS = timedelta(days=7)

OTHER_SIDE = {"proposer": "receiver", "receiver": "proposer"}
BEGINNING = "beginning"


class Standing(Protocol):
    """What the rules ask of an exchange: its columns of these names."""

    state: str
    awaits: str | None
    open_until: datetime
    updated_at: datetime
    accepted_at: datetime | None
    accepted_by: str | None
    handover_at: datetime | None
    proposer_handed_at: datetime | None
    receiver_handed_at: datetime | None
    proposer_id: int | None
    receiver_id: int | None


Condition = Callable[[Standing, str, datetime], bool]


def _always(exchange: Standing, side: str, now: datetime) -> bool:
    return True


def _is_open(exchange: Standing, side: str, now: datetime) -> bool:
    return now < exchange.open_until


def _is_over(exchange: Standing, side: str, now: datetime) -> bool:
    return now >= exchange.open_until


def _can_be_undone(exchange: Standing, side: str, now: datetime) -> bool:
    """Tell whether it was accepted a short while ago, and nothing has happened since."""
    accepted_at = exchange.accepted_at
    return accepted_at is not None and exchange.updated_at == accepted_at and now < accepted_at + UNDO_LASTS


def _nothing_changed_hands(exchange: Standing, side: str, now: datetime) -> bool:
    return exchange.proposer_handed_at is None and exchange.receiver_handed_at is None


def _is_last_to_confirm(exchange: Standing, side: str, now: datetime) -> bool:
    """Tell whether the other side has said that the things changed hands, and this one has not."""
    confirmed = {"proposer": exchange.proposer_handed_at, "receiver": exchange.receiver_handed_at}
    return confirmed[side] is None and confirmed[OTHER_SIDE[side]] is not None


def _is_silent(exchange: Standing, side: str, now: datetime) -> bool:
    """Tell whether nothing has happened for too long since the last word, or since they were to meet."""
    said = [each for each in (exchange.proposer_handed_at, exchange.receiver_handed_at) if each is not None]
    if said:
        return now >= min(said) + HALF_SAID_LASTS
    return now >= max(exchange.updated_at, exchange.handover_at or exchange.updated_at) + SILENCE_LASTS


def _somebody_left(exchange: Standing, side: str, now: datetime) -> bool:
    return exchange.proposer_id is None or exchange.receiver_id is None


@dataclass(frozen=True)
class Transition:
    """One thing that can happen: in which states, to which state it leads, who may do it, and when.

    `who` is proposer or receiver; awaited: the side whose answer is waited for, and other: the other one;
    accepter: who accepted; either side; moderator; or time, which is what the site does by itself.
    """

    sources: tuple[str, ...]
    target: str
    who: str
    condition: Condition = _always


TRANSITIONS = {
    # How it begins.
    "ask": Transition((BEGINNING,), "question", "proposer"),
    "propose": Transition((BEGINNING,), "proposed", "proposer"),
    # A question is answered by a message, and either side can make a proposal of it.
    "reply": Transition(("question",), "question", "awaited", _is_open),
    "offer": Transition(("question",), "proposed", "either", _is_open),
    # A proposal is answered by the side that it awaits.
    "accept": Transition(("proposed",), "accepted", "awaited", _is_open),
    "change": Transition(("proposed",), "proposed", "awaited", _is_open),
    "decline": Transition(("question", "proposed"), "declined", "awaited", _is_open),
    "withdraw": Transition(("question", "proposed"), "withdrawn", "other", _is_open),
    "lapse": Transition(("question", "proposed"), "lapsed", "time", _is_over),
    # Accepted: it is arranged, and the things change hands.
    "undo": Transition(("accepted",), "proposed", "accepter", _can_be_undone),
    "arrange": Transition(("accepted",), "accepted", "either", _nothing_changed_hands),
    "hand": Transition(("accepted",), "accepted", "either", _nothing_changed_hands),
    "lend": Transition(("accepted",), "lent", "either", _is_last_to_confirm),
    "complete": Transition(("accepted",), "completed", "either", _is_last_to_confirm),
    "cancel": Transition(("accepted",), "cancelled", "either", _nothing_changed_hands),
    "close": Transition(("accepted",), "closed", "time", _is_silent),
    # Lent: it may be lent for longer, and comes back.
    "ask_longer": Transition(("lent",), "lent", "either"),
    "lend_longer": Transition(("lent",), "lent", "either"),
    "give_back": Transition(("lent",), "lent", "either"),
    "take_back": Transition(("lent",), "completed", "either"),
    # When one side alone has said for HALF_SAID_LASTS that all is back, which only the loans know.
    "close_loan": Transition(("lent",), "closed", "time"),
    # Something is wrong, and a moderator decides.
    "dispute": Transition(("accepted", "lent"), "disputed", "either"),
    "settle": Transition(("disputed",), "completed", "moderator"),
    "annul": Transition(("disputed",), "cancelled", "moderator"),
    # Nobody is there any more to go on with.
    "abandon": Transition(("accepted", "lent", "disputed"), "closed", "time", _somebody_left),
}


def possible(exchange: Standing, side: str, now: datetime) -> tuple[str, ...]:
    """Return what `side` (proposer, receiver, moderator or time) may bring about in the exchange at `now`."""
    return tuple(
        name
        for name, transition in TRANSITIONS.items()
        if exchange.state in transition.sources
        and _is_up_to(transition.who, exchange, side)
        and transition.condition(exchange, side, now)
    )


def state_at(exchange: Standing, now: datetime) -> str:
    """Return the state in which the exchange is at `now`, whether or not it is stored that it has lapsed."""
    return "lapsed" if "lapse" in possible(exchange, "time", now) else exchange.state


def open_until(days: int, now: datetime) -> datetime:
    """Return until when a proposal that is sent `now` is open for so many days."""
    return now + timedelta(days=days)


def _is_up_to(who: str, exchange: Standing, side: str) -> bool:
    if side not in OTHER_SIDE:
        return who == side
    return {
        "either": True,
        "awaited": exchange.awaits == side,
        "other": exchange.awaits == OTHER_SIDE[side],
        "accepter": exchange.accepted_by == side,
    }.get(who, who == side)
