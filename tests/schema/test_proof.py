"""`flask db backup --prove`: restored, compared with the instant of the dump, and nothing left behind."""

import json
import os
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from marketplace.extensions import db
from marketplace.schema import backup_files, clients, ledger
from marketplace.schema.backup import make_backup
from marketplace.schema.contents import one_instant, read_contents
from marketplace.schema.errors import BackupFailed
from marketplace.schema.proof import read_schema
from marketplace.schema.scratch import LOCK, SUFFIX, scratch_database
from tests.schema.conftest import fill
from tests.schema.test_backup import files
from tests.support.killed import run_killed
from tests.support.migrations import wait_until
from tests.support.postgresql import Server, connect, drop_database, run_project_command
from tests.support.rows import fill as fill_all

WRITERS, WRITES = 3, 40
# So many are taken from the whole length of a file in the quick run.
FEW_OFFSETS = 6


def scratches(server: Server, database: str) -> list[str]:
    """The databases for a while that are beside one."""
    with connect(server.url) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [database + SUFFIX])
        return [name for (name,) in cursor.fetchall()]


def prove(**options) -> object:
    return make_backup(db.engine, reason="a test", proven=True, **options)


def test_the_proof_holds_all_tables_and_sequences_and_lies_beside_the_file_and_in_the_ledger(
    site, server, url
):
    made = prove()

    with one_instant(db.engine) as connection:
        everything = read_contents(connection, everything=True)
    note = json.loads(backup_files.note_path(made.path).read_text())
    # The ledger has one row more by now: that of this backup.
    grown = {"operations.ledger"}
    assert set(note["proof"]["tables"]) == set(everything) >= {"alembic_version", *grown, "users"}
    for table in set(everything) - grown:
        assert note["proof"]["tables"][table]["hash"] == everything[table].hash
    assert note["proof"]["sequences"]["users_id_seq"] == [2, True]
    entry = ledger.entries(db.engine)[-1]
    assert entry.detail["proof"] == note["proof"]
    assert backup_files.read_note(made.path).proof.schema_sha256 == note["proof"]["schema_sha256"]
    assert scratches(server, db.engine.url.database) == []


@pytest.fixture
def busy_site(site: Flask, url: str) -> str:
    """The URL of a site that has a table for what is written meanwhile."""
    with connect(url) as cursor:
        cursor.execute(
            "CREATE TABLE visits (id bigserial PRIMARY KEY, page int UNIQUE, at timestamptz DEFAULT now(),"
            " share double precision DEFAULT random(), digest bytea, kind regclass DEFAULT 'users')"
        )
    return url


@contextmanager
def writers(url: str) -> Iterator[Callable[[], None]]:
    """Yield what has each of some threads write so often, and waits for it; one round for each call."""
    begin = threading.Barrier(WRITERS + 1)
    end = threading.Barrier(WRITERS + 1)
    over = threading.Event()
    failures: list[BaseException] = []

    def write(number: int) -> None:
        with connect(url) as cursor:
            while True:
                begin.wait(60)
                if over.is_set():
                    return
                try:
                    for _ in range(WRITES):
                        cursor.execute("INSERT INTO visits (digest) VALUES (sha256(random()::text::bytea))")
                        cursor.execute("UPDATE users SET password_hash = md5(random()::text)")
                        cursor.execute("DELETE FROM visits WHERE id % 5 = 0")
                except BaseException as error:
                    failures.append(error)
                end.wait(60)

    threads = [threading.Thread(target=write, args=[number], daemon=True) for number in range(WRITERS)]
    for thread in threads:
        thread.start()

    def write_once() -> None:
        begin.wait(60)
        end.wait(60)

    yield write_once
    over.set()
    begin.wait(60)
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_it_is_exact_while_the_site_is_written_to(busy_site):
    """At each stage of the backup a fixed number of writes comes in; the copy is of the instant before."""
    with one_instant(db.engine) as connection:
        before = read_contents(connection)
    stages = set()
    with writers(busy_site) as write:

        def meanwhile(stage: str, _share: float | None) -> None:
            kind = stage.partition(":")[0]
            if kind not in stages:
                stages.add(kind)
                write()

        made = prove(progress=meanwhile)

    assert len(stages) >= 5, stages
    assert made.contents == before
    with connect(busy_site) as cursor:
        cursor.execute("SELECT count(*) FROM visits")
        assert cursor.fetchone()[0] > 0
    assert made.proof.tables["users"] == before["users"]


