"""What the pages show, made of the objects of either ORM: the templates take plain values."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

CARDS = 24
SIMILAR = 4
WIDTHS = (320, 640, 1280)
CONDITIONS = {"new": "New", "like_new": "Like new", "good": "Good", "worn": "Worn", "broken": "Broken"}
AGES = (
    (365 * 86400, "year"),
    (30 * 86400, "month"),
    (7 * 86400, "week"),
    (86400, "day"),
    (3600, "hour"),
    (60, "minute"),
)


class Categories:
    """The tree, read for each page."""

    def __init__(self, categories: Iterable[Any]) -> None:
        self._by_id = {category.id: category for category in categories}
        self._below: dict[int | None, list[Any]] = {}
        for category in self._by_id.values():
            self._below.setdefault(category.parent_id, []).append(category)

    def find(self, path: str) -> Any | None:
        """Return the category at a path of slugs."""
        found = None
        for slug in path.split("/"):
            below = self._below.get(found.id if found else None, [])
            found = next((each for each in below if each.slug == slug), None)
            if found is None:
                return None
        return found

    def ids_below(self, category: Any) -> list[int]:
        """Return the ids of the category and of all below it."""
        below = self._below.get(category.id, [])
        return [category.id, *(id_ for each in below for id_ in self.ids_below(each))]

    def trail(self, category: Any) -> list[dict[str, str]]:
        """Return the links from the root to the category."""
        above = self.trail(self._by_id[category.parent_id]) if category.parent_id else []
        base = above[-1]["url"] if above else "/categories"
        return [*above, {"name": category.name, "url": f"{base}/{category.slug}"}]

    def links_below(self, category: Any, counts: dict[int, int]) -> list[dict[str, Any]]:
        """Return the links to the categories right below, with their numbers of listings."""
        base = self.trail(category)[-1]["url"]
        return [
            {
                "name": each.name,
                "url": f"{base}/{each.slug}",
                "count": sum(counts.get(id_, 0) for id_ in self.ids_below(each)),
            }
            for each in self._below.get(category.id, [])
        ]

    def get(self, category_id: int) -> Any:
        """Return the category with this id."""
        return self._by_id[category_id]


def category_page(
    categories: Categories, category: Any, counts: dict[int, int], listings: Sequence[Any], items_of: Any
) -> dict[str, Any]:
    """Return what the page of a category shows; one listing more than CARDS says that there is more."""
    last = listings[CARDS - 1] if len(listings) > CARDS else None
    trail = categories.trail(category)
    moment = round(last.created_at.timestamp() * 1_000_000) if last else 0
    return {
        "title": category.name,
        "trail": trail[:-1],
        "total": sum(counts.get(id_, 0) for id_ in categories.ids_below(category)),
        "below": categories.links_below(category, counts),
        "cards": [card(categories, each, items_of(each)) for each in listings[:CARDS]],
        "older": f"{trail[-1]['url']}?after={moment}-{last.id}" if last else None,
    }


def listing_page(
    categories: Categories, listing: Any, similar: Sequence[Any], items_of: Any, owners: int
) -> dict[str, Any]:
    """Return what the page of a listing shows."""
    items = items_of(listing)
    return {
        "title": listing.title,
        "trail": categories.trail(categories.get(listing.category_id)),
        "paragraphs": [block for block in listing.description.split("\n\n") if block.strip()],
        "area": listing.area,
        "age": age(listing.created_at),
        "owner": listing.owner.username,
        "since": f"{listing.owner.created_at:%B %Y}",
        "owners": owners,
        "pictures": [picture(each) for item, pictures in items for each in pictures],
        "offers": [shown_item(item) for item, _ in items if item.kind == "offer"],
        "wants": [shown_item(item) for item, _ in items if item.kind == "want"],
        "similar": [card(categories, each, items_of(each)) for each in similar],
    }


def card(categories: Categories, listing: Any, items: Sequence[tuple[Any, Sequence[Any]]]) -> dict[str, Any]:
    """Return what a card shows of a listing; `items` are (item, its pictures)."""
    offers = [item for item, _ in items if item.kind == "offer"]
    wants = [item.name for item, _ in items if item.kind == "want"]
    cover = next((pictures[0] for item, pictures in items if item.kind == "offer" and pictures), None)
    return {
        "url": f"/listings/{listing.id}",
        "title": listing.title,
        "category": categories.get(listing.category_id).name,
        "offers": [shown_item(item) for item in offers[:2]],
        "more": max(0, len(offers) - 2),
        "wants": ", ".join(wants[:3]),
        "more_wants": max(0, len(wants) - 3),
        "condition": next((CONDITIONS[item.condition] for item in offers if item.condition), None),
        "area": listing.area,
        "owner": listing.owner.username,
        "moment": listing.created_at.isoformat(),
        "age": age(listing.created_at),
        "picture": picture(cover) if cover else None,
    }


def shown_item(item: Any) -> dict[str, Any]:
    """Return what is shown of an item."""
    for_good = item.exchange_type == "permanent"
    return {
        "id": item.id,
        "name": item.name,
        "description": item.description,
        "type": item.exchange_type,
        "words": "Swap for good" if for_good else f"Lend, up to {item.duration_days} days",
        "value": f"{item.value:,}" if item.value is not None else None,
    }


def picture(row: Any) -> dict[str, Any]:
    """Return the addresses of a picture."""
    base = f"/pictures/{row.key}"
    return {
        "src": f"{base}/{WIDTHS[1]}.jpg",
        "webp": ", ".join(f"{base}/{width}.webp {width}w" for width in WIDTHS),
        "jpeg": ", ".join(f"{base}/{width}.jpg {width}w" for width in WIDTHS),
        "width": row.width,
        "height": row.height,
        "alt": row.alt,
    }


def age(moment: datetime) -> str:
    """Say in words how long ago it was."""
    seconds = (datetime.now(UTC) - moment).total_seconds()
    for length, unit in AGES:
        count = int(seconds // length)
        if count >= 1:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
