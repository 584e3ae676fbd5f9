"""The founding chain: files, ids, order, and what each revision makes."""

import ast
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from tests.support.catalogue import foreign_keys, read_catalogue, table_names
from tests.support.operator import Operator, read_script
from tests.support.postgresql import ROOT, connect

VERSIONS = ROOT / "migrations" / "versions"

# File, id, down_revision, depends_on: landed, and never to change.
FOUNDING = [
    ("cf5a32f4e1d5_create_users_table_for_authentication.py", "cf5a32f4e1d5", None, None),
    ("50c3593832b4_add_categories_and_market_listings.py", "50c3593832b4", "cf5a32f4e1d5", None),
    ("ecee305c0829_create_base_listing_items_table.py", "ecee305c0829", "50c3593832b4", None),
    ("001_add_exchange_types.py", "001_add_exchange_types", "ecee305c0829", None),
    (
        "cbfc66708806_merge_multiple_heads.py",
        "cbfc66708806",
        "001_add_exchange_types",
        ("cf5a32f4e1d5", "50c3593832b4", "ecee305c0829"),
    ),
]

# The guide's "Key Tables Created": what each revision adds, and which tables those refer to.
ADDED = [
    ("cf5a32f4e1d5", {"users"}, set()),
    ("50c3593832b4", {"categories", "listings"}, {"users", "categories"}),
    ("ecee305c0829", {"listing_items"}, {"listings", "users"}),
    ("001_add_exchange_types", set(), set()),
    ("cbfc66708806", set(), set()),
]

FOREIGN_KEYS = {
    ("categories", ("parent_id", "parent_level"), "categories", ("id", "level")),
    ("listings", ("owner_id",), "users", ("id",)),
    ("listings", ("category_id",), "categories", ("id",)),
    ("listing_items", ("listing_id", "owner_id"), "listings", ("id", "owner_id")),
    ("listing_items", ("owner_id",), "users", ("id",)),
}

REVISION_FILES = sorted(VERSIONS.glob("*.py"))


@pytest.fixture(scope="module")
def script() -> ScriptDirectory:
    return read_script()


def test_the_five_founding_revisions_are_what_they_were(script):
    oldest_first = list(reversed(list(script.walk_revisions())))
    found = [
        (Path(r.path).name, r.module.revision, r.module.down_revision, r.module.depends_on)
        for r in oldest_first
    ]
    assert found[: len(FOUNDING)] == FOUNDING


def test_every_revision_lies_on_one_line(script):
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1
    revisions = list(script.walk_revisions())
    assert len(revisions) == len(REVISION_FILES), "a file is no part of the chain"
    assert all(isinstance(revision.down_revision, str | None) for revision in revisions)
    assert all(revision.branch_labels == set() for revision in revisions)
    assert all(len(revision.revision) <= 32 for revision in revisions)


@pytest.mark.parametrize("file", REVISION_FILES, ids=lambda file: file.stem)
def test_a_revision_imports_only_sqlalchemy_alembic_and_python_itself(file):
    allowed = {"sqlalchemy", "alembic", *sys.stdlib_module_names}
    imported = set()
    tree = ast.parse(file.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name} imports by a relative path"
            imported.add((node.module or "").partition(".")[0])
    assert imported <= allowed, f"{file.name} imports {sorted(imported - allowed)}"
    words = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert not words & {"__import__", "importlib", "exec", "eval"}, f"{file.name} imports by a detour"


@pytest.mark.parametrize("file", REVISION_FILES, ids=lambda file: file.stem)
def test_a_revision_says_what_it_does_and_can_be_undone(file):
    tree = ast.parse(file.read_text("utf-8"))
    assert ast.get_docstring(tree), f"{file.name} says nothing"
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert functions >= {"upgrade", "downgrade"}


def test_each_revision_makes_the_tables_of_the_guide(operator: Operator):
    before: set[str] = set()
    for revision, tables, referred in ADDED:
        operator.must("upgrade", "+1")
        assert operator.current() == revision
        after = table_names(operator.url)
        assert after - before == tables, revision
        assert before <= after, revision
        keys = {key for key in foreign_keys(operator.url) if key[0] in tables}
        assert {key[2] for key in keys} == referred, revision
        assert keys == {key for key in FOREIGN_KEYS if key[0] in tables}, revision
        before = after


def test_the_exchange_types_are_in_the_base_table_already(operator: Operator):
    operator.must("upgrade", "ecee305c0829")
    before = read_catalogue(operator.url)
    columns = {column for table, column, *_ in before["columns"] if table == "listing_items"}
    assert {"exchange_type", "duration_days"} <= columns
    operator.must("upgrade", "001_add_exchange_types")
    assert read_catalogue(operator.url) == before


def test_a_revision_of_two_tables_makes_both_or_none(operator: Operator):
    operator.must("upgrade", "cf5a32f4e1d5")
    with connect(operator.url) as cursor:
        # The second table of the next revision cannot be made, so the first must not stay either.
        cursor.execute("CREATE TABLE listings ()")
    assert operator.run("upgrade", "50c3593832b4").status != 0
    assert operator.current() == "cf5a32f4e1d5"
    assert table_names(operator.url) == {"users", "listings"}
