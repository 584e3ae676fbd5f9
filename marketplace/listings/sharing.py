"""What the pages of a listing tell other sites: a sentence for people, and schema.org data for machines."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask import url_for

from marketplace.categories.counts import Link
from marketplace.urls import whole_address

SUMMARY_LENGTH = 200
# A swap has no function of its own in the vocabulary, which knows selling and leasing.
LENDING = "http://purl.org/goodrelations/v1#LeaseOut"
CONDITIONS = {
    "new": "https://schema.org/NewCondition",
    "like_new": "https://schema.org/UsedCondition",
    "good": "https://schema.org/UsedCondition",
    "worn": "https://schema.org/UsedCondition",
    "broken": "https://schema.org/DamagedCondition",
}

Thing = dict[str, Any]


def summary(items: Iterable[Any]) -> str:
    """Say in a line what is offered and wanted, as it stands below a link in a message."""
    names: dict[str, list[str]] = {"offer": [], "want": []}
    for item in items:
        names[item.kind].append(item.name)
    wanted = f"Wanted in return: {', '.join(names['want'])}." if names["want"] else "Open to offers."
    text = f"{', '.join(names['offer'])}. {wanted}" if names["offer"] else wanted
    return text if len(text) <= SUMMARY_LENGTH else f"{text[: SUMMARY_LENGTH - 1].rstrip()}…"


def page_data(path: str, name: str, listing: Any, trail: Sequence[Link], items: Sequence[Any]) -> Thing:
    """Describe the page at `path` in the terms of schema.org.

    Barter has no price there, and needs none: a person makes offers and has demands.
    """
    return {
        "type": "WebPage",
        "name": name,
        "url": whole_address(path),
        "description": summary(items),
        "datePublished": listing.created_at.isoformat(),
        "dateModified": listing.updated_at.isoformat(),
        "expires": listing.expires_at and listing.expires_at.isoformat(),
        "breadcrumb": _breadcrumb(trail),
        "mainEntity": {
            "type": "Person",
            "name": listing.owner,
            "url": whole_address(url_for("members.show", username=listing.owner))
            if listing.owner_is_active
            else None,
            "makesOffer": [_offer(listing, item) for item in items if item.kind == "offer"],
            "seeks": [_demand(listing, item) for item in items if item.kind == "want"],
        },
    }


def _breadcrumb(trail: Sequence[Link]) -> Thing:
    return {
        "type": "BreadcrumbList",
        "itemListElement": [
            {"type": "ListItem", "position": place, "name": above.name, "item": whole_address(above.url)}
            for place, above in enumerate(trail, start=1)
        ],
    }


def _offer(listing: Any, item: Any) -> Thing:
    lending = LENDING if item.exchange_type == "temporary" else None
    return {"type": "Offer", "businessFunction": lending} | _terms(listing, item)


def _demand(listing: Any, item: Any) -> Thing:
    return {"type": "Demand"} | _terms(listing, item)


def _terms(listing: Any, item: Any) -> Thing:
    return {
        "url": whole_address(url_for("listings.item", item_id=item.id)),
        "areaServed": listing.area,
        "validThrough": listing.expires_at and listing.expires_at.isoformat(),
        "itemOffered": {
            "type": "Product",
            "name": item.name,
            "description": item.description or None,
            "itemCondition": CONDITIONS.get(item.condition),
        },
    }
