"""A listing as its owner wrote it, before the database has seen it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ItemDraft:
    """One thing offered or wanted; `id` is None for a new one, `duration_days` None for a swap for good."""

    id: int | None
    kind: str
    name: str
    description: str
    exchange_type: str
    duration_days: int | None
    value: int | None
    condition: str | None


@dataclass(frozen=True)
class ListingDraft:
    """The text of a listing with all its items; `lifetime_days` is None when it is shown without end."""

    title: str
    category_id: int
    description: str
    area: str | None
    lifetime_days: int | None
    items: list[ItemDraft]


def texts_of(listing: Any, items: Iterable[Any]) -> list[str]:
    """Return all that is written in a listing and its items, stored or not."""
    texts = [listing.title, listing.description, listing.area or ""]
    return texts + [text for item in items for text in (item.name, item.description)]
