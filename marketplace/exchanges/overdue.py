"""Who has something that should be back borrows nothing more."""

from collections.abc import Sequence
from typing import Any

from marketplace import clock
from marketplace.exchanges.conditions import OVERDUE_OF_MEMBERS
from marketplace.extensions import db


class OverdueError(Exception):
    """Who would borrow something has to give back something else first."""


def borrows(side: str, things: Sequence[Any]) -> bool:
    """Tell whether that side would get something for some days."""
    return any(thing.giver != side and thing.lent_until is not None for thing in things)


def refuse_overdue(members: Sequence[int | None]) -> None:
    """Raise OverdueError when one of these members has something that should be back."""
    if members:
        values = {"now": clock.now(), "members": [each for each in members if each is not None]}
        if db.session.execute(OVERDUE_OF_MEMBERS, values).scalar() is not None:
            raise OverdueError
