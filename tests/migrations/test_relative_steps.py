"""The guide's ways to name a target, from every revision, by `flask db` and by plain `alembic`."""

from collections.abc import Callable

import pytest

from tests.support import rows
from tests.support.catalogue import read_catalogue, table_names
from tests.support.operator import BASE, CHAIN, HEAD, SPELLINGS, STATES, Operator, stored_state
from tests.support.postgresql import run_project_command

TABLES = {
    BASE: set(),
    "cf5a32f4e1d5": {"users"},
    "50c3593832b4": {"users", "categories", "listings"},
    "ecee305c0829": {"users", "categories", "listings", "listing_items"},
}


def test_one_step_down_from_every_revision(either_operator: Operator):
    either_operator.must("upgrade", "head")
    for below in reversed(STATES[:-1]):
        either_operator.must("downgrade", "-1")
        assert either_operator.current() == below
        assert_tables_of(either_operator.url, below)


def test_one_step_up_from_every_revision(either_operator: Operator):
    for above in STATES[1:]:
        either_operator.must("upgrade", "+1")
        assert either_operator.current() == above
        assert_tables_of(either_operator.url, above)


def test_the_dash_kept_apart_means_the_same(either_operator: Operator):
    either_operator.must("upgrade", "head")
    for below in reversed(STATES[:-1]):
        either_operator.must("downgrade", "--", "-1")
        assert either_operator.current() == below


def test_several_steps_at_once(either_operator: Operator):
    either_operator.must("upgrade", "+3")
    assert either_operator.current() == STATES[3]
    either_operator.must("downgrade", "-2")
    assert either_operator.current() == STATES[1]


def test_a_step_off_either_end_changes_nothing(either_operator: Operator):
    either_operator.run("downgrade", "-1")
    assert either_operator.current() == BASE
    assert_tables_of(either_operator.url, BASE)
    either_operator.must("upgrade", "head")
    before = read_catalogue(either_operator.url)
    either_operator.run("upgrade", "+1")
    assert either_operator.current() == HEAD
    assert read_catalogue(either_operator.url) == before


@pytest.mark.parametrize("target", CHAIN)
def test_a_named_target_is_reached_from_below_and_from_above(either_operator: Operator, target: str):
    either_operator.must("upgrade", target)
    assert either_operator.current() == target
    either_operator.must("upgrade", "head")
    assert either_operator.current() == HEAD
    # Going down to where one is does nothing and is no mistake.
    either_operator.must("downgrade", target)
    assert either_operator.current() == target
    assert_tables_of(either_operator.url, target)


def test_an_unknown_target_is_refused(either_operator: Operator):
    either_operator.must("upgrade", "head")
    for direction in ("upgrade", "downgrade"):
        outcome = either_operator.run(direction, "deadbeef")
        assert outcome.status != 0
        assert "Traceback" not in outcome.output
        assert either_operator.current() == HEAD


def test_base_and_head_are_reached_from_every_revision(either_operator: Operator):
    for state in STATES:
        either_operator.go_to(state)
        either_operator.must("downgrade", "base")
        assert either_operator.current() == BASE
        assert_tables_of(either_operator.url, BASE)
        either_operator.go_to(state)
        either_operator.must("upgrade", "head")
        assert either_operator.current() == HEAD
        assert_tables_of(either_operator.url, HEAD)


@pytest.mark.parametrize("state", STATES)
def test_stamp_head_moves_the_revision_and_nothing_else(either_operator: Operator, state: str):
    either_operator.go_to(state)
    rows.fill(either_operator.url)
    schema, stored = read_catalogue(either_operator.url), rows.read_rows(either_operator.url)
    either_operator.must("stamp", "head")
    assert either_operator.current() == HEAD
    assert read_catalogue(either_operator.url) == schema
    assert rows.read_rows(either_operator.url) == stored


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_real_programs_take_every_way_to_name_a_target(make_database: Callable[..., str], spelling: str):
    url = make_database()
    words = ["db"] if spelling == "flask" else []
    for arguments, state in [
        (["downgrade", "-1"], STATES[-2]),
        (["upgrade", "+1"], STATES[-1]),
        (["downgrade", "--", "-1"], STATES[-2]),
        (["downgrade", "cf5a32f4e1d5"], "cf5a32f4e1d5"),
        (["stamp", "head"], HEAD),
    ]:
        run_project_command(spelling, *words, *arguments, database_url=url)
        assert stored_state(url) == state, arguments
    named = run_project_command(spelling, *words, "current", database_url=url)
    assert named.stdout.split() == [HEAD, "(head)"]


def assert_tables_of(url: str, state: str) -> None:
    """The tables are those of the revision; the last two of the founding chain add none."""
    known = [each for each in STATES[: STATES.index(state) + 1] if each in TABLES]
    assert table_names(url) == TABLES[known[-1]]
