"""Which backups are kept: the newest ones, and one a day for longer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

KEEP = 10
KEEP_DAYS = 30


class Dated(Protocol):
    """Anything that was made at a moment."""

    @property
    def made_at(self) -> datetime: ...


Made = TypeVar("Made", bound=Dated)


def expired(
    backups: Iterable[Made], now: datetime, keep: int = KEEP, keep_days: int = KEEP_DAYS
) -> list[Made]:
    """Return the backups that may be removed, newest first.

    Kept are the `keep` newest, whatever their age, and the last one of each day for `keep_days` days.
    """
    newest_first = sorted(backups, key=lambda backup: backup.made_at, reverse=True)
    oldest_day = now - timedelta(days=keep_days)
    days = set()
    removable = []
    for place, backup in enumerate(newest_first):
        last_of_its_day = backup.made_at.date() not in days
        days.add(backup.made_at.date())
        if place >= keep and not (last_of_its_day and backup.made_at >= oldest_day):
            removable.append(backup)
    return removable
