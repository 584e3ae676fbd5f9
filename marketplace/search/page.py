"""All that a page of results shows, put together: for /search and for each category."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import url_for

from marketplace.listings.cards import Card
from marketplace.search import plan, queries
from marketplace.search.addresses import Addresses, feed_address
from marketplace.search.counting import COUNTED, Count, Counting, count
from marketplace.search.filters import NEWEST, RELEVANCE, VALUE, Search
from marketplace.search.nothing_found import NONE_NEEDED, WaysOn, find_ways_on
from marketplace.search.options import OptionLinks
from marketplace.search.places import Place
from marketplace.search.sought import Sought
from marketplace.search.totals import count_by_category
from marketplace.search.wording import filters_of, name_of

# A picture is needed or not: when it is, there is no other option to count.
_PAGER_WORDS = {
    NEWEST: ("Back to the newest", "Newer", "Older"),
    RELEVANCE: ("Back to the best", "Better", "Further"),
    VALUE: ("Back to the closest", "Closer", "Further"),
}
_WITH_ALTERNATIVES = tuple(name for name in COUNTED if name != "picture")


@dataclass(frozen=True)
class Chip:
    """A filter that is on, and the address without it."""

    text: str
    remove_url: str


@dataclass(frozen=True)
class SortLink:
    """An order of the results."""

    text: str
    url: str
    selected: bool


@dataclass(frozen=True)
class Results:
    """A page of results. `first_url` is None on the first page, as are the others where they lead nowhere."""

    search: Search
    name: str
    problems: list[str]
    cards: list[Card]
    total: Count
    ranked: int | None
    first_url: str | None
    before_url: str | None
    after_url: str | None
    chips: list[Chip]
    options: OptionLinks
    sorts: list[SortLink]
    addresses: Addresses
    ways_on: WaysOn
    url: str

    @property
    def title(self) -> str:
        """The heading of the page."""
        return f"Search: {self.name}" if self.search.words else self.name

    @property
    def pager_words(self) -> tuple[str, str, str]:
        """What the first page, the one before and the one after are called in this order."""
        return _PAGER_WORDS[self.search.sort]

    @property
    def feed_url(self) -> str:
        """The feed of the search, which is always newest first."""
        return feed_address(self.search)

    @property
    def save_url(self) -> str:
        """Where the search can be kept."""
        query = self.search.query_string()
        return url_for("saved.name_search") + (f"?{query}" if query else "")

    @property
    def everything_url(self) -> str:
        """The search without any filter."""
        return self.addresses.of(Search())


def find_results(sought: Sought, place: Place | None = None, back: bool = False) -> Results:
    """Return the page of results after `place`, the one before it when `back`, or the first page.

    Sends a few statements, as many for one result as for many.
    """
    totals = _exact_totals(sought)
    countings = _countings(sought, sum(totals.values()) if totals is not None else None)
    matches = [counting.match for counting in countings.values()]
    expected = plan.estimate(matches)
    page = queries.page_of_matches(sought.tree, matches[0], expected[0], place, back)
    counts = dict(zip(countings, count(list(countings.values()), expected), strict=True))
    if totals is not None:
        exact = {category_id: Count(number) for category_id, number in totals.items()}
        counts[""] = replace(counts[""], categories=exact)
    addresses, search, total = Addresses(), sought.search, counts[""].total
    return Results(
        search=search,
        name=name_of(search, sought.tree),
        problems=sought.problems,
        cards=page.cards,
        total=total,
        ranked=page.ranked,
        first_url=addresses.of(search) if place else None,
        before_url=addresses.of(search, before=page.before) if page.before else None,
        after_url=addresses.of(search, after=page.after) if page.after else None,
        chips=[Chip(each.text, addresses.of(each.without)) for each in filters_of(search, sought.tree)],
        options=OptionLinks(search, sought.tree, counts, addresses),
        sorts=_sorts(search, addresses),
        addresses=addresses,
        ways_on=find_ways_on(sought, total, addresses) if place is None else NONE_NEEDED,
        url=addresses.of(search, **{"before" if back else "after": place}),
    )


def _exact_totals(sought: Sought) -> Mapping[int, int] | None:
    """How many listings each category has that the search is in; None when more is asked for than that."""
    match = sought.match()
    if not match.is_plain or sought.search.posted is not None:
        return None
    totals = count_by_category()
    if match.category is None:
        return totals
    return {node.id: totals.get(node.id, 0) for node in match.category.subtree()}


def _countings(sought: Sought, known: int | None) -> dict[str, Counting]:
    """What to count: the search with the options of all filters that are off, and of each one that is on.

    The alternatives to a filter that is on are counted without it, and with all the others.
    """
    search = sought.search
    is_on = {name: bool(getattr(search, name)) for name in COUNTED}
    off = tuple(name for name in COUNTED if not is_on[name])
    countings = {"": Counting(sought.match(), off, places=True, known=known)}
    for name in _WITH_ALTERNATIVES:
        if is_on[name]:
            countings[name] = Counting(sought.match(search.without(name)), (name,))
    return countings


def _sorts(search: Search, addresses: Addresses) -> list[SortLink]:
    """The orders to choose from; closeness to a value has a form of its own, and a link while it is on."""
    orders = [("Newest", NEWEST)] + ([("Best match", RELEVANCE)] if search.words else [])
    links = [
        SortLink(text, addresses.of(search.changed(sort=order, near=None)), search.sort == order)
        for text, order in orders
    ]
    if search.sort == VALUE:
        links.append(SortLink(f"Closest to {search.near:,}", addresses.of(search), True))
    return links
