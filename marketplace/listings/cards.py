"""What a list of listings shows of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from marketplace.categories.tree import Tree
from marketplace.listings.conditions import CONDITION_WORDS

_ANYBODY = "anybody"
_ANY_ID = 1


@dataclass(frozen=True)
class CardItem:
    """One thing offered or wanted, as a card names it."""

    name: str
    exchange_type: str
    duration_days: int | None
    value: int | None
    condition: str | None = None


@dataclass(frozen=True)
class Card:
    """A listing in a list."""

    id: int
    url: str
    title: str
    category_name: str
    root_slug: str
    owner_username: str
    owner_url: str | None
    created_at: datetime
    offers: list[CardItem]
    wants: list[CardItem]
    picture: Any = None
    condition: str | None = None
    area: str | None = None
    state: str | None = None


@dataclass(frozen=True)
class Page:
    """One page of cards, and the addresses of the pages beside it (None where there is none)."""

    cards: list[Card]
    newest_url: str | None
    newer_url: str | None
    older_url: str | None


def make_cards(
    tree: Tree, rows: Iterable[Any], items: Iterable[Any], covers: Mapping[int, Any]
) -> list[Card]:
    """Join listing rows (id, title, category_id, created_at, area, username, owner_is_active) with items.

    Item rows are listing_id and kind, followed by the fields of `CardItem`. The order of `rows` is kept,
    and that of `items` within each listing. `covers` are pictures by the ids of their listings.
    """
    by_listing: dict[int, dict[str, list[CardItem]]] = {}
    for item in items:
        kinds = by_listing.setdefault(item.listing_id, {"offer": [], "want": []})
        kinds[item.kind].append(CardItem(*item[2:]))
    # Making each address by its rule would take longer than all the rest of a card.
    bases = (
        url_for("listings.show", listing_id=_ANY_ID).removesuffix(str(_ANY_ID)),
        url_for("members.show", username=_ANYBODY).removesuffix(_ANYBODY),
    )
    return [_make_card(tree, row, by_listing.get(row.id, {}), covers.get(row.id), bases) for row in rows]


def _make_card(
    tree: Tree, row: Any, items: Mapping[str, list[CardItem]], picture: Any | None, bases: tuple[str, str]
) -> Card:
    listings, members = bases
    node = tree.find(row.category_id)
    offers = items.get("offer", [])
    return Card(
        id=row.id,
        url=f"{listings}{row.id}",
        title=row.title,
        # A listing may lie in a category that is no longer shown.
        category_name=node.name if node else "Other",
        root_slug=node.root_slug if node else "",
        owner_username=row.username,
        # A member who left has no page.
        owner_url=f"{members}{row.username}" if row.owner_is_active else None,
        created_at=row.created_at,
        offers=offers,
        wants=items.get("want", []),
        picture=picture,
        condition=next((CONDITION_WORDS[each.condition] for each in offers if each.condition), None),
        area=row.area,
    )
