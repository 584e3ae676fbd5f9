"""A search as an Atom feed: what each entry says."""

from collections.abc import Iterable
from dataclasses import dataclass

from marketplace.forms import INVISIBLE
from marketplace.listings.cards import Card

ENTRIES = 24


@dataclass(frozen=True)
class Entry:
    """A listing in a feed; `path` is its address on this site."""

    path: str
    title: str
    author: str
    posted: str
    category: str
    summary: str


def entries_of(cards: Iterable[Card]) -> list[Entry]:
    """Return the entries for `cards`, in their order."""
    return [
        Entry(
            path=card.url,
            title=_visible(card.title),
            author=card.owner_username,
            posted=card.created_at.isoformat(),
            category=_visible(card.category_name),
            summary=_visible(_summary(card)),
        )
        for card in cards
    ]


def _summary(card: Card) -> str:
    offers = ", ".join(item.name for item in card.offers)
    wants = ", ".join(item.name for item in card.wants)
    parts = [f"Offers: {offers}." if offers else "", f"Wants: {wants}." if wants else "Open to offers."]
    return " ".join(part for part in parts if part)


def _visible(text: str) -> str:
    """Return `text` without the characters that must not occur in XML."""
    return INVISIBLE.sub("", text)
