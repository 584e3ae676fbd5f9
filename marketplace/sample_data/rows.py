"""The rows that are generated: field names are the column names, in the order in which COPY sends them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class Member(NamedTuple):
    id: int
    username: str
    email: str
    password_hash: str
    email_verified_at: datetime
    created_at: datetime
    updated_at: datetime


class Listing(NamedTuple):
    id: int
    owner_id: int
    category_id: int
    title: str
    description: str
    status: str
    area: str | None
    lifetime_days: int | None
    expires_at: datetime | None
    created_at: datetime
    updated_at: datetime


class Item(NamedTuple):
    id: int
    listing_id: int
    owner_id: int
    kind: str
    name: str
    description: str
    exchange_type: str
    duration_days: int | None
    value: int | None
    condition: str | None
    created_at: datetime
    updated_at: datetime


class Picture(NamedTuple):
    key: str
    owner_id: int
    item_id: int
    position: int
    alt: str
    width: int
    height: int
    created_at: datetime


class Category(NamedTuple):
    """A category that may hold listings; `path` is its name and its parents', level 1 first."""

    id: int
    path: tuple[str, ...]
    is_leaf: bool


class FirstIds(NamedTuple):
    """The first free id of each table."""

    member: int = 1
    listing: int = 1
    item: int = 1


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows that can be stored in this order without breaking a foreign key."""

    members: list[Member]
    listings: list[Listing]
    items: list[Item]
    pictures: list[Picture] = field(default_factory=list)
