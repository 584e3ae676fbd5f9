"""Every step is in the ledger; the ledger outlives the chain, and no other tool sees it."""

import getpass
import json
import socket

from tests.support.catalogue import table_names
from tests.support.operator import CHAIN, HEAD, numbered


def test_each_step_tells_all_that_is_known_of_it(new_project, spelling):
    new_project.run(spelling, "upgrade", "head")
    before = table_names(new_project.url)
    new_project.run(spelling, "downgrade", "-1")
    new_project.run(spelling, "stamp", "head")
    entries = json.loads(new_project.flask("log", "--json"))
    assert [(entry["action"], entry["revision"]) for entry in entries] == [
        *(("upgrade", revision) for revision in CHAIN),
        ("downgrade", HEAD),
        ("stamp", HEAD),
    ]
    assert [entry["previous"] for entry in entries] == [None, *CHAIN, CHAIN[-2]]
    for entry in entries:
        file = new_project.file(entry["revision"])
        assert entry["source"] == file.read_text()
        assert entry["file"] == file.name
        assert len(entry["raw_sha256"]) == len(entry["tree_sha256"]) == 64
        assert (entry["os_user"], entry["host"]) == (getpass.getuser(), socket.gethostname())
        assert (entry["role"], entry["app_version"], entry["outcome"]) == ("postgres", "0.1.0", "done")
        assert 0 <= entry["seconds"] < 60
    assert entries[0]["detail"] == {"counts_before": {}}
    assert entries[-2]["detail"]["counts_before"] == dict.fromkeys(before, 0)


def test_log_is_a_table_for_people(project):
    said = project.flask("log").splitlines()
    assert said[0].split() == ["WHEN", "WHAT", "REVISION", "FROM", "SECONDS", "WHO", "VERSION", "REMARK"]
    assert len(said) == 1 + len(CHAIN)
    assert f"{getpass.getuser()}@{socket.gethostname()} as postgres" in said[1]
    assert len(project.flask("log", "-n", "2").splitlines()) == 3


def test_log_of_a_new_database_says_so(new_project):
    assert new_project.flask("log") == (
        "Nothing was done to this database yet. Next: flask db upgrade head\n"
    )


def test_ledger_survives_base_and_is_seen_by_nobody(project, spelling):
    project.run(spelling, "downgrade", "base")
    assert len(project.logged()) == 2 * len(CHAIN)
    # What the guide lists, and nothing else, is in public; base leaves Alembic's own table.
    assert project.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'") == [
        ("alembic_version",)
    ]
    project.run(spelling, "upgrade", "head")
    assert not project.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename ~ 'ledger'")
    project.run(spelling, "check")
    said = project.run(spelling, "revision", "--autogenerate", "-m", "nothing").stdout
    assert said == "The models and the database agree: no revision was made.\n"
    assert not list(project.versions.glob(f"{numbered('')}*"))


def test_stamps_over_many_revisions_enter_each(new_project, spelling):
    new_project.run(spelling, "upgrade", "cf5a32f4e1d5")
    new_project.run(spelling, "stamp", "ecee305c0829")
    assert new_project.logged("stamp") == [("stamp", "50c3593832b4"), ("stamp", "ecee305c0829")]
    new_project.run(spelling, "stamp", "base")
    assert new_project.logged("stamp")[2:] == [
        ("stamp", revision) for revision in sorted(CHAIN[:3], key=CHAIN.index)
    ]
    details = new_project.rows(
        "SELECT detail ->> 'how' FROM operations.ledger WHERE action = 'stamp' ORDER BY id"
    )
    assert details == [("marked",)] * 2 + [("unmarked",)] * 3


def test_failed_step_is_entered_with_its_error(project, spelling):
    project.add("bad", up='op.execute("SELECT 1/0")')
    project.run(spelling, "upgrade", "head", status=1)
    row = project.rows(
        "SELECT action, outcome, revision, detail ->> 'sqlstate', detail ->> 'error'"
        " FROM operations.ledger ORDER BY id DESC LIMIT 1"
    )[0]
    assert row[:4] == ("failure", "failed", "bad", "22012")
    assert row[4].startswith("Upgrade of bad failed and was rolled back: division by zero")
    assert "division by zero" in project.flask("log")
