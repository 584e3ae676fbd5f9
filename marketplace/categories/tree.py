"""The categories as a tree in memory: it is small, and each page needs names and paths from it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b

from marketplace.categories.models import LEVELS

# What the state of a node looks like, as a regular expression.
STATE = "[0-9a-f]{32}"


@dataclass(frozen=True)
class Node:
    """A category in its place: `path` is its slugs from the root down, joined by slashes."""

    id: int
    name: str
    path: str
    parent: "Node | None"
    children: list["Node"] = field(default_factory=list, repr=False, compare=False)

    @property
    def slug(self) -> str:
        """Its own part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def root_slug(self) -> str:
        """The slug of the category at its root."""
        return self.path.partition("/")[0]

    @property
    def state(self) -> str:
        """A sign of its name, its slug and its parent: another one when any of them is changed."""
        state = (self.name, self.slug, self.parent.id if self.parent else None)
        return blake2b(repr(state).encode(), digest_size=16).hexdigest()

    @property
    def may_have_children(self) -> bool:
        """Tell whether there is a level below its own."""
        return len(self.trail()) < LEVELS

    def subtree(self) -> Iterator["Node"]:
        """This category and all below it, parents first."""
        yield self
        for child in self.children:
            yield from child.subtree()

    def trail(self) -> list["Node"]:
        """The categories from the root down to this one."""
        return [*(self.parent.trail() if self.parent else []), self]


class Tree:
    """All categories that can be seen, in their order."""

    def __init__(
        self,
        rows: Iterable[tuple[int, int | None, str, str]],
        read_former: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        """Take rows of (id, parent_id, name, slug), parents before children and siblings in order.

        A row whose parent is missing is left out with all below it: its parent cannot be seen.
        `read_former` returns the category's id for each path of former days; it is called when the first
        one is asked for.
        """
        self._read_former = read_former
        self.roots: list[Node] = []
        self._by_id: dict[int, Node] = {}
        for category_id, parent_id, name, slug in rows:
            parent = self._by_id.get(parent_id) if parent_id is not None else None
            if parent_id is not None and parent is None:
                continue
            node = Node(category_id, name, f"{parent.path}/{slug}" if parent else slug, parent)
            (parent.children if parent else self.roots).append(node)
            self._by_id[category_id] = node
        self._by_path = {node.path: node for node in self._by_id.values()}

    def find(self, category_id: int) -> Node | None:
        """Return the category with this id, or None."""
        return self._by_id.get(category_id)

    def find_by_path(self, path: str) -> Node | None:
        """Return the category that is at this path, or that was there before, or None."""
        return self._by_path.get(path) or self._by_id.get(self._former.get(path, 0))

    @cached_property
    def _former(self) -> Mapping[str, int]:
        return self._read_former()

    def nodes(self) -> Iterator[Node]:
        """All categories, parents first."""
        for root in self.roots:
            yield from root.subtree()
