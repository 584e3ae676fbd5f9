"""Categories as links with the number of listings below them."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import url_for

from marketplace.categories.tree import Node


@dataclass(frozen=True)
class Link:
    """A category's name and address."""

    name: str
    url: str


@dataclass(frozen=True)
class CountedLink(Link):
    """A link with the number of active listings in the category and all below it."""

    root_slug: str
    count: int


def link(node: Node) -> Link:
    """Return the link to a category's page."""
    return Link(node.name, url_for("categories.show", path=node.path))


def count_nodes(nodes: list[Node], counts: Mapping[int, int]) -> list[CountedLink]:
    """Return links to `nodes`; `counts` maps a category's id to the listings lying right in it."""
    return [
        CountedLink(
            node.name,
            url_for("categories.show", path=node.path),
            node.root_slug,
            sum(counts.get(below.id, 0) for below in node.subtree()),
        )
        for node in nodes
    ]
