"""Decisions about saved things, without a database."""

from datetime import datetime

# So many things fit on one page, and are asked for with one statement.
WATCHED_MAXIMUM = 200
SEARCHES_MAXIMUM = 20


def state_of(status: str, expires_at: datetime | None, now: datetime, taken_down: bool = False) -> str | None:
    """Say in words why a listing that was saved cannot be had at the moment; None when it can.

    `taken_down` says that moderators have hidden it, or suspended its owner.
    """
    if taken_down or status == "archived":
        return "No longer available"
    if status == "expired" or (expires_at is not None and expires_at <= now):
        return "Expired"
    return None
