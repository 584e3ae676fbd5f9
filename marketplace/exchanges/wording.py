"""What is said of exchanges: states, events and sums, in words."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.exchanges.timetable import days_of_loan

FORMER = "a former member"

# How far it is: a word or two for lists, and their kind as the component `tag` knows it.
STATE_WORDS = {
    "question": ("Question", None),
    "proposed": ("Proposed", None),
    "accepted": ("Accepted", "good"),
    "lent": ("Lent", "good"),
    "disputed": ("With a moderator", "warn"),
    "completed": ("Completed", "good"),
    "declined": ("Declined", None),
    "withdrawn": ("Withdrawn", None),
    "lapsed": ("Not answered in time", None),
    "cancelled": ("Fell through", None),
    "closed": ("Closed", None),
}
ON_HOLD = ("On hold", "warn")

# What happened, with {who} for who did it.
EVENT_WORDS = {
    "ask": "{who} asked a question",
    "propose": "{who} proposed a swap",
    "reply": "{who} answered",
    "offer": "{who} proposed a swap",
    "accept": "{who} accepted the swap",
    "change": "{who} changed the proposal and sent it back",
    "decline": "{who} declined",
    "withdraw": "{who} withdrew it",
    "lapse": "It was not answered in time",
    "undo": "{who} took the acceptance back",
    "arrange": "{who} said where and when the things change hands",
    "hand": "{who} said that the things have changed hands",
    "lend": "{who} said so, too: what is lent is on loan now",
    "complete": "{who} said so, too: the swap is completed",
    "cancel": "{who} called the swap off",
    "close": "Nothing was heard any more, so it was closed",
    "ask_longer": "{who} asked to keep it for longer",
    "lend_longer": "{who} agreed to lend it for longer",
    "give_back": "{who} said that it was given back",
    "take_back": "{who} said that all is back: the swap is completed",
    "close_loan": "Only one side said that all is back, and nothing more was heard, so it was closed",
    "dispute": "{who} asked a moderator to look at it",
    "settle": "A moderator decided that it is completed",
    "annul": "A moderator decided that it fell through",
    "abandon": "One of the two members left, so it was closed",
}


def event_in_words(event: Any, side: str, other: str | None) -> str:
    """Say what happened, to the side that looks; `other` is the name of the other one."""
    who = {side: "You", OTHER_SIDE[side]: other or FORMER.capitalize()}.get(event.actor, "The site")
    return EVENT_WORDS[event.event].format(who=who)


def names_in_words(names: Iterable[str]) -> str:
    """Name things one after the other: “Drill, Ladder and Boat”."""
    found = list(names)
    if not found:
        return "Nothing"
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"


def difference_in_words(given: int, got: int) -> str:
    """Say how far apart two totals are, to who gives the one and gets the other. Whole numbers alone.

    The share is of what one gets, or of what one gives when nothing is got, rounded to the nearest.
    """
    if given == got:
        return "You would give as much as you get."
    apart = abs(given - got)
    word = "more" if given > got else "less"
    share = f" ({(apart * 200 + got) // (got * 2):,} %)" if got else ""
    return f"You would give {apart:,} {word}{share}."


def days_in_words(lent_from: datetime, lent_until: datetime, zone: str) -> str:
    """Say on which days something is lent, in the time zone of its owner."""
    return " to ".join(f"{each:%-d %B %Y}" for each in days_of_loan(lent_from, lent_until, zone))


def loan_days(thing: Any) -> str:
    """Say on which days a thing of a proposal is lent."""
    return days_in_words(thing.lent_from, thing.lent_until, thing.zone)


def taken_in_words(taken_from: datetime, taken_until: datetime | None, zone: str) -> str:
    """Say for which days something is promised."""
    return "for good" if taken_until is None else f"from {days_in_words(taken_from, taken_until, zone)}"


def unread_in_words(number: int) -> str:
    """Say how many messages are new."""
    return "1 new message" if number == 1 else f"{number:,} new messages"
