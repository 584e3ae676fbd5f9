"""Reads of what a proposal can be about."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort
from sqlalchemy import (
    ARRAY,
    BigInteger,
    and_,
    bindparam,
    func,
    not_,
    or_,
    select,
)

from marketplace import clock
from marketplace.accounts.models import User
from marketplace.blocks.queries import apart
from marketplace.exchanges.conditions import (
    IS_OFFERED,
    IS_THERE,
    promise_of,
)
from marketplace.exchanges.course_models import ExchangeHold
from marketplace.extensions import db
from marketplace.listings.models import Listing, ListingItem
from marketplace.members.models import Profile
from marketplace.members.time_zones import UTC

_MEMBER = bindparam("member_id", type_=BigInteger)

_ID = bindparam("id", type_=BigInteger)

_IDS = bindparam("ids", type_=ARRAY(BigInteger))

# So many things of one member can be chosen from; one that is chosen already is always among them.
CHOICES_MAXIMUM = 100

_OFFERED = (
    select(
        ListingItem.id,
        ListingItem.name,
        ListingItem.exchange_type,
        ListingItem.duration_days,
        ListingItem.value,
        promise_of(ListingItem.id).label("promise"),
        func.coalesce(Profile.time_zone, UTC).label("zone"),
    )
    .join(Listing, and_(Listing.id == ListingItem.listing_id, Listing.owner_id == ListingItem.owner_id))
    .join(User, User.id == Listing.owner_id)
    .outerjoin(Profile, Profile.member_id == ListingItem.owner_id)
    .where(ListingItem.owner_id == _MEMBER, IS_OFFERED)
    .limit(CHOICES_MAXIMUM)
)
_IS_CHOSEN = ListingItem.id == func.any(_IDS)
_CHOSEN = _OFFERED.where(_IS_CHOSEN).order_by(ListingItem.id.desc())
# In the order of an index, so that of a member with thousands of things no more are read.
_OTHERS = _OFFERED.where(not_(_IS_CHOSEN)).order_by(
    Listing.created_at.desc(), Listing.id.desc(), ListingItem.id.desc()
)

_TAKEN = (
    select(ExchangeHold.item_id, func.lower(ExchangeHold.during), func.upper(ExchangeHold.during))
    .where(
        ExchangeHold.item_id == func.any(_IDS),
        ExchangeHold.released_at.is_(None),
        ExchangeHold.exchange_id != bindparam("but", type_=BigInteger),
    )
    .order_by(ExchangeHold.item_id, func.lower(ExchangeHold.during))
)

_SUBJECT = (
    select(ListingItem.id, ListingItem.name, ListingItem.kind, Listing.owner_id, User.username)
    .join(Listing, and_(Listing.id == ListingItem.listing_id, Listing.owner_id == ListingItem.owner_id))
    .join(User, User.id == Listing.owner_id)
    .where(ListingItem.id == _ID, or_(IS_THERE, Listing.owner_id == _MEMBER), apart(Listing.owner_id))
)


@dataclass(frozen=True)
class Choice:
    """Something that can be in a proposal.

    `zone` names the time zone of its owner, whose days those of a loan are; `taken` are the times for which
    it is promised.
    """

    id: int
    name: str
    exchange_type: str
    duration_days: int | None
    value: int | None
    promise: str | None
    zone: str
    taken: tuple[tuple[datetime, datetime | None], ...]


def get_subject(item_id: int, member_id: int) -> Any:
    """Return the item that a swap is to begin from (id, name, kind, owner_id, username).

    404 when the member does not see it.
    """
    values = {"id": item_id, "member_id": member_id, "now": clock.now()}
    return db.session.execute(_SUBJECT, values).one_or_none() or abort(404)


def choices_of(member_id: int | None, chosen: Sequence[int], exchange_id: int = 0) -> list[Choice]:
    """Return what the member has on offer: what is chosen already, then the newest; what is gone for good is
    left out.

    `exchange_id` is the exchange whose own promises do not matter.
    """
    first = chosen_of(member_id, chosen, exchange_id) if chosen else []
    return [*first, *_read(_OTHERS, member_id, chosen, exchange_id)][:CHOICES_MAXIMUM]


def chosen_of(member_id: int | None, chosen: Sequence[int], exchange_id: int = 0) -> list[Choice]:
    """Return the part of `choices_of` that is chosen, without a look at what else the member has."""
    return _read(_CHOSEN, member_id, chosen, exchange_id)


def _read(statement: Any, member_id: int | None, chosen: Sequence[int], exchange_id: int) -> list[Choice]:
    values = {"member_id": member_id, "ids": list(chosen), "now": clock.now()}
    rows = [row for row in db.session.execute(statement, values) if row.promise != "gone"]
    taken: dict[int, list[tuple[datetime, datetime | None]]] = {}
    if any(row.promise for row in rows):
        asked = {"ids": [row.id for row in rows], "but": exchange_id}
        for item_id, begins, ends in db.session.execute(_TAKEN, asked):
            taken.setdefault(item_id, []).append((begins, ends))
    return [Choice(**row._mapping, taken=tuple(taken.get(row.id, ()))) for row in rows]
