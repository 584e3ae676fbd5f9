"""Every revision, down and up again, while there are rows in all tables."""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from tests.support import rows
from tests.support.catalogue import read_catalogue, table_names
from tests.support.operator import BASE, CHAIN, HEAD, SPELLINGS, STATES, Operator, read_script, stored_state
from tests.support.postgresql import run_project_command

# Values that a downgrade changes where the column stays; the revision's docstring says so.
CHANGED: dict[str, set[tuple[str, str]]] = {
    "0006_listing_lifetime": {("listings", "status")},
    "0018_verify_earlier_members": {("users", "email_verified_at")},
}

# Revisions that only see that rows keep a rule; the rule may stay valid when they are undone.
STAYS_VALID = {
    "0008_validate_new_rules",
    "0026_validate_member_roles",
    "0054_message_pictures_index",
    "0057_validate_reported_words",
}

# Revisions whose way down changes listings by one statement, whether there are such or not: the version of
# the content rises.
RAISE_THE_VERSION = {"0029_hidden_listings", "0033_leaving_members"}

Catalogue = dict[str, set[tuple[object, ...]]]


# The spellings take turns from one revision to the next.
@pytest.mark.parametrize(("revision", "spelling"), list(zip(CHAIN, cycle(SPELLINGS), strict=False)))
def test_a_round_trip_keeps_rows_and_schema(
    operator_at: Callable[..., Operator], spelling: str, revision: str
):
    below = STATES[STATES.index(revision) - 1]
    operator = operator_at(below, spelling)
    schema_below = read_catalogue(operator.url)
    operator.must("upgrade", revision)
    rows.fill(operator.url)
    schema = read_catalogue(operator.url)
    # What goes is what the revision brought, and nothing else.
    changed = CHANGED.get(revision, set())
    gone = columns_in(schema) - columns_in(schema_below) | changed
    stored, whole = (stored_rows(operator.url, revision, without) for without in (gone, changed))

    operator.must("downgrade", "-1")
    assert operator.current() == below
    found = read_catalogue(operator.url)
    if revision in STAYS_VALID:
        found, schema_below = without_validity(found), without_validity(schema_below)
    assert found == schema_below
    kept = {table: lines for table, lines in stored.items() if table in table_names(operator.url)}
    assert stored_rows(operator.url, revision, gone) == kept
    if gone:
        assert "Going down" in " ".join(read_script().get_revision(revision).module.__doc__.split())

    operator.must("upgrade", "+1")
    assert operator.current() == revision
    assert read_catalogue(operator.url) == schema
    # What went has come back from the attic.
    assert stored_rows(operator.url, revision, changed) == whole


def uncounted(revision: str) -> set[str]:
    """The tables whose rows a round trip of the revision changes without losing anything."""
    return {"content_versions"} if revision in RAISE_THE_VERSION else set()


def stored_rows(url: str, revision: str, gone: set[tuple[str, str]]) -> dict[str, list[str]]:
    """The rows of all tables but the `uncounted` ones, without the columns that are gone."""
    found = rows.read_rows(url, without=gone)
    return {table: lines for table, lines in found.items() if table not in uncounted(revision)}


def without_validity(catalogue: Catalogue) -> Catalogue:
    """A catalogue that does not tell which constraints were checked for all rows."""
    constraints = {
        (table, name, kind, str(definition).removesuffix(" NOT VALID"))
        for table, name, kind, _, definition in catalogue["constraints"]
    }
    return {**catalogue, "constraints": constraints}


def columns_in(catalogue: Catalogue) -> set[tuple[str, str]]:
    """The columns of a catalogue, each with its table."""
    return {(str(table), str(column)) for table, column, *_ in catalogue["columns"]}


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


@pytest.mark.soak
def test_all_the_way_down_to_the_first_table_and_up_again_brings_every_row_back(
    operator_at: Callable[..., Operator],
):
    """A reset to base begins anew; any other way down does not."""
    operator = operator_at(HEAD)
    rows.fill(operator.url)
    changed = set().union(*CHANGED.values())
    whole = rows.read_rows(operator.url, without=changed)
    operator.must("downgrade", CHAIN[0])
    said = operator.must("upgrade", "head")
    assert "Put back from the attic: " in said
    assert "Left in the attic" not in said
    found = rows.read_rows(operator.url, without=changed)
    # Those rows are a count of what is written, which goes on.
    del found["content_versions"], whole["content_versions"]
    assert found == whole
