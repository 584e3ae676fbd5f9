"""Writes listings of the model into the database, several with one statement for each table."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from tests.search.model import CATEGORIES, Item, Listing

_OWNER = """
    INSERT INTO users (username, email, password_hash) VALUES ('owner', 'o@example.org', 'x') RETURNING id
"""
_CATEGORY = """
    INSERT INTO categories (parent_id, level, name, slug) VALUES (:parent_id, :level, :name, :slug)
    RETURNING id
"""
_LISTINGS = """
    INSERT INTO listings (id, owner_id, category_id, title, description, status, area, created_at,
        expires_at, lifetime_days)
    OVERRIDING SYSTEM VALUE
    SELECT id, :owner_id, category_id, title, description, status, area, created_at, expires_at, lifetime_days
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS listing (id bigint, category_id bigint, title text,
        description text, status text, area text, created_at timestamptz, expires_at timestamptz,
        lifetime_days integer)
"""
_ITEMS = """
    INSERT INTO listing_items (id, listing_id, owner_id, kind, name, exchange_type, duration_days, value,
        condition)
    OVERRIDING SYSTEM VALUE
    SELECT id, listing_id, :owner_id, kind, name, exchange_type, duration_days, value, condition
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS item (id bigint, listing_id bigint, kind text, name text,
        exchange_type text, duration_days integer, value integer, condition text)
"""
_PICTURES = """
    INSERT INTO pictures (key, item_id, width, height)
    SELECT md5('1'), id, 1, 1 FROM unnest(CAST(:ids AS bigint[])) AS item (id)
"""
# No listing of the model has more items.
ITEMS_MAXIMUM = 10


class Site:
    """The model's categories and the owner of all its listings, in the database; `now` is its moment."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.now = datetime.now(UTC)
        self.owner_id = self._id(_OWNER)
        self.category_ids: dict[str, int] = {}
        for path, names in CATEGORIES.items():
            above, _, slug = path.rpartition("/")
            self.category_ids[path] = self._id(
                _CATEGORY,
                parent_id=self.category_ids.get(above),
                level=len(names),
                name=names[-1],
                slug=slug,
            )

    def add(self, listings: Iterable[Listing]) -> None:
        """Write the listings under the ids they have, with their items and pictures."""
        listings = list(listings)
        items = {
            listing.id * ITEMS_MAXIMUM + number: (listing, item)
            for listing in listings
            for number, item in enumerate(listing.items)
        }
        self._write(_LISTINGS, [self._listing(listing) for listing in listings])
        self._write(_ITEMS, [_item(item_id, *of) for item_id, of in items.items()])
        pictured = [item_id for item_id, (_, item) in items.items() if item.picture]
        if pictured:
            self.connection.execute(text(_PICTURES), {"ids": pictured})

    def _listing(self, listing: Listing) -> dict[str, Any]:
        return {
            "id": listing.id,
            "category_id": self.category_ids[listing.category],
            "title": " ".join(listing.title),
            "description": " ".join(listing.description),
            "status": listing.status,
            "area": listing.area,
            "created_at": (self.now - listing.age).isoformat(),
            "expires_at": (self.now + listing.expires_in).isoformat() if listing.expires_in else None,
            "lifetime_days": 30 if listing.expires_in else None,
        }

    def _write(self, statement: str, rows: list[dict[str, Any]]) -> None:
        if rows:
            self.connection.execute(text(statement), {"owner_id": self.owner_id, "rows": json.dumps(rows)})

    def _id(self, statement: str, **values: Any) -> int:
        return int(self.connection.execute(text(statement), values).scalar_one())


def _item(item_id: int, listing: Listing, item: Item) -> dict[str, Any]:
    return {
        "id": item_id,
        "listing_id": listing.id,
        "kind": item.kind,
        "name": " ".join(item.name),
        "exchange_type": item.exchange_type,
        "duration_days": item.duration_days,
        "value": item.value,
        "condition": item.condition,
    }
