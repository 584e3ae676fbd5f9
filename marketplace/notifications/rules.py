"""Decisions about notifications, without a database."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

MORNING_HOUR = 8
KEPT = timedelta(days=180)
# As many are counted; of more it is said that they are more.
COUNTED_MAXIMUM = 99

# How letters about a kind can come, in the words of the page that asks.
AT_ONCE, DAILY, NONE = "at_once", "daily", "none"
LETTERS_IN_WORDS = {AT_ONCE: "At once", DAILY: "Once a day", NONE: "Never"}


def next_morning(moment: datetime, time_zone: str) -> datetime:
    """Return the first morning after `moment` in the time zone; in UTC where that is none."""
    try:
        zone = ZoneInfo(time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    local = moment.astimezone(zone)
    morning = local.replace(hour=MORNING_HOUR, minute=0, second=0, microsecond=0, fold=0)
    if morning <= local:
        morning += timedelta(days=1)
    return morning.astimezone(UTC)


def count_in_words(number: int) -> str:
    """Write the number of unread ones as it stands beside the link to them: at most 99+."""
    return str(number) if number <= COUNTED_MAXIMUM else f"{COUNTED_MAXIMUM}+"
