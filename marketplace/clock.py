"""What time it is, for whatever is reminded of, runs out or falls due: tests set it."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return this moment, in UTC."""
    return datetime.now(UTC)
