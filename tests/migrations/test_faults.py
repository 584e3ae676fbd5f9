"""Faults from outside while a migration is about to run or under way, and what only looks like one."""

import os
import re
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import suppress

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from marketplace.schema import backup_files, clients
from tests.support import older_postgresql, postgresql
from tests.support.migrations import Project, make_project, wait_until
from tests.support.operator import HEAD
from tests.support.postgresql import Server, connect
from tests.support.small_disk import run_there, small_disk

COLUMN = 'op.execute("ALTER TABLE users ADD COLUMN note text")'
HAS_COLUMN = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'users'::regclass AND attname = 'note'"
ASLEEP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"


def assert_unchanged(project: Project) -> None:
    """Nothing of the pending revision is there, nor is it in the ledger."""
    assert project.at() == HEAD
    assert project.one(HAS_COLUMN) == 0
    assert ("upgrade", "column") not in project.logged()


def test_full_disk_stops_an_upgrade_before_anything_has_changed(project, tmp_path):
    project.add_member()
    project.rows("CREATE TABLE noise AS SELECT sha256(n::text::bytea) FROM generate_series(1, 40000) n")
    project.add("column", up=COLUMN)
    words = ["db", "upgrade", "-d", str(project.folder), "head"]
    place = tmp_path / "small"
    with small_disk(place) as before:
        result = run_there(place, before, words, project.url)
        assert result.returncode == 1
        assert f"The backup does not fit into {place}: the disk is full." in result.stderr
        assert "Traceback" not in result.stderr
        assert list(place.iterdir()) == []
        assert_unchanged(project)
    assert "1 migration" in project.flask("upgrade", "head")


def test_empty_database_is_upgraded_with_a_full_disk(project, tmp_path):
    """The harmless twin: without rows there is nothing to save."""
    project.add("column", up=COLUMN)
    place = tmp_path / "small"
    with small_disk(place) as before:
        words = ["db", "upgrade", "-d", str(project.folder), "head"]
        result = run_there(place, before, words, project.url)
    assert "1 migration" in result.stdout, result.stderr


def test_older_pg_dump_alone_stops_an_upgrade(project, spelling, monkeypatch, tmp_path):
    project.add_member()
    project.add("column", up=COLUMN)
    for name in ("pg_dump", "pg_restore"):
        program = tmp_path / "programs" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) 14.1"\n')
        program.chmod(0o755)
    with monkeypatch.context() as patch:
        patch.setattr(clients, "_folders_of_the_wheel", lambda: iter(()))
        said = project.run(spelling, "upgrade", "head", status=1, PATH=str(tmp_path / "programs")).stderr
    assert "The server is PostgreSQL 18, and no pg_dump here can read it" in said
    assert "apt install postgresql-client-18" in said
    assert_unchanged(project)
    # The harmless twin: it is first on PATH, and passed over.
    path = f"{tmp_path / 'programs'}:{os.environ['PATH']}"
    assert "1 migration" in project.run(spelling, "upgrade", "head", PATH=path).stdout


def test_backup_that_was_moved_and_touched_is_the_same_backup(project, tmp_path):
    """The harmless twin of a damaged one: only its name, place, date and rights are others."""
    project.add_member()
    project.flask("backup")
    [stored] = backup_files.list_backups(tmp_path / "backups")
    moved = tmp_path / "elsewhere" / "before the party.dump"
    moved.parent.mkdir()
    shutil.copyfile(stored.path, moved)
    shutil.copyfile(backup_files.note_path(stored.path), backup_files.note_path(moved))
    moved.chmod(0o444)
    backup_files.remove(stored.path)
    project.rows("DELETE FROM users")
    project.run("flask", "restore", str(moved), "--yes", own_folder=False)
    assert project.one("SELECT username FROM users") == "mara"
    name = project.one("SELECT current_database()")
    for (kept,) in project.rows(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", f"{name}_before_restore_"
    ):
        project.run("flask", "discard", kept, "--yes", own_folder=False)


@pytest.mark.soak
def test_query_of_ten_seconds_is_given_way_to(project, spelling):
    """With the settings that operators have: the migration waits, and the site does not."""
    project.add("column", up=COLUMN)

    with connect(project.url) as reader, connect(project.url) as visitor:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM users")
        process = project.start(spelling, "upgrade", "head")
        said = process.stderr.readline()
        # From the moment at which the migration has given way, the lock is held for ten seconds more.
        slow = threading.Thread(target=lambda: reader.execute("SELECT pg_sleep(10)"))
        slow.start()
        # A visitor who queues behind the waiting migration is sent away by the server.
        visitor.execute("SET statement_timeout = '5s'")
        visits = 0
        while slow.is_alive():
            visitor.execute("SELECT count(*) FROM users")
            visits += 1
            slow.join(0.05)
        assert project.at() == HEAD
        reader.execute("COMMIT")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "column gives way to process " in said
    assert output.startswith(f"Upgraded {HEAD} → column: 1 migration, ")
    assert visits > 1


