"""What is told of the value of similar things."""

from collections.abc import Iterable
from typing import NamedTuple

# With fewer, one of them would tell what its neighbour thinks.
FEWEST = 3


class Alike(NamedTuple):
    """A thing that was swapped: in which swap, its value, and how many words of the described one it has."""

    exchange_id: int
    value: int
    shared: int


class ValueRange(NamedTuple):
    """Where the middle half of similar things lies, their median, and in how many swaps they were."""

    low: int
    median: int
    high: int
    swaps: int


def range_of_values(things: Iterable[Alike], words: int) -> ValueRange | None:
    """Return the range of the things that share most of `words` words; None when there are too few.

    When too few share all of them, one word less is asked for, as long as it is more than half of them.
    """
    found = list(things)
    for asked in range(words, words // 2, -1):
        alike = [thing for thing in found if thing.shared >= asked]
        swaps = len({thing.exchange_id for thing in alike})
        if swaps >= FEWEST:
            values = sorted(thing.value for thing in alike)
            return ValueRange(_at(values, 1), _at(values, 2), _at(values, 3), swaps)
    return None


def _at(values: list[int], quarter: int) -> int:
    """Return the value below which so many quarters lie, itself one of them."""
    return values[(len(values) - 1) * quarter // 4]
