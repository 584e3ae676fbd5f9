"""A search in words: chips for its filters, and a name for it when it is kept."""

from collections.abc import Iterator
from dataclasses import dataclass

from marketplace.categories.tree import Tree
from marketplace.listings.conditions import CONDITION_WORDS
from marketplace.search.filters import Search

KIND_WORDS = {"offered": "Offered", "wanted": "Wanted"}
TYPE_WORDS = {"permanent": "Swap for good", "temporary": "Lend for a time"}
POSTED_WORDS = {1: "In the last 24 hours", 7: "In the last 7 days", 30: "In the last 30 days"}
PICTURE_WORDS = "With a picture"


@dataclass(frozen=True)
class Filter:
    """A filter that is on: what it says, the field it belongs to, and the search without it."""

    text: str
    name: str
    without: Search


def filters_of(search: Search, tree: Tree) -> list[Filter]:
    """Return the filters that are on, in the order of an address."""
    return [Filter(text, name, without) for text, name, without in _filters(search, tree)]


def name_of(search: Search, tree: Tree) -> str:
    """Return a search's name in words."""
    return ", ".join(each.text for each in filters_of(search, tree)) or "All listings"


def _filters(search: Search, tree: Tree) -> Iterator[tuple[str, str, Search]]:
    if search.words:
        yield f"“{search.words}”", "words", search.without("words")
    if search.category:
        node = tree.find_by_path(search.category)
        yield node.name if node else search.category, "category", search.without("category")
    if search.kind:
        yield KIND_WORDS[search.kind], "kind", search.without("kind")
    if search.exchange_type:
        text = TYPE_WORDS[search.exchange_type]
        if search.days:
            text = f"{text}, {search.days} {'day' if search.days == 1 else 'days'} or more"
        yield text, "exchange_type", search.without("exchange_type", "days")
    if search.value_from is not None or search.value_to is not None:
        yield _value_words(search), "value_from", search.without("value_from", "value_to")
    for condition in search.conditions:
        others = tuple(other for other in search.conditions if other != condition)
        yield CONDITION_WORDS[condition], "conditions", search.changed(conditions=others)
    if search.area:
        yield f"Area: {search.area}", "area", search.without("area")
    if search.posted:
        yield f"Posted {POSTED_WORDS[search.posted].lower()}", "posted", search.without("posted")
    if search.picture:
        yield PICTURE_WORDS, "picture", search.without("picture")


def _value_words(search: Search) -> str:
    if search.value_from is None:
        return f"Worth {search.value_to:,} or less"
    if search.value_to is None:
        return f"Worth {search.value_from:,} or more"
    return f"Worth {search.value_from:,} to {search.value_to:,}"
