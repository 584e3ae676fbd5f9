"""Generated listings and searches for hypothesis."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from marketplace.listings.models import CONDITIONS
from marketplace.search.filters import Search
from tests.search.model import CATEGORIES, WORDS, Item, Listing

AREAS = ("Harbour", "harbour side", "Łódź", "Lodz")
VALUES = (0, 1, 2, 15, 16, 40, 63, 64, 1_000_000_000)
DAYS = (1, 7, 30, 365)

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(tuple)


@st.composite
def items(draw: st.DrawFn) -> Item:
    days = draw(st.none() | st.sampled_from(DAYS))
    return Item(
        kind=draw(st.sampled_from(("offer", "want"))),
        name=draw(texts),
        exchange_type="temporary" if days else "permanent",
        duration_days=days,
        value=draw(st.none() | st.sampled_from(VALUES)),
        condition=draw(st.none() | st.sampled_from(CONDITIONS)),
        picture=draw(st.booleans()),
    )


# Ages in the middle of an hour: none lies just at the border of a filter. Many are the same.
ages = st.integers(0, 40 * 24).map(lambda hours: timedelta(hours=hours, minutes=30))


@st.composite
def _listing(draw: st.DrawFn, listing_id: int) -> Listing:
    expires_in = draw(st.none() | st.sampled_from((timedelta(days=-1), timedelta(days=1))))
    return Listing(
        id=listing_id,
        category=draw(st.sampled_from(tuple(CATEGORIES))),
        title=draw(texts),
        description=draw(st.just(()) | texts),
        status=draw(st.sampled_from(("active", "active", "active", "archived", "expired"))),
        age=draw(ages),
        expires_in=expires_in,
        area=draw(st.none() | st.sampled_from(AREAS)),
        items=tuple(draw(st.lists(items(), max_size=3))),
    )


@st.composite
def listings(draw: st.DrawFn, most: int = 12) -> list[Listing]:
    """Several listings, with ids in no order of time."""
    return [draw(_listing(number + 1)) for number in range(draw(st.integers(0, most)))]


# Each filter with the fields that it is, and some of its values.
FILTERS: dict[str, list[dict[str, Any]]] = {
    "category": [{"category": path} for path in CATEGORIES],
    "kind": [{"kind": kind} for kind in ("offered", "wanted")],
    "type": [{"exchange_type": "permanent"}, {"exchange_type": "temporary"}]
    + [{"exchange_type": "temporary", "days": days} for days in (1, 8, 30)],
    "value": [
        {"value_from": 1},
        {"value_to": 15},
        {"value_from": 0},
        {"value_from": 16, "value_to": 63},
        {"value_from": 64, "value_to": 64},
        {"value_from": 1_000_000_000},
    ],
    "condition": [{"conditions": ("new",)}, {"conditions": ("good", "worn")}],
    "area": [{"area": area} for area in ("harbour", "Harbour  SIDE", "lodz", "har")],
    "posted": [{"posted": days} for days in (1, 7, 30)],
    "picture": [{"picture": True}],
}
TYPED = (
    "drill",
    "dru",
    '"drill ladder"',
    "lamp -tent",
    "-violin tent",
    "workshop",
    '"tent tent" lam',
    "saws",
)


def searches_with(*names: str) -> st.SearchStrategy[Search]:
    """Searches with just these filters on."""
    parts = st.tuples(*(st.sampled_from(FILTERS[name]) for name in names))
    return parts.map(lambda values: Search(**{key: value for each in values for key, value in each.items()}))


words = st.sampled_from(("", *TYPED))
orders = st.sampled_from(({}, {"sort": "value", "near": 0}, {"sort": "value", "near": 40}))
