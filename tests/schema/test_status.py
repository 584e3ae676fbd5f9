"""`flask db status`: each exit status by itself, and which counts when several hold."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.migrations import Project, make_project
from tests.support.operator import CHAIN, HEAD


@pytest.fixture
def project(tmp_path: Path, make_database: Callable[..., str]) -> Iterator[Project]:
    """The project's migrations, and a database that they have brought to head."""
    project = make_project(tmp_path / "migrations", make_database())
    yield project
    project.close()


def pending(project: Project) -> None:
    project.flask("downgrade", "-1", "--no-backup", "--yes")


def drift(project: Project) -> None:
    project.rows("CREATE INDEX ix_spare ON listings (title)")


def checksum(project: Project) -> None:
    project.edit(
        "0036_profiles", "def upgrade() -> None:\n", "def upgrade() -> None:\n    op.execute('SELECT 1')\n"
    )


def heads(project: Project) -> None:
    project.add("add_left")
    project.add("add_right")


CODES = [
    ([], 0, "fine"),
    ([pending], 2, "migrations are pending"),
    ([drift], 3, "changed outside of a migration"),
    ([checksum], 4, "applied files are not as they were applied"),
    ([heads], 5, "multiple heads"),
    # Of several, the one that has to be settled first.
    ([pending, drift], 3, "changed outside of a migration"),
    ([drift, heads], 5, "multiple heads"),
    ([pending, drift, heads, checksum], 4, "applied files are not as they were applied"),
]


def name_case(each):
    return " and ".join(fault.__name__ for fault in each) if isinstance(each, list) else str(each)


@pytest.mark.parametrize(("faults", "code", "verdict"), CODES, ids=name_case)
def test_the_exit_status_says_what_is_first_to_be_settled(project, faults, code, verdict):
    for fault in faults:
        fault(project)
    said = project.run("flask", "status", status=code).stdout
    assert said.splitlines()[-1].endswith(f": {verdict}.")
    record = json.loads(project.run("flask", "status", "--json", status=code).stdout)
    assert (record["code"], record["verdict"]) == (code, verdict)
    assert bool(record["drift"]) == (drift in faults)
    assert bool(record["checksums"]) == (checksum in faults)
    assert (len(record["heads"]) > 1) == (heads in faults)
    assert bool(record["pending"]) == (pending in faults or heads in faults)


def test_it_ends_with_1_when_it_cannot_be_told(project):
    project.url = project.url.replace("/kula_", "/nowhere_")
    said = project.run("flask", "status", status=1).stderr
    assert said.startswith("Error: The database says: ")


def test_pending_revisions_come_with_their_risks(project):
    project.add_member()
    project.add("drop_names", up='op.drop_column("users", "username")', title="Forget the names.")
    record = json.loads(project.run("flask", "status", "--json", status=2).stdout)
    (only,) = record["pending"]
    assert (only["revision"], only["title"]) == ("drop_names", "Forget the names.")
    assert any(risk.startswith("LOSS drops the column users.username: 1 value") for risk in only["risks"])
    said = project.run("flask", "status", status=2).stdout
    assert "drop_names   Forget the names." in said
    assert "LOSS drops the column users.username: 1 value" in said


def test_the_last_backup_is_told_with_its_age_and_proof(project):
    assert json.loads(project.flask("status", "--json"))["last_backup"] is None
    assert "Backup     none: flask db backup\n" in project.flask("status")
    project.add_member()
    project.flask("backup")
    told = json.loads(project.flask("status", "--json"))["last_backup"]
    assert 0 <= told["age_seconds"] < 600
    assert (told["proven"], told["is_there"], told["reason"]) == (False, True, "by hand")
    assert "0 minutes ago, read back, not proven: " in project.flask("status")
    project.rows(
        "UPDATE operations.ledger SET detail = detail || jsonb_build_object('proof', 1) "
        "WHERE action = 'backup'"
    )
    assert "minutes ago, proven: " in project.flask("status")
    Path(told["path"]).unlink()
    assert "proven, and not there any more: " in project.flask("status")


def test_the_last_step_is_told_a_failed_one_too(project):
    record = json.loads(project.flask("status", "--json"))["last_step"]
    assert (record["action"], record["revision"], record["outcome"]) == ("upgrade", HEAD, "done")
    assert record["seconds"] >= 0
    project.add("fail", up='op.execute("SELECT 1/0")')
    project.flask("upgrade", "head", "--no-backup", status=1)
    said = project.run("flask", "status", status=2).stdout
    assert "Last step  failure of fail on " in said
    assert "division by zero" in said


def test_a_database_without_anything_is_told(tmp_path, make_database):
    project = make_project(tmp_path / "migrations", make_database("template0"))
    try:
        record = json.loads(project.run("flask", "status", "--json", status=2).stdout)
        assert (record["current"], record["last_step"], record["drift"]) == (None, None, None)
        assert "flask db drift --accept" in record["drift_unknown"]
        assert [each["revision"] for each in record["pending"]] == list(CHAIN)
        assert "Revision   base\n" in project.run("flask", "status", status=2).stdout
    finally:
        project.close()
