"""Cursors: a page begins after a listing, or ends before one, so that it never shifts when others arrive.

Each order of results has its own kind of place. All are whole numbers joined by hyphens in an address.
"""

import re
from dataclasses import astuple, dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar, Self

from marketplace.database.base import MAX_BIGINT
from marketplace.search.filters import RELEVANCE, VALUE

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
# The year 9999 in microseconds since 1970: Python knows no later one.
_LAST_MOMENT = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


def microseconds(moment: datetime) -> int:
    """Return an aware `moment` as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(number: int) -> datetime:
    """Return the moment so many microseconds after 1970."""
    return _EPOCH + number * _MICROSECOND


@dataclass(frozen=True)
class Place:
    """A place in one order of results; the fields are whole numbers, 0 or more."""

    highest: ClassVar[tuple[int, ...]]

    def __str__(self) -> str:
        """The place as it stands in an address."""
        return "-".join(map(str, astuple(self)))

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read what `str` wrote; None for anything else."""
        pattern = "-".join(["([0-9]{1,19})"] * len(cls.highest))
        match = re.fullmatch(pattern, text, re.ASCII)
        numbers = [int(group) for group in match.groups()] if match else []
        if not match or any(number > most for number, most in zip(numbers, cls.highest, strict=True)):
            return None
        return cls(*numbers)


@dataclass(frozen=True)
class NewestPlace(Place):
    """A place in the order newest first: when the listing was posted, in microseconds, and its id."""

    moment: int
    listing_id: int
    highest: ClassVar[tuple[int, ...]] = (_LAST_MOMENT, MAX_BIGINT)


@dataclass(frozen=True)
class RelevancePlace(Place):
    """A place in the order of relevance: the score, then as in NewestPlace, and where the window begins.

    Only a window of the newest results is ordered like that. That it begins at the same listing on all
    pages keeps them from shifting when others arrive.
    """

    score: int
    moment: int
    listing_id: int
    top_moment: int
    top_id: int
    highest: ClassVar[tuple[int, ...]] = (2**31 - 1, _LAST_MOMENT, MAX_BIGINT, _LAST_MOMENT, MAX_BIGINT)


@dataclass(frozen=True)
class ValuePlace(Place):
    """A place in the order of closeness to a value: how far away, on which side, and the listing's id.

    The side is 0 for the value and all above it, by rising value and id; 1 for those below, by falling
    value and id; 2 for those without a value, which come last, by falling id.
    """

    distance: int
    side: int
    listing_id: int
    highest: ClassVar[tuple[int, ...]] = (MAX_BIGINT, 2, MAX_BIGINT)


def kind_of_place(sort: str) -> type[Place]:
    """Return the kind of place in this order."""
    return {RELEVANCE: RelevancePlace, VALUE: ValuePlace}.get(sort, NewestPlace)
