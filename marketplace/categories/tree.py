"""The categories as a tree in memory: it is small, and each page needs names and paths from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Node:
    """A category in its place: `path` is its slugs from the root down, joined by slashes."""

    id: int
    name: str
    path: str
    parent: "Node | None"
    children: list["Node"] = field(default_factory=list, repr=False, compare=False)

    @property
    def root_slug(self) -> str:
        """The slug of the category at its root."""
        return self.path.partition("/")[0]

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

    def __init__(self, rows: Iterable[tuple[int, int | None, str, str]]) -> None:
        """Take rows of (id, parent_id, name, slug), parents before children and siblings in order.

        A row whose parent is missing is left out with all below it: its parent cannot be seen.
        """
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
        """Return the category at this path, or None."""
        return self._by_path.get(path)

    def nodes(self) -> Iterator[Node]:
        """All categories, parents first."""
        for root in self.roots:
            yield from root.subtree()
