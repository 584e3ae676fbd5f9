"""Which backups are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from marketplace.schema.retention import expired

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """A backup of which only the moment matters."""

    made_at: datetime


def made(*, days: int = 0, hours: int = 0) -> Made:
    return Made(NOW - timedelta(days=days, hours=hours))


def test_the_newest_stay_whatever_their_age():
    assert expired([made(days=400), made(days=300)], NOW, keep=2, keep_days=0) == []


def test_of_older_ones_the_last_of_each_day_stays_for_some_days():
    now, two_days, two_days_earlier, long_ago = made(), made(days=2), made(days=2, hours=1), made(days=31)
    assert expired([long_ago, two_days_earlier, two_days, now], NOW, keep=1, keep_days=30) == [
        two_days_earlier,
        long_ago,
    ]


def test_many_of_one_day_leave_only_the_newest():
    today = [made(hours=hours) for hours in range(12)]
    assert expired(today, NOW, keep=10, keep_days=30) == today[10:]
