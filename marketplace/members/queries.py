"""Reads of what everyone may know of a member."""

from typing import Any

from sqlalchemy import String, bindparam, func, select

from marketplace.accounts.models import User
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.listings.shown import IS_SHOWN, counted

_AREA = (
    select(Listing.area)
    .where(Listing.owner_id == User.id, IS_SHOWN, Listing.area.is_not(None))
    .order_by(Listing.created_at.desc(), Listing.id.desc())
    .limit(1)
    .correlate(User)
    .scalar_subquery()
)
_PROFILE = select(
    User.id,
    User.username,
    User.created_at.label("since"),
    _AREA.label("area"),
    counted(User.id, User).label("listings"),
).where(
    func.lower(User.username) == bindparam("name", type_=String), User.is_active, User.leaving_at.is_(None)
)


def find_profile(username: str) -> Any | None:
    """Return the active member with this name, whatever its case, or None; None also for who is leaving.

    `area` is that of the newest listing on show that names one, and `listings` says how many are on show,
    as far as they are counted.
    """
    return db.session.execute(_PROFILE, {"name": username.lower()}).one_or_none()