def test_lock_on_another_table_is_no_matter(project, spelling):
    """The harmless twin."""
    project.add("column", up=COLUMN)
    with connect(project.url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE listing_items IN EXCLUSIVE MODE")
        result = project.run(spelling, "upgrade", "head")
    assert "1 migration" in result.stdout
    assert result.stderr == ""


def test_table_that_stays_locked_ends_the_count_before_a_migration(project, spelling):
    project.add_member()
    project.add("column", up=COLUMN)
    with connect(project.url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE listing_items IN ACCESS EXCLUSIVE MODE")
        result = project.run(spelling, "upgrade", "head", status=1, MIGRATION_LOCK_PATIENCE_SECONDS="0.2")
    assert "another session keeps a table locked; nothing was changed" in result.stderr
    assert project.at() == HEAD


def dropping(project: Project) -> None:
    """Give a project a pending revision that drops a column in which one member has a value."""
    project.add("column", up=COLUMN)
    project.flask("upgrade", "head")
    project.rows("UPDATE users SET note = 'likes maps' WHERE id = %s", project.add_member())
    drop = 'op.execute("ALTER TABLE users DROP COLUMN note")'
    project.add("dropped", up=drop, down=COLUMN, parents="column")


NOTES = "SELECT username, note FROM users ORDER BY username"


def test_what_is_written_while_a_drop_waits_is_in_the_copy(project, spelling):
    dropping(project)
    with connect(project.url) as writer:
        writer.execute("BEGIN")
        writer.execute(
            "INSERT INTO users (username, email, password_hash, note)"
            " VALUES ('zoe', 'zoe@example.org', 'x', 'came late')"
        )
        process = project.start(spelling, "upgrade", "head", "--yes", "--no-backup")
        said = ""
        while "dropped gives way to process " not in said:
            said = process.stderr.readline()
        writer.execute("COMMIT")
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Kept in the attic: the column users.note (2 values)" in errors
    project.run(spelling, "downgrade", "-1", "--no-backup")
    assert project.rows(NOTES) == [("mara", "likes maps"), ("zoe", "came late")]


def test_copy_that_somebody_dropped_is_told_and_the_way_back_goes_on(project, spelling):
    dropping(project)
    project.run(spelling, "upgrade", "head", "--yes", "--no-backup")
    project.rows("DROP TABLE attic.dropped_up_users_note_1")
    said = project.run(spelling, "downgrade", "-1", "--no-backup").stderr
    assert "a copy is not there any more: somebody has dropped it" in said
    assert project.at() == "column"
    assert project.rows(NOTES) == [("mara", None)]
    # The harmless twin: there is no attic any more, and nothing to be told.
    project.run(spelling, "upgrade", "head", "--yes", "--no-backup")
    project.rows("DROP SCHEMA attic CASCADE")
    assert "attic" not in project.run(spelling, "downgrade", "-1", "--no-backup").stderr


def test_role_that_may_not_make_the_attic_drops_nothing(project, spelling):
    dropping(project)
    role = "kula_no_attic"
    url = make_url(project.url).set(username=role).render_as_string(hide_password=False)
    project.rows(
        f"CREATE ROLE {role} LOGIN; GRANT USAGE ON SCHEMA public, operations TO {role};"
        f" GRANT ALL ON ALL TABLES IN SCHEMA public, operations TO {role};"
        f" GRANT ALL ON ALL SEQUENCES IN SCHEMA public, operations TO {role};"
        f" ALTER TABLE users OWNER TO {role}"
    )
    weak = Project(project.folder, url, project.environment)
    try:
        said = weak.run(spelling, "upgrade", "head", "--yes", "--no-backup", status=1).stderr
        assert "The role may not make the schema `attic`, in which what is dropped is kept" in said
        assert project.at() == "column"
        assert project.rows(NOTES) == [("mara", "likes maps")]
        # The harmless twin: a column without values needs no attic.
        project.rows("UPDATE users SET note = NULL")
        weak.run(spelling, "upgrade", "head", "--yes", "--no-backup")
        assert project.at() == "dropped"
    finally:
        weak.close()
        project.rows(f"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.fixture(scope="module")
def fragile() -> Iterator[Server]:
    """A server of this module alone, which may be hurt."""
    with older_postgresql.older_server() as server:
        yield server


def crash(server: Server) -> None:
    """Kill one of the server's processes: it ends all others, and recovers from its log."""
    with suppress(psycopg2.Error), connect(server.url) as cursor:
        cursor.execute("SELECT pg_backend_pid(), pg_postmaster_start_time()")
        os.kill(cursor.fetchone()[0], signal.SIGKILL)
        cursor.execute("SELECT 1")


def recovered(server: Server) -> bool:
    """Whether the server answers."""
    try:
        with connect(server.url) as cursor:
            cursor.execute("SELECT 1")
    except psycopg2.OperationalError:
        return False
    return True


@pytest.mark.soak
@pytest.mark.parametrize("when", ["half way", "between two runs"])
def test_server_that_crashes(fragile, tmp_path, spelling, when):
    url = postgresql.create_database(fragile, "fragile", "template0")
    project = make_project(tmp_path / "migrations", url)
    project.flask("upgrade", "head")
    member = project.add_member()
    project.add("done", up='op.execute("CREATE TABLE done (id int)")')
    project.add("column", parents="done", up=f'{COLUMN}\nop.execute("SELECT pg_sleep(600)")')
    project.close()
    if when == "half way":
        process = project.start(spelling, "upgrade", "head")
        wait_until(lambda: project.one(ASLEEP), process)
    crash(fragile)
    wait_until(lambda: recovered(fragile))
    if when == "half way":
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 1, output
        # As long as the server recovers, nothing can be asked of it.
        assert re.search("The connection to the database was lost|The database cannot be used: ", errors), (
            errors
        )
        assert "Traceback" not in errors
        assert project.at() == "done"
        assert project.one(HAS_COLUMN) == 0
    else:
        # The harmless twin: nothing was under way.
        assert project.at() == HEAD
    project.edit("column", 'op.execute("SELECT pg_sleep(600)")', "pass")
    again = project.start(spelling, "upgrade", "head")
    output, errors = again.communicate(timeout=60)
    assert again.returncode == 0, errors
    assert project.at() == "column"
    assert project.one("SELECT id FROM users") == member
