"""The rules of finding in plain Python: what a search finds, and in which order."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from marketplace.search.filters import KINDS, RELEVANCE, VALUE, Search
from marketplace.search.words import fold

# A tree of three levels; the words of the names are nobody else's.
CATEGORIES = {
    "workshop": ("Workshop",),
    "workshop/power": ("Workshop", "Power"),
    "workshop/power/saws": ("Workshop", "Power", "Saws"),
    "kitchen": ("Kitchen",),
}
# The stem of each is the word itself, and none is too common to be looked for.
WORDS = ("drill", "drum", "ladder", "tent", "violin", "lamp")


@dataclass(frozen=True)
class Item:
    """A thing offered or wanted."""

    kind: str
    name: tuple[str, ...]
    exchange_type: str
    duration_days: int | None
    value: int | None
    condition: str | None
    picture: bool = False


@dataclass(frozen=True)
class Listing:
    """A listing; `age` is since when it has been there, `expires_in` for how long, from now on."""

    id: int
    category: str
    title: tuple[str, ...]
    description: tuple[str, ...]
    status: str
    age: timedelta
    expires_in: timedelta | None
    area: str | None
    items: tuple[Item, ...] = field(default=())

    @property
    def is_shown(self) -> bool:
        return self.status == "active" and (self.expires_in is None or self.expires_in > timedelta(0))

    @property
    def value(self) -> int | None:
        values = [item.value for item in self.items if item.kind == "offer" and item.value is not None]
        return sum(values) if values else None

    @property
    def text(self) -> list[str]:
        """All words in the order in which the database has them."""
        names = [word for item in self.items for word in item.name]
        categories = [word.lower() for word in reversed(CATEGORIES[self.category])]
        return [*self.title, *names, *categories, *self.description]


def has_words(listing: Listing, typed: str) -> bool:
    """Plain words, -words, "phrases", and the last word as a beginning; as the tests type them."""
    terms, rest = [], typed
    while rest:
        rest = rest.strip()
        end = rest.index('"', 1) + 1 if rest.startswith('"') else (rest + " ").index(" ")
        terms.append(rest[:end])
        rest = rest[end:]
    for number, term in enumerate(terms):
        if term.startswith('"'):
            found = _has_phrase(listing.text, term.strip('"').split())
        elif number == len(terms) - 1 and not term.startswith("-"):
            found = any(word.startswith(term) for word in listing.text)
        else:
            found = (term.removeprefix("-") in listing.text) is not term.startswith("-")
        if not found:
            return False
    return True


def _has_phrase(text: list[str], phrase: list[str]) -> bool:
    return any(text[start : start + len(phrase)] == phrase for start in range(len(text)))


def is_wanted(item: Item, search: Search) -> bool:
    """Whether one item is all that the search asks of an item."""
    return (
        (search.kind is None or item.kind == KINDS[search.kind])
        and (search.exchange_type is None or item.exchange_type == search.exchange_type)
        and (search.days is None or (item.duration_days or 0) >= search.days)
        and (search.value_from is None or (item.value is not None and item.value >= search.value_from))
        and (search.value_to is None or (item.value is not None and item.value <= search.value_to))
        and (not search.conditions or item.condition in search.conditions)
    )


def finds(search: Search, listing: Listing) -> bool:
    """Whether the search finds the listing."""
    asks_of_items = search.kind, search.exchange_type, search.days, search.value_from, search.value_to
    area = f"{' '.join(fold(listing.area or '').split())} "
    return (
        listing.is_shown
        and (not search.category or f"{listing.category}/".startswith(f"{search.category}/"))
        and (not search.words or has_words(listing, search.words))
        and (not search.area or area.startswith(f"{' '.join(fold(search.area).split())} "))
        and (search.posted is None or listing.age < timedelta(days=search.posted))
        and (not search.picture or any(item.picture for item in listing.items))
        and (
            (all(asked is None for asked in asks_of_items) and not search.conditions)
            or any(is_wanted(item, search) for item in listing.items)
        )
    )


def found(search: Search, listings: list[Listing]) -> list[int]:
    """The ids of what the search finds, in order. Scores of relevance are the database's own."""
    matching = [listing for listing in listings if finds(search, listing)]
    if search.sort == VALUE:
        matching.sort(key=lambda listing: _closeness(listing, search.near or 0))
    elif search.sort == RELEVANCE:
        raise NotImplementedError
    else:
        matching.sort(key=lambda listing: (listing.age, -listing.id))
    return [listing.id for listing in matching]


def _closeness(listing: Listing, near: int) -> tuple[float, int, int]:
    if listing.value is None:
        return float("inf"), 2, -listing.id
    if listing.value >= near:
        return listing.value - near, 0, listing.id
    return near - listing.value, 1, -listing.id


def moment_of(listing: Listing, now: datetime) -> datetime:
    """When the listing was posted."""
    return now - listing.age
