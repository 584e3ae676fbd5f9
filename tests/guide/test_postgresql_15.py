"""The guide's commands on Debian's PostgreSQL 15, by the real programs."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import older_postgresql, postgresql, rows
from tests.support.catalogue import read_catalogue, table_names
from tests.support.migrations import Project, make_project
from tests.support.operator import CHAIN
from tests.support.postgresql import Server, connect, run_project_command

DEBIAN = Path("/usr/lib/postgresql/15/bin")

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        not (DEBIAN / "initdb").exists(), reason=f"Debian's postgresql-15 is not installed ({DEBIAN})."
    ),
]

Command = Callable[..., subprocess.CompletedProcess[str]]

BATCHES = """\
op.execute("CREATE TABLE batches (part int)")
with op.get_context().autocommit_block():
    op.create_index("ix_users_created_at", "users", ["created_at"], postgresql_concurrently=True)
    for part in range(3):
        op.execute("INSERT INTO batches VALUES (%d)" % part)
"""

AREAS = 'op.add_column("profiles", sa.Column("area", sa.Text(), server_default="", nullable=False))'


@pytest.fixture(scope="module")
def server_15() -> Iterator[Server]:
    """A server of that version."""
    with older_postgresql.older_server() as server:
        with connect(server.url) as cursor:
            cursor.execute("SHOW server_version_num")
            assert int(cursor.fetchone()[0]) // 10_000 == 15
        yield server


@pytest.fixture
def url(server_15: Server) -> Iterator[str]:
    """An empty database, dropped with what restores leave beside it."""
    yield postgresql.create_database(server_15, "guide", "template0")
    with connect(server_15.url) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'guide')")
        for (name,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def run(url: str, tmp_path: Path) -> Command:
    """Runs `flask db …` on the database."""

    def command(*words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return run_project_command(
            "flask", "db", *words, database_url=url, check=check, BACKUP_DIR=str(tmp_path / "backups")
        )

    return command


@pytest.fixture
def project(url: str, tmp_path: Path) -> Iterator[Project]:
    """A copy of the migrations, for the database."""
    made = make_project(tmp_path / "migrations", url)
    yield made
    made.close()


def test_the_chain_goes_up_down_and_up(url, run, project):
    for revision in CHAIN:
        project.flask("upgrade", "+1")
        assert project.at() == revision
    project.close()
    catalogue = read_catalogue(url)
    assert "Nothing is pending" in run("check").stdout
    rows.fill(url)
    run("downgrade", "base", "--yes")
    assert table_names(url) == set()
    assert f"{len(CHAIN)} migrations" in run("upgrade", "head").stdout
    assert read_catalogue(url) == catalogue
    run_project_command("alembic", "downgrade", "-1", database_url=url)
    run_project_command("alembic", "upgrade", "head", database_url=url)
    run_project_command("alembic", "check", database_url=url)


def test_backup_restore_verify_and_review(url, run):
    run("upgrade", "head")
    rows.fill(url)
    saved = rows.read_rows(url)
    backup = re.search(r"Backed up to (\S+\.dump):", run("backup").stdout)[1]
    assert "everything is in order" in run("verify").stdout
    review = run("review", "base", check=False)
    assert review.returncode == 1
    assert f"drops the table users: {len(saved['users'])} rows" in review.stdout

    run("downgrade", "base", "--yes")
    assert run("verify", check=False).returncode == 1
    run("restore", backup, "--yes")
    assert rows.read_rows(url) == saved
    assert "everything is in order" in run("verify").stdout
    assert "Nothing is pending" in run("check").stdout


def test_a_backup_is_proven_and_pending_revisions_are_rehearsed(url, run, server_15):
    run("upgrade", CHAIN[-4])
    rows.fill(url)
    saved = rows.read_rows(url)
    assert "Proven: restored, and " in run("backup", "--prove").stdout
    told = json.loads(run("rehearse", "--json").stdout)
    assert [each["revision"] for each in told["revisions"]] == list(CHAIN[-3:])
    assert told["dangers"] == 0
    assert all(each["again"]["statements"] for each in told["revisions"])
    assert rows.read_rows(url) == saved
    said = run("upgrade", "head").stderr
    assert said.count("  rehearsed on ") == said.count("  happened: ") == 3
    assert "(proven)" in run("downgrade", "base", "--yes").stderr
    with connect(server_15.url) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, 'guide_')")
        assert cursor.fetchall() == []


def test_the_attic_gives_back_what_a_backfill_and_a_drop_have_changed(project):
    project.flask("upgrade", "head")
    rows.fill(project.url)
    saved = rows.read_rows(project.url)
    project.add("louder", up='op.backfill("listings", set_="title = upper(title)", batch=2)')
    project.add("no_areas", up='op.drop_column("profiles", "area")', down=AREAS, parents="louder")
    assert "Kept in the attic: the column profiles.area" in project.flask("upgrade", "head", "--yes")
    assert project.rows("SELECT DISTINCT title = upper(title) FROM listings") == [(True,)]
    assert "profiles.area" in project.flask("attic")
    assert "Put back from the attic: the column profiles.area" in project.flask("downgrade", "-1", "--yes")
    assert rows.read_rows(project.url)["profiles"] == saved["profiles"]
    assert "The attic is empty." in project.flask("attic")


def test_status_drift_and_doctor_tell_what_was_done_by_hand(project):
    project.flask("upgrade", "head")
    assert "fine" in project.flask("status")
    project.flask("drift")
    healthy = json.loads(project.flask("doctor", "--json"))
    assert healthy["complaints"] == []
    project.rows("CREATE INDEX ix_by_hand ON listings (title)")
    project.rows("ALTER TABLE users ADD CONSTRAINT ck_by_hand CHECK (id > 0) NOT VALID")
    assert "ix_by_hand" in project.flask("drift", status=3)
    project.flask("status", status=3)
    ill = json.loads(project.flask("doctor", "--json", status=1))
    assert any("ck_by_hand" in json.dumps(each) for each in ill["complaints"])


def test_one_of_two_runners_applies(project):
    project.add("batches", up=BATCHES)
    processes = [project.start(spelling, "upgrade", "head") for spelling in ("flask", "alembic")]
    results = [(process.communicate(timeout=120), process.returncode) for process in processes]
    assert [status for _, status in results] == [0, 0], results
    lines = sorted(output for (output, _), _ in results)
    assert lines[0] == "Already at batches (head)\n", results
    assert lines[1].startswith(f"Upgraded base → batches: {len(CHAIN) + 1} migrations, "), results
    assert project.rows("SELECT part FROM batches ORDER BY part") == [(0,), (1,), (2,)]
    assert project.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
