"""The guide's ways to name a target, from every revision, by `flask db` and by plain `alembic`."""

from collections.abc import Callable

import pytest

from tests.support import rows
from tests.support.catalogue import read_catalogue, table_names
from tests.support.operator import (
    BASE,
    CHAIN,
    HEAD,
    SPELLINGS,
    STATES,
    Operator,
    in_either_spelling,
    stored_state,
)
from tests.support.postgresql import run_project_command

Tables = Callable[[str], set[str]]


def test_one_step_down_from_every_revision(either_operator: Operator, tables_at: Tables):
    either_operator.must("upgrade", "head")
    for below in reversed(STATES[:-1]):
        either_operator.must("downgrade", "-1")
        assert either_operator.current() == below
        assert table_names(either_operator.url) == tables_at(below)


def test_one_step_up_from_every_revision(either_operator: Operator, tables_at: Tables):
    for above in STATES[1:]:
        either_operator.must("upgrade", "+1")
        assert either_operator.current() == above
        assert table_names(either_operator.url) == tables_at(above)


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


def test_a_step_off_either_end_changes_nothing(either_operator: Operator, tables_at: Tables):
    either_operator.run("downgrade", "-1")
    assert either_operator.current() == BASE
    assert table_names(either_operator.url) == tables_at(BASE)
    either_operator.must("upgrade", "head")
    before = read_catalogue(either_operator.url)
    either_operator.run("upgrade", "+1")
    assert either_operator.current() == HEAD
    assert read_catalogue(either_operator.url) == before


@pytest.mark.parametrize(("target", "spelling"), in_either_spelling(CHAIN))
def test_a_named_target_is_reached_from_below_and_from_above(
    operator_at: Callable[..., Operator], tables_at: Tables, target: str, spelling: str
):
    operator = operator_at(BASE, spelling)
    operator.must("upgrade", target)
    assert operator.current() == target
    operator.must("upgrade", "head")
    assert operator.current() == HEAD
    # Going down to where one is does nothing and is no mistake.
    operator.must("downgrade", target)
    assert operator.current() == target
    assert table_names(operator.url) == tables_at(target)


def test_an_unknown_target_is_refused(either_operator: Operator):
    either_operator.must("upgrade", "head")
    for direction in ("upgrade", "downgrade"):
        outcome = either_operator.run(direction, "deadbeef")
        assert outcome.status != 0
        assert "Traceback" not in outcome.output
        assert either_operator.current() == HEAD


@pytest.mark.parametrize(("state", "spelling"), in_either_spelling(STATES))
def test_stamp_head_moves_the_revision_and_nothing_else(
    operator_at: Callable[..., Operator], spelling: str, state: str
):
    operator = operator_at(state, spelling)
    rows.fill(operator.url)
    schema, stored = read_catalogue(operator.url), rows.read_rows(operator.url)
    operator.must("stamp", "head")
    assert operator.current() == HEAD
    assert read_catalogue(operator.url) == schema
    assert rows.read_rows(operator.url) == stored


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
