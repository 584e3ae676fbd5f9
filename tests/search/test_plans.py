"""What the database does for searches among 100,000 listings, in rows and buffers: time is the machine's.

A buffer is 8 KB that a statement looks at, wherever it is. The tables have 18,000, without indexes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from marketplace.categories.command import STARTER_FILE, load_file
from marketplace.extensions import db
from marketplace.search import plan
from marketplace.search.places import NewestPlace, microseconds
from tests.conftest import dispose, make_app, new_client
from tests.support import postgresql

pytestmark = pytest.mark.soak

LISTINGS = 100_000
LARGE = {"listings", "listing_items", "search_entries", "pictures", "users"}
COMMON = """
    SELECT word FROM search_words WHERE numnode(to_tsquery('pg_catalog.english', word)) > 0
    ORDER BY uses DESC, word LIMIT 1
"""
RARE = "SELECT word FROM search_words WHERE word ~ '^[a-z]{6,}$' ORDER BY uses, word LIMIT 1"
DEEP = "SELECT created_at, listing_id FROM search_entries ORDER BY created_at DESC OFFSET 80000 LIMIT 1"
LEAF = """
    SELECT root.slug AS root, root.slug || '/' || leaf.slug AS path
    FROM categories AS leaf JOIN categories AS root ON root.id = leaf.parent_id
    WHERE leaf.level = 2 ORDER BY leaf.id LIMIT 1
"""
# By its name each page, and how many buffers all of its statements may look at together: half as many again
# as they did when this was written. Counting is most of it, and ends at a limit that does not grow with them.
PAGES = {
    "home": ("/", 500),
    "all": ("/search", 4_500),
    "root": ("/categories/{root}", 4_500),
    "leaf": ("/categories/{path}", 4_500),
    "common word": ("/search?q={common}", 15_000),
    "common word, best": ("/search?q={common}&sort=relevance", 20_000),
    "common word, by value": ("/search?q={common}&sort=value&near=100", 25_000),
    "rare word": ("/search?q={rare}", 15_000),
    "rare word, best": ("/search?q={rare}&sort=relevance", 20_000),
    "rare word, by value": ("/search?q={rare}&sort=value&near=100", 15_000),
    "two words": ("/search?q={common}+{rare}&category={root}&type=permanent", 20_000),
    "by value": ("/search?sort=value&near=100", 5_000),
    "area and picture": ("/search?area=harbour&picture=yes&posted=7", 20_000),
    # The items of each row on the way are looked at.
    "one item of many": ("/search?kind=offered&type=temporary&days=7&min=10&max=90&condition=good", 140_000),
    "feed": ("/search.atom?q={common}", 1_000),
}


@dataclass(frozen=True)
class Work:
    """What the database did for one statement: `most` is the most rows that were taken from a large table."""

    statement: str
    buffers: int
    scanned: set[str]
    most: int


@pytest.fixture(scope="module")
def site(server: postgresql.Server, worker_id_or_main: str) -> Iterator[Flask]:
    """The site with sample data, as its operators have it after a night."""
    name = f"kula_{worker_id_or_main}_plans"
    app = make_app(postgresql.create_database(server, name))
    with app.app_context():
        load_file(STARTER_FILE)
        filled = app.test_cli_runner().invoke(args=["sample-data", "--listings", str(LISTINGS)])
        assert filled.exit_code == 0, filled.output
    with app.app_context(), db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("VACUUM ANALYZE"))
    yield app
    dispose(app)
    postgresql.drop_database(server, name)


@pytest.fixture(scope="module")
def words(site: Flask) -> dict[str, str]:
    """What stands for the names in the addresses."""
    with site.app_context():
        common, rare = (db.session.scalars(text(query)).one() for query in (COMMON, RARE))
        leaf, deep = (db.session.execute(text(query)).one() for query in (LEAF, DEEP))
    place = NewestPlace(microseconds(deep.created_at), deep.listing_id)
    return {"common": common, "rare": rare, "root": leaf.root, "path": leaf.path, "place": str(place)}


@contextmanager
def recorded() -> Iterator[list[tuple[str, Any]]]:
    """Yield a list that fills with the statements sent meanwhile and their parameters."""
    sent: list[tuple[str, Any]] = []

    def record(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_others: Any) -> None:
        sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", record)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", record)


def work_of(site: Flask, path: str) -> list[Work]:
    """All that the database does for a page, statement by statement."""
    site.extensions["page_store"].clear()
    with recorded() as sent:
        assert new_client(site).get(path).status_code == 200, path
    with site.app_context():
        return [explained(*each) for each in sent if not each[0].lstrip().startswith("EXPLAIN")]


def explained(statement: str, parameters: Any = None) -> Work:
    """Run a statement once more, and return what the database did for it."""
    with db.engine.connect() as connection, connection.connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
        answer = cursor.fetchone()[0]
    top = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    large = [node for node in nodes_of(top) if node.get("Relation Name") in LARGE]
    return Work(
        statement,
        top["Shared Hit Blocks"] + top["Shared Read Blocks"],
        {node["Relation Name"] for node in large if node["Node Type"] == "Seq Scan"},
        max((int(node["Actual Rows"] * node["Actual Loops"]) for node in large), default=0),
    )


def nodes_of(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", []):
        yield from nodes_of(below)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_goes_through_a_table(name, site, words):
    path, most = PAGES[name]
    works = work_of(site, path.format(**words))
    assert [(work.scanned, work.statement) for work in works if work.scanned] == []
    assert sum(work.buffers for work in works) <= most, [(work.buffers, work.statement) for work in works]
    # An item for each row that is walked, and a few of them for each that is looked at.
    assert max(work.most for work in works) <= 2 * plan.WALKED_WITH_ITEMS


@pytest.mark.parametrize(
    "path",
    ["/search?", "/categories/{root}?", "/search?q={common}&", "/search?kind=offered&type=temporary&"],
)
def test_a_page_far_down_costs_what_the_first_one_does(path, site, words):
    first, deep = (
        sum(work.buffers for work in work_of(site, (path + more).format(**words)))
        for more in ("", "after={place}")
    )
    assert deep <= 1.2 * first


def test_going_through_a_table_is_noticed(site):
    with site.app_context():
        work = explained("SELECT max(owner_id) FROM search_entries")
    assert work.scanned == {"search_entries"}
    assert work.buffers > 5_000
