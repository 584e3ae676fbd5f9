"""A search as a value: read from an address, and written back into one in a single standard form."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Protocol
from urllib.parse import urlencode

from marketplace.forms import INVISIBLE
from marketplace.listings.conditions import CONDITION_WORDS
from marketplace.listings.models import AREA_LENGTH, DURATION_MAXIMUM, VALUE_MAXIMUM
from marketplace.search.words import TEXT_MAXIMUM, fold, parse

KINDS = {"offered": "offer", "wanted": "want"}
TYPES = ("permanent", "temporary")
POSTED_DAYS = (1, 7, 30)
SORTS = ("newest", "value", "relevance")
NEWEST, VALUE, RELEVANCE = SORTS
_WHOLE_NUMBER = re.compile(r"[0-9]{1,12}", re.ASCII)


class Arguments(Protocol):
    """The arguments of an address: several values for a name, in their order."""

    def getlist(self, key: str) -> list[str]:
        """Return all values that `key` has."""


@dataclass(frozen=True)
class Search:
    """What is looked for, and in which order it is shown. The fields are in the order of an address.

    `category` is a path of slugs, `kind` one of KINDS, `days` the shortest loan that will do, `posted` the
    number of days that a listing may be old, and `near` the value to which others are compared.
    """

    words: str = ""
    category: str | None = None
    kind: str | None = None
    exchange_type: str | None = None
    days: int | None = None
    value_from: int | None = None
    value_to: int | None = None
    conditions: tuple[str, ...] = ()
    area: str = ""
    posted: int | None = None
    picture: bool = False
    sort: str = NEWEST
    near: int | None = None

    def without(self, *names: str) -> "Search":
        """Return the search without these fields, and without what makes no sense then."""
        defaults = {field.name: field.default for field in fields(self) if field.name in names}
        return replace(self, **defaults).sensible()  # type: ignore[arg-type]

    def changed(self, **values: Any) -> "Search":
        """Return the search with these fields changed, and without what makes no sense then."""
        return replace(self, **values).sensible()

    def sensible(self) -> "Search":
        """Return the search without what only makes sense beside something that is not there."""
        search = self
        if search.exchange_type != "temporary" and search.days is not None:
            search = replace(search, days=None)
        if search.sort != VALUE and search.near is not None:
            search = replace(search, near=None)
        if (search.sort == RELEVANCE and not search.words) or (search.sort == VALUE and search.near is None):
            search = replace(search, sort=NEWEST)
        return search

    def arguments(self) -> list[tuple[str, str]]:
        """Return the search as the arguments of an address, always in one order, defaults left out."""
        return [(NAMES[name], value) for name in NAMES for value in _texts(getattr(self, name))]

    def query_string(self) -> str:
        """Return the arguments as one text: what a saved search is kept as."""
        return urlencode(self.arguments())


# The name in an address of each field, in the order in which they stand there.
NAMES = {
    "words": "q",
    "category": "category",
    "kind": "kind",
    "exchange_type": "type",
    "days": "days",
    "value_from": "min",
    "value_to": "max",
    "conditions": "condition",
    "area": "area",
    "posted": "posted",
    "picture": "picture",
    "sort": "sort",
    "near": "near",
}
# What narrows the search, as opposed to what only orders it.
FILTERS = tuple(name for name in NAMES if name not in ("sort", "near"))


def read(arguments: Arguments, is_category: Callable[[str], bool]) -> tuple[Search, list[str]]:
    """Return the search that an address asks for, and a sentence for each value that was ignored.

    `is_category` tells whether there is a category at a path.
    """
    reader = _Reader(arguments)
    words = " ".join(reader.text("q").split())
    parsed = parse(words)
    reader.problems += parsed.problems
    search = Search(
        words=words[:TEXT_MAXIMUM].strip() if parsed.terms else "",
        category=reader.one("category", is_category, "There is no category “{}”: all are searched."),
        kind=reader.one("kind", KINDS.__contains__, "“{}” is neither offered nor wanted: both are shown."),
        exchange_type=reader.one("type", TYPES.__contains__, "“{}” is no kind of exchange: all are shown."),
        days=reader.number("days", 1, DURATION_MAXIMUM),
        value_from=reader.number("min", 0, VALUE_MAXIMUM),
        value_to=reader.number("max", 0, VALUE_MAXIMUM),
        conditions=reader.conditions(),
        area=reader.area(),
        posted=reader.posted(),
        picture=reader.one("picture", "yes".__eq__, "A picture is either needed (yes) or not, and not “{}”.")
        is not None,
        sort=reader.one("sort", SORTS.__contains__, "There is no order “{}”: the newest come first.")
        or NEWEST,
        near=reader.number("near", 0, VALUE_MAXIMUM),
    )
    return _settle(search, reader.problems)


def _settle(search: Search, problems: list[str]) -> tuple[Search, list[str]]:
    """Mend values that do not go together, and name what was ignored."""
    if search.days is not None and search.exchange_type is None:
        search = replace(search, exchange_type="temporary")
    if search.days is not None and search.exchange_type == "permanent":
        problems.append("A number of days goes with loans only: it was ignored.")
    lowest, highest = search.value_from, search.value_to
    if lowest is not None and highest is not None and lowest > highest:
        problems.append(
            f"The value cannot be {lowest:,} or more and {highest:,} or less: the second was ignored."
        )
        search = replace(search, value_to=None)
    if search.sort == VALUE and search.near is None:
        problems.append("Say which value is to be closest: the newest come first.")
    if search.sort == RELEVANCE and not search.words:
        problems.append("Without words there is no best match: the newest come first.")
    return search.sensible(), problems


class _Reader:
    """Takes values out of an address one by one, and notes those that are ignored."""

    def __init__(self, arguments: Arguments) -> None:
        self.arguments = arguments
        self.problems: list[str] = []

    def text(self, name: str) -> str:
        """Return the last value that is not blank."""
        return next(reversed(self.all(name)), "")

    def all(self, name: str) -> list[str]:
        """Return the values that are not blank, without what cannot be seen nor be in a page."""
        values = (INVISIBLE.sub("", text).strip() for text in self.arguments.getlist(name))
        return [value for value in values if value]

    def one(self, name: str, is_known: Callable[[str], bool], problem: str) -> str | None:
        text = self.text(name)
        if text and not is_known(text):
            self.problems.append(problem.format(_shown(text)))
            return None
        return text or None

    def number(self, name: str, lowest: int, highest: int) -> int | None:
        text = re.sub(r"[\s,]", "", self.text(name))
        if not text:
            return None
        if not _WHOLE_NUMBER.fullmatch(text) or not lowest <= int(text) <= highest:
            self.problems.append(
                f"“{_shown(text)}” is no whole number from {lowest} to {highest:,}: it was ignored."
            )
            return None
        return int(text)

    def conditions(self) -> tuple[str, ...]:
        asked = self.all("condition")
        for text in dict.fromkeys(asked):
            if text not in CONDITION_WORDS:
                self.problems.append(f"There is no condition “{_shown(text)}”: it was ignored.")
        return tuple(condition for condition in CONDITION_WORDS if condition in asked)

    def area(self) -> str:
        text = " ".join(self.text("area").split())
        if text and (len(text) > AREA_LENGTH or not fold(text).strip()):
            self.problems.append(f"“{_shown(text)}” is no area: all are shown.")
            return ""
        return text

    def posted(self) -> int | None:
        problem = "A listing can be looked for by the day it was posted within 1, 7 or 30 days, not “{}”."
        text = self.one("posted", lambda text: text in map(str, POSTED_DAYS), problem)
        return int(text) if text else None


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"


def _texts(value: Any) -> list[str]:
    """Return a field's value as it stands in an address: nothing for a default."""
    if value is None or value is False or value in ("", (), NEWEST):
        return []
    if value is True:
        return ["yes"]
    return list(value) if isinstance(value, tuple) else [str(value)]
