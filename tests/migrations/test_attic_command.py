"""`flask db attic`, and who else has to do with the attic: doctor, drift, verify and backups."""

import json

import pytest

from marketplace.schema import copying
from tests.support.operator import HEAD

ADD = 'op.execute("ALTER TABLE users ADD COLUMN note text")'
DROP = 'op.execute("ALTER TABLE users DROP COLUMN note")'
LEFT = "SELECT copy FROM attic.kept ORDER BY id"
COPIES = (
    "SELECT relname FROM pg_class WHERE relnamespace = 'attic'::regnamespace AND relkind = 'r' ORDER BY 1"
)


@pytest.fixture
def full(project):
    """A project whose attic has two copies, of which the first is 40 days old."""
    project.add_member("ada")
    parents = HEAD
    for revision in ("first", "second"):
        column = ADD.replace("note", revision)
        project.add(revision, up=column, parents=parents)
        project.add(f"{revision}_off", up=DROP.replace("note", revision), down=column, parents=revision)
        project.flask("upgrade", revision)
        project.rows(f"UPDATE users SET {revision} = 'so'")
        project.flask("upgrade", "head", "--yes", "--no-backup")
        parents = f"{revision}_off"
    project.rows("UPDATE attic.kept SET at = at - interval '40 days' WHERE revision = 'first_off'")
    return project


def test_list_for_people_and_for_programs(full):
    lines = full.flask("attic").splitlines()
    assert lines[0].split() == ["KEPT", "BY", "REVISION", "WHAT", "ROWS", "SIZE", "COPY", "REMARK"]
    assert [line.split()[3:7] for line in lines[1:]] == [
        ["upgrade", "first_off", "column", "users.first"],
        ["upgrade", "second_off", "column", "users.second"],
    ]
    [first, second] = json.loads(full.flask("attic", "--json"))
    assert first["copy"] == "attic.first_off_up_users_first_1"
    assert (second["what"], second["name"], second["amount"]) == ("column", "users.second", 1)
    assert second["size"] > 0


@pytest.mark.parametrize(
    ("which", "left"),
    [
        ([], []),
        (["second_off"], ["first_off_up_users_first_1"]),
        (["--older-than", "30"], ["second_off_up_users_second_2"]),
    ],
)
def test_emptying(full, which, left):
    said = full.flask("attic", "--empty", *which, status=1)
    assert "there is no terminal to ask on: nothing was changed" in said
    command = " ".join(["flask db attic", *which, "--empty --yes"])
    assert f"Next: {command}, when they may go" in said
    assert len(full.rows(LEFT)) == 2
    said = full.flask("attic", "--empty", "--yes", *which)
    assert said.startswith(f"Dropped {'2 copies' if not left else '1 copy'} from the attic, ")
    assert [copy for (copy,) in full.rows(LEFT)] == left
    assert [name for (name,) in full.rows(COPIES)] == sorted([*left, "kept"])
    assert full.logged("attic") == [("attic", "second_off")]


def test_nothing_to_list_or_to_empty(full):
    assert (
        full.flask("attic", "nothing", "--empty") == "The attic has nothing of that: nothing was changed.\n"
    )
    full.flask("attic", "--empty", "--yes")
    assert full.flask("attic") == "The attic is empty.\n"
    assert full.flask("attic", "--empty") == "The attic is empty.\n"


def test_doctor_names_an_attic_that_grows_old(full):
    said = full.flask("doctor", status=1)
    assert "old attic: 1 of 2 copies in the attic are older than 30 days" in said
    assert "flask db attic --empty --older-than 30" in said
    full.flask("attic", "--empty", "--older-than", "30", "--yes")
    assert "nothing is wrong" in full.flask("doctor")


def test_attic_is_no_drift_and_no_part_of_the_schema(full):
    assert full.flask("drift").startswith("Nothing was changed outside of a migration")
    assert "attic" not in full.flask("verify", status=None)
    assert "attic" not in full.flask("check", status=None)


def test_attic_is_in_backups(full, tmp_path):
    assert "Proven: " in full.flask("backup", "--prove")
    full.flask("attic", "--empty", "--yes")
    backup = max((tmp_path / "backups").glob("*.dump"))
    full.flask("restore", "--yes", str(backup))
    assert len(full.rows(LEFT)) == 2
    full.close()
    for (name,) in full.rows(
        "SELECT datname FROM pg_database WHERE starts_with(datname, current_database() || '_before_restore_')"
    ):
        full.flask("discard", "--yes", name)


@pytest.mark.parametrize("column", [None, "column_with_a_name_of_some_length"])
def test_long_names_are_cut_and_stay_apart(column):
    about = copying.About("0061_" + "r" * 27, "upgrade", False)
    names = {copying.copy_name(about, "täble" * 12, column, number) for number in (1, 2)}
    assert len(names) == 2
    assert all(len(name.encode()) <= 63 and name.startswith(about.revision) for name in names)
