"""Reads of what everyone may know of a member."""

from typing import Any

from sqlalchemy import String, and_, bindparam, func, or_, select

from marketplace.accounts.models import User
from marketplace.blocks.queries import apart
from marketplace.extensions import db
from marketplace.listings.models import Listing
from marketplace.listings.shown import IS_SHOWN, counted
from marketplace.members.models import Profile
from marketplace.own_data.parts import MEMBER_ID

OWN_PROFILE = select(
    Profile.about, Profile.area, Profile.time_zone, Profile.created_at, Profile.updated_at
).where(Profile.member_id == MEMBER_ID)
_AREA = (
    select(Listing.area)
    .where(Listing.owner_id == User.id, IS_SHOWN, Listing.area.is_not(None))
    .order_by(Listing.created_at.desc(), Listing.id.desc())
    .limit(1)
    .correlate(User)
    .scalar_subquery()
)
# While a member is suspended nothing of theirs is on show.
_HAS_SAID = and_(
    Profile.member_id == User.id, or_(User.suspended_until.is_(None), User.suspended_until <= func.now())
)
_PROFILE = (
    select(
        User.id,
        User.username,
        User.created_at.label("since"),
        func.coalesce(Profile.area, _AREA).label("area"),
        func.coalesce(Profile.about, "").label("about"),
        counted(User.id, User).label("listings"),
    )
    .outerjoin(Profile, _HAS_SAID)
    .where(
        func.lower(User.username) == bindparam("name", type_=String),
        User.is_active,
        User.leaving_at.is_(None),
        apart(User.id),
    )
)


def find_profile(username: str) -> Any | None:
    """Return the active member with this name, whatever its case, or None.

    None also for who is leaving, and where a block keeps the reader away.
    `area` is what they say or that of the newest listing on show that names one, `about` is what they say
    about themselves, and `listings` tells how many are on show, as far as they are counted.
    """
    return db.session.execute(_PROFILE, {"name": username.lower()}).one_or_none()


def find_own_profile(member_id: int) -> Profile | None:
    """Return what the member says about themselves, or None when they never did."""
    return db.session.get(Profile, member_id)