def test_it_is_exact_while_the_site_is_written_to_all_the_time(busy_site):
    """Writers that never pause: sequences move while they are dumped, and rows all the time."""
    done = threading.Event()
    written = []

    def write() -> None:
        with connect(busy_site) as cursor:
            while not done.is_set() or len(written) < WRITES:
                cursor.execute("INSERT INTO visits (digest) VALUES (sha256(random()::text::bytea))")
                cursor.execute("UPDATE visits SET page = id WHERE id % 7 = 0 AND page IS NULL")
                written.append(1)

    threads = [threading.Thread(target=write, daemon=True) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        made = [prove() for _ in range(2)]
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert all(each.proof for each in made)
    assert made[1].proof.tables["visits"].rows > made[0].proof.tables["visits"].rows


def test_the_same_rows_have_the_same_hash_whatever_the_session_s_settings(busy_site):
    with connect(busy_site) as cursor:
        cursor.execute("INSERT INTO visits (digest) VALUES ('abc'), (NULL)")
        cursor.execute("SELECT current_database()")
        database = cursor.fetchone()[0]
        with one_instant(db.engine) as connection:
            before = read_contents(connection, everything=True)
        for setting in (
            "DateStyle = 'German'",
            "TimeZone = 'Asia/Tokyo'",
            "extra_float_digits = -15",
            "bytea_output = 'escape'",
            "search_path = operations, pg_catalog",
            "IntervalStyle = 'sql_standard'",
        ):
            cursor.execute(f'ALTER DATABASE "{database}" SET {setting}')
    db.engine.dispose()
    with one_instant(db.engine) as connection:
        connection.exec_driver_sql("SHOW TimeZone")
        assert read_contents(connection, everything=True) == before


# What spoils the copy is caught, and the copy does not count.


@pytest.mark.parametrize(
    ("spoiling", "what"),
    [
        ("UPDATE listings SET title = title || ' ' WHERE id = 1", "listings"),
        ("DELETE FROM listing_items WHERE id = 1", "listing_items"),
        ("INSERT INTO operations.ledger (action, outcome, seconds, os_user, host)"
         " VALUES ('x', 'x', 0, 'x', 'x')", "operations.ledger"),
        ("UPDATE alembic_version SET version_num = 'x'", "alembic_version"),
        ("SELECT setval('listings_id_seq', 1)", "listings_id_seq"),
        ("CREATE TABLE one_more ()", "one_more"),
    ],
)  # fmt: skip
def test_a_copy_that_differs_by_one_row_or_number_is_caught(site, server, backups, spoiling, what):
    def spoil(stage: str, _share: float | None) -> None:
        # It has been restored by then, and was not looked at yet.
        if stage == "Counting for the planner":
            [scratch] = scratches(server, db.engine.url.database)
            with connect(server.url_of(scratch)) as cursor:
                cursor.execute(spoiling)

    with pytest.raises(BackupFailed, match=rf"but (\w.*, )?{what}(, .*)? did not come back as dumped"):
        prove(progress=spoil)
    assert files(backups) == []
    assert scratches(server, db.engine.url.database) == []


def offsets(size: int, count: int) -> list[int]:
    """Places in a file, from its first byte to its last."""
    return [round(index * (size - 1) / (count - 1)) for index in range(count)]


def flip(file: Path, offset: int) -> None:
    """Change one bit of a file."""
    content = bytearray(file.read_bytes())
    content[offset] ^= 1 << offset % 8
    file.write_bytes(content)


@pytest.mark.parametrize("count", [FEW_OFFSETS, pytest.param(60, marks=pytest.mark.soak)])
def test_a_byte_that_flips_on_the_disk_is_caught_wherever_it_is(site, url, server, backups, count):
    """Between the end of pg_dump and the proof; all of them, for a hash is taken as soon as it has ended."""
    fill_all(url)
    size = make_backup(db.engine, reason="a whole one").size
    before = files(backups)
    for offset in offsets(size, count):
        flipped = []

        def harm(stage: str, _share: float | None, offset: int = offset, flipped: list = flipped) -> None:
            if stage.startswith("Counting and hashing") and not flipped:
                [partial] = backups.glob(f".*{backup_files.PARTIAL}")
                flip(partial, min(offset, partial.stat().st_size - 1))
                flipped.append(offset)

        with pytest.raises(BackupFailed):
            prove(progress=harm)
        assert flipped == [offset]
        assert files(backups) == before
    assert scratches(server, db.engine.url.database) == []


FLIPPING = """#!{python}
import os, pathlib, subprocess, sys
sys.exit(0) if "--version" in sys.argv and print("{name} (PostgreSQL) {major}.0") is None else None
ended = subprocess.run(["{real}", *sys.argv[1:]]).returncode
for word in sys.argv:
    if word.startswith("--file=") and "--format=custom" in sys.argv:
        path = pathlib.Path(word.removeprefix("--file="))
        content = bytearray(path.read_bytes())
        offset = int(os.environ["FLIPPED_OFFSET"])
        content[offset % len(content)] ^= 1 << offset % 8
        path.write_bytes(content)
sys.exit(ended)
"""


ROWS_THAT_DO_NOT_PACK = """
CREATE TABLE noise AS SELECT sha256(number::text::bytea) AS hash FROM generate_series(1, 20000) AS number
"""


@pytest.mark.parametrize("count", [FEW_OFFSETS, pytest.param(150, marks=pytest.mark.soak)])
def test_a_byte_that_pg_dump_itself_wrote_wrongly_is_caught_or_of_no_account(
    site, url, server, backups, monkeypatch, tmp_path, count
):
    """No hash can know of it. What is let pass says the same to pg_restore as the right one, to the word."""
    fill_all(url)
    with connect(url) as cursor:
        cursor.execute(ROWS_THAT_DO_NOT_PACK)
    right = make_backup(db.engine, reason="a whole one")
    programs = clients.find_clients(clients.server_major(db.engine))
    wanted = read_schema(programs, right.path)
    shims = tmp_path / "shims"
    shims.mkdir()
    for name in ("pg_dump", "pg_restore"):
        words = {"python": sys.executable, "name": name, "major": programs.major}
        (shims / name).write_text(FLIPPING.format(real=programs.program(name), **words))
        (shims / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{shims}:{os.environ['PATH']}")
    caught = 0
    for offset in offsets(right.size, count):
        monkeypatch.setenv("FLIPPED_OFFSET", str(offset))
        try:
            made = prove()
        except BackupFailed:
            caught += 1
        else:
            assert made.contents == right.contents, offset
            assert read_schema(programs, made.path) == wanted, offset
            backup_files.remove(made.path)
    # Most of a dump are rows and statements, of which each byte counts.
    assert caught > count / 2
    assert scratches(server, db.engine.url.database) == []


# Nothing is left behind.

STEPS = [
    ("after", "marketplace.schema.databases:create_like"),
    ("after", "marketplace.schema.scratch:fill"),
    ("before", "marketplace.schema.databases:drop"),
]


@pytest.mark.parametrize(("when", "where"), STEPS)
def test_the_scratch_database_of_a_killed_run_goes_with_the_next_backup(
    site, server, url, backups, when, where
):
    database = db.engine.url.database
    run_killed(when, where, "db", "backup", "--prove", database_url=url, BACKUP_DIR=str(backups))
    assert len(scratches(server, database)) == 1
    wait_until(lambda: nobody_holds_a_lock(server))
    make_backup(db.engine, reason="the next run")
    assert scratches(server, database) == []


def nobody_holds_a_lock(server: Server) -> bool:
    """Whether the server has noticed the end of the killed run: with it, its locks are gone."""
    with connect(server.url) as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [LOCK])
        return cursor.fetchone()[0] == 0


def test_the_scratch_database_of_a_run_at_work_is_left_alone(site, server):
    database = db.engine.url.database
    with scratch_database(db.engine.url) as scratch:
        made = prove()
        assert scratches(server, database) == [scratch.url.database]
    assert made.proof
    assert scratches(server, database) == []


def test_other_databases_with_such_a_name_are_left_alone(site, server):
    database = db.engine.url.database
    others = [f"{database}{SUFFIX}of_mara", f"{database}{SUFFIX}0123abcd_x"]
    with connect(server.url) as cursor:
        for name in others:
            cursor.execute(f'CREATE DATABASE "{name}"')
        try:
            prove()
            assert sorted(scratches(server, database)) == sorted(others)
        finally:
            for name in others:
                cursor.execute(f'DROP DATABASE "{name}"')


@pytest.fixture
def plain_role(server: Server, worker_id_or_main: str) -> Iterator[str]:
    """The URL of a migrated database with rows, whose owner may not create databases."""
    name = f"kula_{worker_id_or_main}_bound"
    with connect(server.url) as cursor:
        cursor.execute(f"CREATE ROLE {name} LOGIN")
        cursor.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0")
    url = make_url(server.url_of(name)).set(username=name, password=None).render_as_string()
    run_project_command("flask", "db", "upgrade", "head", database_url=url)
    with connect(url) as cursor:
        cursor.execute("INSERT INTO users (username, email, password_hash) VALUES ('ama', 'a@a.org', 'x')")
    yield url
    drop_database(server, name)
    with connect(server.url) as cursor:
        cursor.execute(f"DROP ROLE {name}")


def test_a_role_that_may_not_create_databases_is_told_so(plain_role, server, backups):
    name = make_url(plain_role).database

    def run(*words: str, check: bool = False):
        return run_project_command(
            "flask", "db", *words, database_url=plain_role, check=check, BACKUP_DIR=str(backups)
        )

    run("backup", check=True)
    [plain] = files(backups)[:1]
    for words in (("backup", "--prove"), ("downgrade", "base", "--yes")):
        result = run(*words)
        assert result.returncode == 1
        assert result.stdout == ""
        assert result.stderr == (
            "Error: No backup was made, because it could not be proven, and nothing was changed. "
            f"The role {name} may not create databases, and a copy of {name} needs one for a while.\n"
            f'Next: psql postgres -c "ALTER ROLE {name} CREATEDB" as an administrator, then this again\n'
        )
        assert files(backups) == [plain, f"{plain}.json"]
    with connect(server.url) as cursor:
        cursor.execute(f"ALTER ROLE {name} CREATEDB")
    assert "Proven: restored, and " in run("backup", "--prove", check=True).stdout
    assert "(proven)" in run("downgrade", "base", "--yes", check=True).stderr


# The commands.


def test_the_command_says_what_was_proven_and_the_list_which_backups_are(site, url, backups):
    def run(*words: str, check: bool = True, **environment: str):
        return run_project_command(
            "flask", "db", *words, database_url=url, check=check, BACKUP_DIR=str(backups), **environment
        )

    run("backup")
    said = run("backup", "--prove").stdout
    assert re.search(
        r"\nProven: restored, and \d+ tables, \d+ sequences and the schema are what they were, [\d.]+ s\.\n$",
        said,
    )
    assert [each["proof"] is not None for each in json.loads(run("backups", "--json").stdout)] == [
        False,
        True,
    ]
    refused = run("backup", "--prove", check=False, BACKUP_COMMAND="true")
    assert refused.returncode == 1
    assert "BACKUP_COMMAND makes the backups of this site, so that only it can prove them" in refused.stderr


def test_a_migration_that_loses_rows_has_its_backup_proven(site, url, backups):
    def run(*words: str):
        return run_project_command("flask", "db", *words, database_url=url, BACKUP_DIR=str(backups)).stderr

    assert "(proven)" in run("downgrade", "base", "--yes")
    assert [each.note.proof is not None for each in backup_files.list_backups(backups)] == [True]


@pytest.mark.soak
def test_an_older_server_s_backup_is_proven(open_app, old_url, old_server):
    fill(open_app(old_url))
    assert clients.server_major(db.engine) < 18
    assert prove().proof.tables["users"].rows == 2
    assert scratches(old_server, db.engine.url.database) == []
