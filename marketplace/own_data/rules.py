"""How long there is a way back, without a database."""

from datetime import datetime, timedelta

WAY_BACK_LASTS = timedelta(days=7)


def way_back_until(leaving_at: datetime) -> datetime:
    """Return the moment until which a member who asked to leave then can come back."""
    return leaving_at + WAY_BACK_LASTS
