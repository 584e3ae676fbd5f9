"""What the pages of exchanges show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from marketplace import clock
from marketplace.exchanges import rules
from marketplace.exchanges.actions import Thing
from marketplace.exchanges.choosing import Choice
from marketplace.exchanges.queries import Found, Story
from marketplace.exchanges.wording import (
    EVENT_WORDS,
    FORMER,
    difference_in_words,
    event_in_words,
    loan_days,
)

# What leads to a proposal, which the history links to.
MAKES_PROPOSAL = ("propose", "offer", "change")


@dataclass(frozen=True)
class Drafted:
    """A thing of a proposal that is not sent yet, as `queries.story_of` tells of one that is."""

    item_id: int
    giver: str
    name: str
    exchange_type: str
    value: int | None
    lent_from: datetime | None
    lent_until: datetime | None
    is_on_hold: bool
    zone: str


@dataclass(frozen=True)
class Half:
    """What one side gives: the things, and what they are worth together as far as it is said."""

    things: Sequence[Any]
    total: int
    is_partly_unknown: bool

    @classmethod
    def of(cls, things: Sequence[Any]) -> "Half":
        """Add up what is known of the things."""
        values = [thing.value for thing in things]
        return cls(things, sum(value or 0 for value in values), None in values)


@dataclass(frozen=True)
class Shown:
    """A proposal as one side sees it: what they give, what they get, and how far apart that is."""

    number: int
    is_own: bool
    note: str
    gives: Half
    gets: Half
    difference: str
    changes: list[str]
    sent_at: datetime

    @property
    def is_gift(self) -> bool:
        """Whether one side gives nothing."""
        return not self.gives.things or not self.gets.things

    @property
    def is_on_hold(self) -> bool:
        """Whether something of it is promised in another swap."""
        return any(thing.is_on_hold for thing in (*self.gives.things, *self.gets.things))


def shown_versions(found: Found, story: Story) -> list[Shown]:
    """Return the proposals as the side sees them, the latest first."""
    shown = []
    before: Sequence[Any] = ()
    for version in story.versions:
        things = story.things.get(version.number, [])
        gives = Half.of([thing for thing in things if thing.giver == found.side])
        gets = Half.of([thing for thing in things if thing.giver != found.side])
        shown.append(
            Shown(
                number=version.number,
                is_own=version.author == found.side,
                note=version.note,
                gives=gives,
                gets=gets,
                difference=difference_in_words(gives.total, gets.total),
                changes=changes_in_words(before, things) if version.number > 1 else [],
                sent_at=version.created_at,
            )
        )
        before = things
    return shown[::-1]


def shown_draft(
    things: Sequence[Thing], choices: Mapping[str, Sequence[Choice]], side: str, note: str
) -> Shown:
    """Return a proposal as its author looks it over before it is sent."""
    known = {choice.id: choice for half in choices.values() for choice in half}
    drafted = [
        Drafted(
            item_id=thing.item_id,
            giver=thing.giver,
            name=known[thing.item_id].name,
            exchange_type=known[thing.item_id].exchange_type,
            value=known[thing.item_id].value,
            lent_from=thing.lent_from,
            lent_until=thing.lent_until,
            is_on_hold=known[thing.item_id].promise is not None and thing.lent_from is None,
            zone=known[thing.item_id].zone,
        )
        for thing in things
    ]
    gives = Half.of([thing for thing in drafted if thing.giver == side])
    gets = Half.of([thing for thing in drafted if thing.giver != side])
    difference = difference_in_words(gives.total, gets.total)
    return Shown(0, True, note, gives, gets, difference, [], clock.now())


def changes_in_words(before: Sequence[Any], after: Sequence[Any]) -> list[str]:
    """Say in which things a proposal differs from the one before it."""
    former, latter = ({thing.item_id or thing.name: thing for thing in each} for each in (before, after))
    added = [f"Added: {latter[key].name}" for key in latter if key not in former]
    removed = [f"Left out: {former[key].name}" for key in former if key not in latter]
    other_days = [
        f"Other days for {latter[key].name}: {loan_days(latter[key])}"
        for key in latter
        if key in former
        and latter[key].lent_from
        and (latter[key].lent_from, latter[key].lent_until) != (former[key].lent_from, former[key].lent_until)
    ]
    return [*added, *removed, *other_days] or ["The same things"]


def shown_events(found: Found, story: Story) -> list[tuple[datetime, str, int]]:
    """Return when what happened, and the number of the proposal that this made or 0, the last first."""
    return [
        (
            event.at,
            event_in_words(event, found.side, found.other),
            event.version if event.event in MAKES_PROPOSAL else 0,
        )
        for event in story.events[::-1]
    ]


def shown_events_to_moderator(found: Found, story: Story) -> list[tuple[datetime, str]]:
    """Return what happened, the last first, with the names of both."""
    return [
        (event.at, EVENT_WORDS[event.event].format(who=found.names.get(event.actor) or FORMER.capitalize()))
        for event in story.events[::-1]
    ]


def can_be_done(found: Found, now: datetime) -> tuple[str, ...]:
    """Return what the side that looks can do."""
    return rules.possible(found.exchange, found.side, now)
