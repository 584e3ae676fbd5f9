"""Ways on from few results or none: what each filter keeps out, and what may have been meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.search import plan
from marketplace.search.addresses import Addresses
from marketplace.search.counting import Count, Counting, count
from marketplace.search.filters import FILTERS, Search
from marketplace.search.matching import Match
from marketplace.search.queries import parse_words
from marketplace.search.sought import Sought
from marketplace.search.suggestions import corrected, words_to_check
from marketplace.search.vocabulary import find_replacements
from marketplace.search.wording import filters_of
from marketplace.search.words import parse

# With so few results, a misspelt word may be the reason.
FEW = 4


@dataclass(frozen=True)
class WayOn:
    """A search that finds more: what it is called, its address, and how many listings it finds."""

    text: str
    url: str
    count: str


@dataclass(frozen=True)
class WaysOn:
    """Ways on from a search. `reason` names the one filter that leaves nothing, if it is one."""

    relaxations: list[WayOn]
    did_you_mean: WayOn | None
    reason: str | None


NONE_NEEDED = WaysOn([], None, None)


def find_ways_on(sought: Sought, total: Count, addresses: Addresses) -> WaysOn:
    """Return the ways on from a search that finds `total` listings: none when these are enough."""
    if total.number > FEW:
        return NONE_NEEDED
    better = _better_words(sought)
    ways = _relaxations(sought) if total.number == 0 else []
    matches = [sought.match(search) for _, search in ways]
    if better is not None:
        matches.append(better)
    counts = _count(matches)
    found = [
        WayOn(text, addresses.of(search), str(number))
        for (text, search), number in zip(ways, counts, strict=False)
        if number.number
    ]
    did_you_mean = None
    if better is not None and counts[-1].number > total.number:
        did_you_mean = WayOn(better.search.words, addresses.of(better.search), str(counts[-1]))
    return WaysOn(found, did_you_mean, _reason(sought, found))


def _better_words(sought: Sought) -> Match | None:
    """Return the search with its misspelt words replaced, if there are any and better ones are known."""
    if not sought.search.words:
        return None
    replacements = find_replacements(words_to_check(parse(sought.search.words)))
    if not replacements:
        return None
    words = corrected(sought.search.words, replacements)
    search = sought.search.changed(words=words)
    (query,) = parse_words([parse(words)])
    return Match(search, query, sought.match().category)


def _relaxations(sought: Sought) -> list[tuple[str, Search]]:
    """The search without each of its filters, and without all of them but the words, each with its name."""
    filters = filters_of(sought.search, sought.tree)
    if len(filters) < 2:
        return _neighbours(sought)
    ways = [(f"Without {_in_a_sentence(each.text)}", each.without) for each in filters]
    only_words = sought.search.without(*(name for name in FILTERS if name != "words"))
    if sought.search.words and len(filters) > 2:
        ways.append((f"All listings with “{sought.search.words}”", only_words))
    return ways


def _neighbours(sought: Sought) -> list[tuple[str, Search]]:
    """The category above and those beside it; none without a category."""
    node = sought.match().category
    if node is None:
        return []
    above = [node.parent] if node.parent else []
    beside = node.parent.children if node.parent else sought.tree.roots
    nodes = above + [other for other in beside if other is not node]
    return [(other.name, sought.search.changed(category=other.path)) for other in nodes]


def _in_a_sentence(text: str) -> str:
    return text if text.startswith("“") else f"“{text}”"


def _count(matches: Sequence[Match]) -> list[Count]:
    if not matches:
        return []
    counted = count([Counting(match) for match in matches], plan.estimate(matches))
    return [counts.total for counts in counted]


def _reason(sought: Sought, found: list[WayOn]) -> str | None:
    """Name what leaves nothing: the only filter without which there is something."""
    single = [way.text.removeprefix("Without ") for way in found if way.text.startswith("Without ")]
    return single[0] if len(single) == 1 else None
