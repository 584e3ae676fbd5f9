"""How long work says how far it is: to a function that it is given, which shows it or does not."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

# Is told the stage, and the share done (0 to 1, None when it is not known).
Report = Callable[[str, float | None], None]


def silent(_stage: str, _share: float | None) -> None:
    """Tell nobody."""


def unseen() -> AbstractContextManager[Report]:
    """Return a context, as Progress is one, in which nobody is told."""
    return nullcontext(silent)


def part(report: Report, first: float, last: float) -> Report:
    """Return a report of work that is a part of another's: its shares lie from `first` to `last` there.

    What does not know its share counts as just begun.
    """
    return lambda stage, share: report(stage, first + (last - first) * (share or 0.0))
