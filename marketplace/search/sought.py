"""A search as somebody asked for it, with what is needed to answer it and its variations."""

from marketplace.categories.tree import Tree
from marketplace.freshness import true_until
from marketplace.search.filters import Search
from marketplace.search.matching import Match
from marketplace.search.queries import parse_words
from marketplace.search.words import parse


class Sought:
    """A search, the tree of categories, and the search's words as a tsquery.

    `problems` are sentences about what was ignored; words that are too common to be looked for join them,
    and leave the search.
    """

    def __init__(self, search: Search, problems: list[str], tree: Tree) -> None:
        self.tree = tree
        self.problems = list(problems)
        self.typed = search.words
        (self._query,) = parse_words([parse(search.words)])
        if search.words and not self._query:
            self.problems.append(
                f"“{search.words}” is in too many listings to be looked for: it was left out."
            )
            search = search.without("words")
        self.search = search
        if search.posted is not None:
            # At each moment something becomes too old for it.
            true_until(0)

    def match(self, search: Search | None = None) -> Match:
        """Return what finds the search, or a variation of it whose words are the same or none."""
        search = search or self.search
        node = self.tree.find_by_path(search.category) if search.category else None
        return Match(search, self._query if search.words else "", node)
