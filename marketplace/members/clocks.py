"""Moments as clocks show them where who reads them lives."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import g
from flask_login import current_user
from sqlalchemy import BigInteger, bindparam, select

from marketplace.extensions import db
from marketplace.members.models import Profile
from marketplace.members.time_zones import UTC, zone_named

_ZONE = select(Profile.time_zone).where(Profile.member_id == bindparam("id", type_=BigInteger))


def zone_of(member_id: int | None) -> ZoneInfo:
    """Return the time zone in which the member lives, as far as they said; else UTC."""
    return zone_named(db.session.scalar(_ZONE, {"id": member_id}) or UTC)


def zone_of_reader() -> ZoneInfo:
    """Return the time zone of who looks at the page, asked for once a request; UTC for visitors."""
    if "zone_of_reader" not in g:
        g.zone_of_reader = zone_of(current_user.id) if current_user.is_authenticated else ZoneInfo(UTC)
    zone: ZoneInfo = g.zone_of_reader
    return zone


def local(moment: datetime, pattern: str) -> str:
    """Write an aware `moment` in the reader's time zone, by a pattern of strftime."""
    return moment.astimezone(zone_of_reader()).strftime(pattern)
