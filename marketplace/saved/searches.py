"""The searches that a member keeps, each with what is new in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import abort
from sqlalchemy import bindparam, func, select
from werkzeug.datastructures import MultiDict

from marketplace.categories.tree import Tree
from marketplace.extensions import db
from marketplace.saved.models import SavedSearch
from marketplace.saved.rules import SEARCHES_MAXIMUM
from marketplace.search import filters, plan
from marketplace.search.counting import Count, Counting, count
from marketplace.search.matching import Match
from marketplace.search.queries import parse_words
from marketplace.search.words import parse

_SEARCHES = (
    select(SavedSearch.id, SavedSearch.name, SavedSearch.query, SavedSearch.seen_at)
    .where(SavedSearch.owner_id == bindparam("owner_id"))
    .order_by(SavedSearch.created_at.desc(), SavedSearch.id.desc())
    .limit(SEARCHES_MAXIMUM)
)
_COUNT = select(func.count()).select_from(SavedSearch).where(SavedSearch.owner_id == bindparam("owner_id"))


@dataclass(frozen=True)
class KeptSearch:
    """A search that a member keeps; `new` is how many listings came since the member last looked."""

    id: int
    name: str
    search: filters.Search
    new: Count


def get_search(search_id: int) -> SavedSearch:
    """Return the search, whoever keeps it; 404 when there is none."""
    return db.session.get(SavedSearch, search_id) or abort(404)


def count_searches(owner_id: int) -> int:
    """Return how many searches the member keeps."""
    return int(db.session.execute(_COUNT, {"owner_id": owner_id}).scalar_one())


def read_query(query: str, tree: Tree) -> filters.Search:
    """Return the search that was kept as `query`, without what is no longer there."""
    arguments = MultiDict(parse_qsl(query))
    search, _ = filters.read(arguments, lambda path: tree.find_by_path(path) is not None)
    return search


def kept_by(tree: Tree, owner_id: int) -> list[KeptSearch]:
    """Return the searches that the member keeps, the last one added first.

    What is new in them is counted with a fixed number of statements.
    """
    rows = db.session.execute(_SEARCHES, {"owner_id": owner_id}).all()
    searches = [read_query(row.query, tree) for row in rows]
    queries = parse_words([parse(search.words) for search in searches])
    matches = [
        Match(search, query, tree.find_by_path(search.category) if search.category else None, row.seen_at)
        for search, query, row in zip(searches, queries, rows, strict=True)
    ]
    new = _count(matches)
    return [
        KeptSearch(row.id, row.name, search, number)
        for row, search, number in zip(rows, searches, new, strict=True)
    ]


def _count(matches: Sequence[Match]) -> list[Count]:
    if not matches:
        return []
    counted = count([Counting(match) for match in matches], plan.estimate(matches))
    return [counts.total for counts in counted]
