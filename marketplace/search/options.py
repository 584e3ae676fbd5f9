"""What can be chosen beside the results: options as links, with the number of listings each would leave."""

from collections.abc import Mapping
from dataclasses import dataclass

from marketplace.categories.tree import Node, Tree
from marketplace.listings.conditions import CONDITION_WORDS
from marketplace.search.addresses import Addresses
from marketplace.search.counting import Count, Counts
from marketplace.search.filters import Search
from marketplace.search.wording import KIND_WORDS, PICTURE_WORDS, POSTED_WORDS, TYPE_WORDS
from marketplace.search.words import fold

AREAS_SHOWN = 8


@dataclass(frozen=True)
class Option:
    """An option of a filter: `url` is None where nothing would be left, and takes off one that is on."""

    text: str
    url: str | None
    count: str | None
    selected: bool = False


class OptionLinks:
    """Makes the options beside one search's results."""

    def __init__(
        self, search: Search, tree: Tree, counts: Mapping[str, Counts], addresses: Addresses
    ) -> None:
        """Take `counts` by the filter whose options they count; "" for all that are not on."""
        self.search = search
        self.tree = tree
        self.counts = counts
        self.addresses = addresses

    def categories(self) -> list[Option]:
        """The categories above, the search's own, and those right below."""
        here = self.tree.find_by_path(self.search.category) if self.search.category else None
        above = []
        for node in here.trail() if here else []:
            without = self.search.changed(category=node.parent.path if node.parent else None)
            above.append(self._link(node.name, without, None, is_on=True))
        below = here.children if here else self.tree.roots
        within = ((node, self.search.changed(category=node.path)) for node in below)
        return above + [self._link(node.name, search, self._size_of(node)) for node, search in within]

    def kinds(self) -> list[Option]:
        """Offered or wanted."""
        return [self._choice("kind", name, text) for name, text in KIND_WORDS.items()]

    def types(self) -> list[Option]:
        """For good or for a time."""
        return [self._choice("exchange_type", name, text) for name, text in TYPE_WORDS.items()]

    def posted(self) -> list[Option]:
        """When it was posted."""
        return [self._choice("posted", days, text) for days, text in POSTED_WORDS.items()]

    def picture(self) -> list[Option]:
        """With a picture."""
        return [self._choice("picture", True, PICTURE_WORDS, "yes")]

    def conditions(self) -> list[Option]:
        """The conditions, of which several can be on."""
        chosen = self.search.conditions
        options = []
        for name, text in CONDITION_WORDS.items():
            is_on = name in chosen
            after = {*chosen} ^ {name}
            search = self.search.changed(conditions=tuple(each for each in CONDITION_WORDS if each in after))
            options.append(self._link(text, search, self._count("conditions", name), is_on))
        return options

    def areas(self) -> list[Option]:
        """The areas most of the results are in; none when the search names one."""
        if self.search.area or "" not in self.counts:
            return []
        found = self.counts[""].areas
        names: dict[str, str] = {}
        sizes: dict[str, Count] = {}
        words = {area: " ".join(fold(area).split()) for area in found}
        for area in sorted(found, key=lambda area: (-found[area].number, area)):
            names.setdefault(words[area], area)
        names.pop("", None)
        for folded in names:
            # As the filter does: an area is also one that begins with its words.
            inside = [count for area, count in found.items() if f"{words[area]} ".startswith(f"{folded} ")]
            sizes[folded] = Count(sum(count.number for count in inside), inside[0].at_least)
        largest = sorted(sizes, key=lambda folded: (-sizes[folded].number, folded))[:AREAS_SHOWN]
        return [
            self._link(names[folded], self.search.changed(area=names[folded]), sizes[folded])
            for folded in largest
        ]

    def _choice(self, field: str, value: object, text: str, name: str | None = None) -> Option:
        """One option of a filter of which one can be on."""
        is_on = getattr(self.search, field) == value
        search = self.search.without(field) if is_on else self.search.changed(**{field: value})
        return self._link(text, search, self._count(field, name or str(value)), is_on)

    def _count(self, field: str, name: str) -> Count | None:
        counts = self.counts.get(field) or self.counts.get("")
        return counts.options.get((field, name)) if counts else None

    def _size_of(self, node: Node) -> Count | None:
        if "" not in self.counts:
            return None
        found = [self.counts[""].categories.get(below.id) for below in node.subtree()]
        known = [count for count in found if count is not None]
        total = self.counts[""].total
        if not known:
            return None if total.at_least else Count(0)
        return Count(sum(count.number for count in known), known[0].at_least)

    def _link(self, text: str, search: Search, count: Count | None, is_on: bool = False) -> Option:
        is_empty = count is not None and count.number == 0 and not is_on
        shown = str(count) if count is not None else None
        return Option(text, None if is_empty else self.addresses.of(search), shown, is_on)
