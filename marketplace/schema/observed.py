"""What was seen of a revision while it ran, and how long others have to wait for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# From the weakest to the strongest; whoever reads or writes a table waits for these.
MODES = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
STOPS_READERS = frozenset({"AccessExclusiveLock"})
STOPS_WRITERS = frozenset({"ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock"})


@dataclass(frozen=True)
class Statement:
    """What one statement did to the tables that were there before its revision.

    `locks` has the strongest new lock of each table, `written` and `read` the numbers of rows, cascades and
    triggers included; `rewritten` tables got a new file, and `emptied` ones one without rows.
    """

    sql: str
    seconds: float
    locks: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, int] = field(default_factory=dict)
    read: Mapping[str, int] = field(default_factory=dict)
    rewritten: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()


@dataclass(frozen=True)
class Observed:
    """What one revision did in one direction.

    `held` says for how many seconds each table was locked in each mode; `rows_held` for how many others had
    to wait that would write a row which was changed.
    """

    revision: str
    direction: str
    seconds: float
    statements: tuple[Statement, ...]
    held: Mapping[str, Mapping[str, float]]
    rows_held: Mapping[str, float]

    @property
    def rewritten(self) -> tuple[str, ...]:
        """The tables that got a new file."""
        return tuple(dict.fromkeys(table for each in self.statements for table in each.rewritten))

    @property
    def written(self) -> int:
        """How many rows were inserted, changed or deleted."""
        return sum(sum(each.written.values()) for each in self.statements)

    def wait(self, stops: frozenset[str]) -> tuple[float, str]:
        """Return how long somebody waited at most whom the modes `stops` stop, and for which table."""
        waits = [
            (seconds, table)
            for table, modes in self.held.items()
            for mode, seconds in modes.items()
            if mode in stops
        ]
        return max(waits, default=(0.0, ""))
