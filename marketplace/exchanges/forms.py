"""The forms to propose a swap, to ask a question, and to decline."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from flask import request
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import ValidationError

from marketplace import clock
from marketplace.database.base import MAX_BIGINT
from marketplace.exchanges.actions import Thing
from marketplace.exchanges.choosing import Choice
from marketplace.exchanges.course_models import MESSAGE_LENGTH
from marketplace.exchanges.models import ITEMS_MAXIMUM, NOTE_LENGTH, REASON_LENGTH
from marketplace.exchanges.rules import OPEN_DAYS
from marketplace.exchanges.timetable import days_of_loan, midnight
from marketplace.exchanges.wording import taken_in_words
from marketplace.forms import Form, LongTextField, Required, at_most
from marketplace.members.time_zones import zone_named

# The names of the two halves of the form: what who fills it in gives and gets.
HALVES = ("give", "get")
# Nobody promises a loan for later than this.
AHEAD = timedelta(days=365)
NOTHING = "Choose at least one thing"
NOT_OFFERED = "Something that you chose is not on offer any more: look over what is left"
TOO_MANY = f"Choose at most {ITEMS_MAXIMUM} things on either side"


class AskForm(Form):
    """A question about an item."""

    words = LongTextField(
        "What would you like to know?", [Required("Write your question"), at_most(MESSAGE_LENGTH)]
    )


class DeclineForm(Form):
    """Why one says no."""

    reason = LongTextField("Why?", [at_most(REASON_LENGTH)])


class ProposalForm(Form):
    """What one would give and get, for how long it can be answered, and a note."""

    open_days = RadioField(
        "How long can it be answered?",
        choices=[SelectChoice(str(days), f"{days} days") for days in OPEN_DAYS],
        default="7",
        validate_choice=False,
    )
    note = LongTextField("A few words with it", [at_most(NOTE_LENGTH)])

    def validate_open_days(self, field: RadioField) -> None:
        if field.data not in map(str, OPEN_DAYS):
            raise ValidationError("Choose how long it can be answered")


class Selection:
    """What is ticked in the two halves of the form, and the days that are typed beside what is lent.

    `errors` are sentences by the field that they belong to, after `check`.
    """

    def __init__(
        self, ids: Mapping[str, Sequence[int]], typed: Mapping[int, tuple[str, str]], is_odd: bool = False
    ) -> None:
        self.ids = ids
        self.typed = typed
        self.is_odd = is_odd
        self.errors: dict[str, str] = {}

    @classmethod
    def from_request(cls) -> "Selection":
        """Read what was sent."""
        sent = {half: [id_of(text) for text in request.form.getlist(half)] for half in HALVES}
        ids = {half: sorted({each for each in found if each is not None}) for half, found in sent.items()}
        typed = {
            each: (
                request.form.get(f"from-{each}", "").strip(),
                request.form.get(f"until-{each}", "").strip(),
            )
            for half in HALVES
            for each in ids[half][: ITEMS_MAXIMUM + 1]
        }
        return cls(ids, typed, is_odd=any(None in found for found in sent.values()))

    @classmethod
    def of_things(cls, things: Sequence[Any], side: str) -> "Selection":
        """Tick what a proposal is about, as the side sees it that answers it."""
        there = [thing for thing in things if thing.item_id is not None]
        ids = {
            half: [thing.item_id for thing in there if (thing.giver == side) == (half == "give")]
            for half in HALVES
        }
        typed = {
            thing.item_id: _typed(*days_of_loan(thing.lent_from, thing.lent_until, thing.zone))
            for thing in there
            if thing.lent_from is not None
        }
        return cls(ids, typed)

    def check(self, choices: Mapping[str, Sequence[Choice]], givers: Mapping[str, str]) -> list[Thing]:
        """Return the things that are chosen; `givers` names the side behind each half.

        Fills `errors` with what is wrong.
        """
        known = {half: {choice.id: choice for choice in choices[half]} for half in HALVES}
        things = []
        if self.is_odd or any(each not in known[half] for half in HALVES for each in self.ids[half]):
            self.errors["give"] = NOT_OFFERED
        elif not any(self.ids.values()):
            self.errors["give"] = NOTHING
        elif max(map(len, self.ids.values())) > ITEMS_MAXIMUM:
            self.errors["give"] = TOO_MANY
        else:
            for half in HALVES:
                things += [self._thing(known[half][each], givers[half]) for each in self.ids[half]]
        return things

    def _thing(self, choice: Choice, giver: str) -> Thing:
        if choice.duration_days is None:
            return Thing(choice.id, giver)
        first, last = (_day_of(text) for text in self.typed.get(choice.id, ("", "")))
        sentence = _wrong_with_days(choice, first, last)
        if sentence is not None or first is None or last is None:
            self.errors[f"from-{choice.id}"] = f"{choice.name}: {sentence}"
            return Thing(choice.id, giver)
        return Thing(choice.id, giver, *_time_of(choice, first, last))


def _time_of(choice: Choice, first: date, last: date) -> tuple[datetime, datetime]:
    """Return when a loan begins and ends: the days are its owner's, and the last is lent to its end."""
    return midnight(first, choice.zone), midnight(last + timedelta(days=1), choice.zone)


def _wrong_with_days(choice: Choice, first: date | None, last: date | None) -> str | None:
    if first is None or last is None:
        return "say from which day to which"
    today = clock.now().astimezone(zone_named(choice.zone)).date()
    if last < first:
        return "the last day is before the first"
    if first < today:
        return "the first day is over"
    if last >= today + AHEAD:
        return "choose days within a year from now"
    days = choice.duration_days
    assert days is not None
    if last - first >= timedelta(days=days):
        return f"it is lent for {days} day{'' if days == 1 else 's'} at most"
    begins, ends = _time_of(choice, first, last)
    for taken_from, taken_until in choice.taken:
        if begins < (taken_until or ends) and taken_from < ends:
            return f"it is promised already {taken_in_words(taken_from, taken_until, choice.zone)}"
    return None


def id_of(text: str) -> int | None:
    """Return the id that was sent; None for whatever is none of ours."""
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        return None
    return int(text) if 0 < int(text) <= MAX_BIGINT else None


def _typed(first: date, last: date) -> tuple[str, str]:
    return first.isoformat(), last.isoformat()


def _day_of(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # The years beyond are nobody's, and no day follows the last of them.
    return day if 2000 <= day.year < 3000 else None
