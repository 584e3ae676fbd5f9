"""Reads the three TOML files into typed, checked tables in which every word is ready to be picked.

A mistake in a file raises VocabularyError, which names the category and the thing.
"""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
SEPARATOR = " / "
ANYTHING = "*"
LONGEST_NAME = 80
JOINED_BY_A_SPACE = frozenset({"about", "by", "for", "from", "in", "of", "on", "with", "without"})


class VocabularyError(Exception):
    """A vocabulary file that cannot be used; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Thing:
    """Something people have: `names` is its plain name, then its name in each form."""

    names: tuple[str, ...]
    values: tuple[int, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """How good a thing is, in a title and in a sentence; `code` is the site's own condition, if one fits."""

    label: str
    sentence: str
    code: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """The sentences that fit one kind of thing, such as everything with a plug."""

    days: str
    conditions: tuple[Condition, ...]
    ages: tuple[str, ...]
    reasons: tuple[str, ...]
    lending: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The sentences that fit every thing, and the number of days that things are lent for."""

    profiles: dict[str, Profile]
    days: dict[str, tuple[int, ...]]
    pickups: tuple[str, ...]
    wants: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class ForeignThing:
    """A thing in another language, with sentences of that language; `wanted` is what its speakers seek."""

    thing: Thing
    conditions: tuple[str, ...]
    reasons: tuple[str, ...]
    pickups: tuple[str, ...]
    wanted: tuple[Thing, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """What people offer, say and ask for in one category."""

    path: tuple[str, ...]
    profile: Profile
    lend_share: float
    weight: int
    days: tuple[int, ...]
    details: tuple[str, ...]
    things: tuple[Thing, ...]
    wishes: tuple[Thing, ...]
    sought: tuple[Thing, ...]
    foreign: tuple[ForeignThing, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    topics: dict[tuple[str, ...], Topic]
    phrases: Phrases

    def topics_for(self, path: tuple[str, ...]) -> tuple[Topic, ...]:
        """A category's own topic, else those below its nearest known parent, else things of any kind."""
        wanted = tuple(name.casefold() for name in path)
        for length in range(len(wanted), 0, -1):
            found = tuple(topic for key, topic in self.topics.items() if key[:length] == wanted[:length])
            if found:
                return found
        return (self.topics[(ANYTHING,)],)


def load_vocabulary(this_year: int) -> Vocabulary:
    """Read the files; `this_year` decides which years sentences such as "Bought in 2019" may name."""
    phrases = _phrases(_read("phrases.toml"), this_year)
    sections = _read("vocabulary.toml")
    things = {
        _key(name): tuple(_thing(name, row) for row in section["things"])
        for name, section in sections.items()
    }
    foreign = _foreign(_read("languages.toml"))
    unknown = foreign.keys() - things.keys()
    if unknown:
        raise VocabularyError(f"languages.toml names unknown categories: {sorted(unknown)}.")
    topics = {
        _key(name): _topic(name, section, things, foreign, phrases) for name, section in sections.items()
    }
    if (ANYTHING,) not in topics:
        raise VocabularyError(
            f'vocabulary.toml needs a section "{ANYTHING}" for categories it does not know.'
        )
    return Vocabulary(topics, phrases)


def _read(file_name: str) -> dict[str, Any]:
    with (FOLDER / file_name).open("rb") as file:
        return tomllib.load(file)


def _key(name: str) -> tuple[str, ...]:
    return tuple(part.casefold() for part in name.split(SEPARATOR))


