"""Every revision, down and up again, while there are rows in all tables."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import rows
from tests.support.catalogue import read_catalogue, table_names
from tests.support.operator import BASE, CHAIN, HEAD, SPELLINGS, STATES, Operator, read_script, stored_state
from tests.support.postgresql import run_project_command

# The tables whose rows go when a revision is undone; its docstring has to say so.
LOST: dict[str, set[str]] = {
    "cf5a32f4e1d5": {"users"},
    "50c3593832b4": {"categories", "listings"},
    "ecee305c0829": {"listing_items"},
}


@pytest.mark.parametrize("revision", CHAIN)
def test_a_round_trip_keeps_rows_and_schema(either_operator: Operator, revision: str):
    operator = either_operator
    below = STATES[STATES.index(revision) - 1]
    operator.go_to(below)
    schema_below = read_catalogue(operator.url)
    operator.must("upgrade", revision)
    rows.fill(operator.url)
    schema, stored = read_catalogue(operator.url), rows.read_rows(operator.url)
    kept = {table: lines for table, lines in stored.items() if table not in LOST.get(revision, set())}

    operator.must("downgrade", "-1")
    assert operator.current() == below
    assert read_catalogue(operator.url) == schema_below
    assert rows.read_rows(operator.url) == kept

    operator.must("upgrade", "+1")
    assert operator.current() == revision
    assert read_catalogue(operator.url) == schema
    assert rows.read_rows(operator.url) == kept | {table: [] for table in stored.keys() - kept.keys()}


@pytest.mark.parametrize("revision", CHAIN)
def test_a_revision_that_loses_rows_says_so(revision: str):
    docstring = read_script().get_revision(revision).module.__doc__
    announced = "Going down" in docstring
    assert announced == bool(LOST.get(revision)), f"{revision} and its docstring disagree"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_guides_full_revert_by_the_real_programs(
    make_database: Callable[..., str], spelling: str, tmp_path: Path
):
    url = make_database()
    rows.fill(url)
    schema = read_catalogue(url)
    words = ["db"] if spelling == "flask" else []
    # There are rows, and no terminal to ask on.
    agreed = ("-x", "yes", "downgrade", "base") if spelling == "alembic" else ("downgrade", "base", "--yes")
    run_project_command(spelling, *words, *agreed, database_url=url, BACKUP_DIR=str(tmp_path))
    assert list(tmp_path.glob("*.dump")), "no backup was made first"
    assert stored_state(url) == BASE
    assert table_names(url) == set()
    assert not read_catalogue(url)["sequences"]
    run_project_command(spelling, *words, "upgrade", "head", database_url=url)
    assert stored_state(url) == HEAD
    assert read_catalogue(url) == schema
