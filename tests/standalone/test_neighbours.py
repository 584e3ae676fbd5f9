"""Two applications on one server, each with a database: what is done to one is no matter of the other."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy.engine import make_url

from marketplace.schema import databases, lock, scratch
from tests.standalone.conftest import Library
from tests.support import postgresql
from tests.support.postgresql import connect

ROW = "INSERT INTO book (title) VALUES ('Emma')"


@pytest.fixture
def neighbours(make_library, server, worker_id_or_main, tmp_path) -> Iterator[list[Library]]:
    """Both at their first revision, with a row, and with one folder for backups.

    The name of one database is the beginning of the other's.
    """
    pair = []
    for name in ("near", "near_2"):
        url = postgresql.create_database(server, f"{worker_id_or_main}_{name}", "template0")
        library = make_library(name, url, BACKUP_DIR=str(tmp_path / "backups"))
        library.flask("init")
        library.flask("revision", "--autogenerate", "-m", f"tables of {name}")
        library.flask("upgrade")
        with connect(url) as cursor:
            cursor.execute(ROW)
        pair.append(library)
    yield pair
    for library in pair:
        postgresql.drop_database(server, database_of(library))


def database_of(library: Library) -> str:
    """The name of its database."""
    return str(make_url(library.url).database)


def test_a_run_of_one_holds_up_only_its_own(neighbours):
    near, other = neighbours
    with connect(near.url) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [lock.RUNNER])
        assert "Downgraded" in other.flask("downgrade", "base", "--yes")
        said = near.flask("downgrade", "base", "--yes", exits=1, MIGRATION_RUN_PATIENCE_SECONDS="0")
        assert "Another run has held this database" in said


def test_each_has_a_ledger_of_its_own(neighbours):
    for library, name in zip(neighbours, ("near", "near_2"), strict=True):
        entries = json.loads(library.flask("log", "--json"))
        assert [entry["revision"] for entry in entries] == [f"0001_tables_of_{name}"]


def test_a_restore_of_one_holds_up_only_its_own(neighbours, server):
    for library in neighbours:
        library.flask("backup")
    with connect(server.url) as cursor:
        held = [databases.LOCK % 2**31, database_of(neighbours[0])]
        cursor.execute("SELECT pg_advisory_lock(%s, hashtext(%s))", held)
        near, other = (newest_backup(library) for library in neighbours)
        assert "Restored" in neighbours[1].flask("restore", other, "--yes")
        assert "Another restore" in neighbours[0].flask("restore", near, "--yes", exits=1)
    kept = neighbours[1].flask("discard").split()[0]
    assert neighbours[0].flask("discard") == "No restore left a database.\n"
    assert "No restore of" in neighbours[0].flask("discard", kept, "--yes", exits=1)
    assert f"Dropped {kept}." in neighbours[1].flask("discard", kept, "--yes")


def test_the_retention_of_one_keeps_the_backups_of_the_other(neighbours):
    near, other = neighbours
    other.flask("backup")
    theirs = newest_backup(other)
    near.flask("backup")
    near.flask("backup", BACKUP_KEEP="1", BACKUP_KEEP_DAYS="0")
    listed = json.loads(near.flask("backups", "--json"))
    assert [each["database"] for each in listed] == [database_of(other), database_of(near)]
    assert newest_backup(other) == theirs


def test_a_backup_of_the_other_is_told_as_such(neighbours):
    near, other = neighbours
    other.flask("backup")
    said = near.flask("restore", newest_backup(other), exits=1)
    assert f"This backup is of {database_of(other)}, not of {database_of(near)}." in said


def test_a_database_left_by_a_killed_run_is_dropped_by_its_own_alone(neighbours, server):
    near, other = neighbours
    left = f"{database_of(other)}{scratch.SUFFIX}0123abcd"
    postgresql.create_database(server, left, "template0")
    near.flask("backup", "--prove")
    assert is_there(server, left)
    other.flask("backup", "--prove")
    assert not is_there(server, left)


def test_two_schemas_of_one_database_are_refused_before_anything_changes(neighbours):
    near, other = neighbours
    with connect(near.url) as cursor:
        cursor.execute("CREATE SCHEMA inner_one")
    said = other.flask(
        "upgrade",
        exits=1,
        LIBRARY_DATABASE=near.url.replace("postgresql:", "postgresql+psycopg2:"),
        PGOPTIONS="-c search_path=inner_one",
    )
    assert "0001_tables_of_near" in said
    with connect(near.url) as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'inner_one'")
        assert cursor.fetchone() == (0,)


def newest_backup(library: Library) -> str:
    """The path of the newest backup of its database."""
    listed = json.loads(library.flask("backups", "--json"))
    return str([each["path"] for each in listed if each["database"] == database_of(library)][-1])


def is_there(server: postgresql.Server, database: str) -> bool:
    """Whether the server has this database."""
    with connect(server.url) as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
        return cursor.fetchone() is not None