def _topic(
    name: str,
    section: dict[str, Any],
    things: dict[tuple[str, ...], tuple[Thing, ...]],
    foreign: dict[tuple[str, ...], list[ForeignThing]],
    phrases: Phrases,
) -> Topic:
    key = _key(name)
    if section["profile"] not in phrases.profiles:
        raise VocabularyError(f'{name}: phrases.toml has no profile "{section["profile"]}".')
    profile = phrases.profiles[section["profile"]]
    sought = list(things[key])
    for other in section["seeks"]:
        prefix = _key(other)
        found = [thing for path, those in things.items() if path[: len(prefix)] == prefix for thing in those]
        if not found:
            raise VocabularyError(f'{name} seeks "{other}", which has no things.')
        sought += found
    return Topic(
        path=tuple(name.split(SEPARATOR)),
        profile=profile,
        lend_share=section["lend"] / 100,
        weight=section.get("weight", 10),
        days=phrases.days[section.get("days", profile.days)],
        details=tuple(section["details"]),
        things=things[key],
        wishes=tuple(Thing((_sentence_case(wish),), (), ()) for wish in section["wants"]),
        sought=tuple(sought),
        foreign=tuple(foreign.get(key, ())),
    )


def _thing(category: str, row: list[Any]) -> Thing:
    try:
        name, lowest, highest, forms, notes = row
    except ValueError:
        raise VocabularyError(
            f"{category}: {row!r} is not [name, lowest, highest, [forms], [notes]]."
        ) from None
    names = [name, *(_joined(name, form) for form in forms)]
    too_long = [each for each in names if len(each) > LONGEST_NAME]
    if too_long:
        raise VocabularyError(f'{category}: "{too_long[0]}" is longer than {LONGEST_NAME} characters.')
    return Thing(
        tuple(map(_sentence_case, names)), _round_values(category, name, lowest, highest), tuple(notes)
    )


def _joined(name: str, form: str) -> str:
    separator = " " if form.split(" ", 1)[0] in JOINED_BY_A_SPACE else ", "
    return name + separator + form


def _sentence_case(text: str) -> str:
    return text[0].upper() + text[1:]


def _round_values(category: str, name: str, lowest: int, highest: int) -> tuple[int, ...]:
    """Twelve values from lowest to highest, rounded the way people round."""
    if not 0 <= lowest < highest:
        raise VocabularyError(f'{category}: "{name}" needs values that rise from 0 or more.')
    step = 1 if highest <= 25 else 5 if highest <= 250 else 10
    values = (lowest + (highest - lowest) * part / 11 for part in range(12))
    return tuple(max(lowest, round(value / step) * step) for value in values)


def _phrases(data: dict[str, Any], this_year: int) -> Phrases:
    years = range(this_year - 12, this_year - 2)

    def dated(sentences: list[str]) -> tuple[str, ...]:
        return tuple(
            text.replace("{year}", str(year))
            for text in sentences
            for year in (years if "{year}" in text else [0])
        )

    profiles = {
        name: Profile(
            days=profile["days"],
            conditions=tuple(
                Condition(label, sentence, code or None) for label, sentence, code in profile["conditions"]
            ),
            ages=dated(profile["ages"]),
            reasons=dated(profile["reasons"]),
            lending=tuple(profile["lending"]),
        )
        for name, profile in data["profiles"].items()
    }
    pickup = data["pickup"]
    meetings = tuple(
        text.format(place=place, time=time)
        for text in pickup["sentences"]
        for place in pickup["places"]
        for time in pickup["times"]
    )
    # The sentences without a place are few: repeated, they make up about half of what is picked.
    others = tuple(pickup["others"]) * (len(meetings) // len(pickup["others"]))
    return Phrases(
        profiles=profiles,
        days={name: tuple(days) for name, days in data["days"].items()},
        pickups=meetings + others,
        wants={kind: tuple(texts) for kind, texts in data["wants"].items()},
    )


def _foreign(data: dict[str, Any]) -> dict[tuple[str, ...], list[ForeignThing]]:
    found: dict[tuple[str, ...], list[ForeignThing]] = {}
    for language in data.values():
        rows = [
            (row[0], Thing((row[1],), _round_values(*row[:4]), tuple(row[4]))) for row in language["things"]
        ]
        wanted = tuple(thing for _, thing in rows)
        conditions, reasons, pickups = (
            tuple(language[kind]) for kind in ("conditions", "reasons", "pickups")
        )
        for category, thing in rows:
            foreign = ForeignThing(thing, conditions, reasons, pickups, wanted)
            found.setdefault(_key(category), []).append(foreign)
    return found
