"""When who is reminded of what, without a database."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from marketplace.exchanges.rules import REMIND_AFTER
from marketplace.members.time_zones import zone_named

# On the day when something is due, the borrower is reminded in the owner's morning.
MORNING = time(8)
DAYS_BEFORE = 2
DAYS_LATE = (1, 3, 7)


def reminders_of_loan(due_at: datetime, zone: ZoneInfo) -> list[tuple[datetime, str, int]]:
    """Return the reminders of a loan in order: when, of which kind, and how many days late it is then."""
    # What is due at midnight is due on the day that ends with it.
    last_day = (due_at - timedelta(microseconds=1)).astimezone(zone).date()
    morning = min(datetime.combine(last_day, MORNING, zone).astimezone(UTC), due_at)
    soon = due_at - timedelta(days=DAYS_BEFORE)
    late = [(due_at + timedelta(days=days), "overdue", days) for days in DAYS_LATE]
    return [(soon, "due_soon", 0), (morning, "due_today", 0), *late]


def reminder_after(moments: list[datetime], now: datetime) -> datetime | None:
    """Return the first of the moments that is yet to come; None when there is none."""
    return next((moment for moment in moments if moment > now), None)


def reminders_to_confirm(said_at: datetime) -> list[datetime]:
    """Return when a side is reminded to confirm what the other side said at this moment."""
    return [said_at + pause for pause in REMIND_AFTER]


def days_of_loan(lent_from: datetime, lent_until: datetime, zone: str) -> tuple[date, date]:
    """Return the first and the last day of a loan that begins and ends at midnight in the zone of that name.

    Half a day within them, so that they stay the same when its owner moves.
    """
    within = lent_from + timedelta(hours=12), lent_until - timedelta(hours=12)
    first, last = (moment.astimezone(zone_named(zone)).date() for moment in within)
    return first, last


def midnight(day: date, zone: str) -> datetime:
    """Return the moment at which the day begins in the zone of that name, in UTC."""
    return datetime.combine(day, time(), zone_named(zone)).astimezone(UTC)


def in_zone(moment: datetime, zone: ZoneInfo) -> str:
    """Write a moment as clocks in the zone show it, and say in which that is."""
    return f"{moment.astimezone(zone):%-d %B %Y, %H:%M} ({zone.key.replace('_', ' ')})"


def moment_in_zone(day: str, hour: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that was typed as a date and an hour in the zone; None when it is none."""
    try:
        moment = datetime.strptime(f"{day} {hour}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - the zone follows.
        return moment.replace(tzinfo=zone).astimezone(UTC) if 2000 <= moment.year < 3000 else None
    except ValueError:
        return None
