"""`flask db restore`: the rows come back exactly, and nothing that goes wrong on the way touches the site."""

import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from marketplace.extensions import db
from marketplace.schema import backup_files, databases, ledger
from marketplace.schema import restore as restoring
from marketplace.schema.backup import make_backup
from marketplace.schema.contents import one_instant, read_contents
from marketplace.schema.errors import RestoreFailed
from marketplace.schema.state import read_state
from tests.schema.conftest import fill
from tests.schema.test_backup import spoil
from tests.support.killed import run_killed
from tests.support.operator import HEAD
from tests.support.postgresql import ROOT, connect, drop_database, run_project_command

CHANGES = (
    "INSERT INTO categories (name, slug, level) VALUES ('New', 'new', 1), ('Newer', 'newer', 1)",
    "UPDATE listings SET title = 'Changed' WHERE id = (SELECT min(id) FROM listings)",
    "DELETE FROM listing_items WHERE exchange_type = 'temporary'",
)


def contents_of(engine) -> dict:
    """All rows of a database, as numbers and hashes."""
    with one_instant(engine) as connection:
        return read_contents(connection)


def change(url: str) -> None:
    """Write something to the site."""
    with connect(url) as cursor:
        for statement in CHANGES:
            cursor.execute(statement)


def flask(url: str, backups: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    """Run `flask …` on the site."""
    return run_project_command("flask", *arguments, database_url=url, BACKUP_DIR=str(backups), check=check)


@pytest.fixture(autouse=True)
def tidy(request, server):
    """Drop what restores leave."""
    yield
    with connect(server.url) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '_(restoring|before_restore)_'")
        for (name,) in cursor.fetchall():
            if worker_of(name) == request.getfixturevalue("worker_id_or_main"):
                cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def worker_of(database: str) -> str:
    """The process of the run whose database it is."""
    return database.split("_")[1]


def others(server, url: str, kind: str) -> list[str]:
    """The databases of one kind that restores left beside a database."""
    with connect(server.url) as cursor:
        name = make_url(url).database
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{name}_{kind}_"])
        return [row[0] for row in cursor.fetchall()]


def test_the_rows_come_back_and_the_former_database_is_kept(site, url, server, backups):
    before = contents_of(db.engine)
    made = make_backup(db.engine, reason="a test")
    change(url)
    changed = contents_of(db.engine)
    db.session.remove()
    db.engine.dispose()

    result = flask(url, backups, "db", "restore", made.path.name, "--yes")

    assert contents_of(db.engine) == before
    kept = others(server, url, "before_restore")
    assert contents_of(databases.beside(db.engine.url, kept[0])) == changed
    assert others(server, url, "restoring") == []
    assert f"Restored {db.engine.url.database} from {made.path.name}: revision {HEAD}" in result.stdout
    assert "new rows  changed  deleted, will be back" in result.stdout
    told = [line.split() for line in result.stdout.splitlines()]
    for line in ("categories 2 0 0", "listing_items 0 0 1", "listings 0 1 0"):
        assert line.split() in told
    entry = ledger.entries(db.engine)[-1]
    assert (entry.action, entry.revision, entry.detail["kept"]) == ("restore", HEAD, kept[0])
    assert entry.detail["written_since"]["categories"] == [2, 0, 0]
    # What was recorded after the backup is known in the restored database, too.
    assert "backup" in [each.action for each in ledger.entries(db.engine)]

    assert kept[0] in flask(url, backups, "db", "discard").stdout
    assert flask(url, backups, "db", "discard", kept[0], "--yes").stdout == f"Dropped {kept[0]}.\n"
    assert others(server, url, "before_restore") == []


def test_the_audit_log_comes_back_and_still_cannot_be_changed(site, url, server, backups):
    entry = "INSERT INTO audit_log (action, object_kind, object_id, reason) VALUES ('hide', 'listing', 1, %s)"
    with connect(url) as cursor:
        cursor.execute(entry, ["before"])
    before = contents_of(db.engine)
    made = make_backup(db.engine, reason="a test")
    with connect(url) as cursor:
        cursor.execute(entry, ["after"])
    db.session.remove()
    db.engine.dispose()

    flask(url, backups, "db", "restore", made.path.name, "--yes")

    assert contents_of(db.engine) == before
    with connect(url) as cursor:
        with pytest.raises(psycopg2.Error, match="only added to"):
            cursor.execute("DELETE FROM audit_log")
        cursor.execute("SELECT reason FROM audit_log")
        assert cursor.fetchall() == [("before",)]


def test_an_older_server_is_restored_too(open_app, old_url, old_server, backups):
    fill(open_app(old_url))
    before = contents_of(db.engine)
    made = make_backup(db.engine, reason="a test")
    change(old_url)
    db.session.remove()
    db.engine.dispose()
    flask(old_url, backups, "db", "restore", str(made.path), "--yes")
    assert contents_of(db.engine) == before
    for name in others(old_server, old_url, "before_restore"):
        restoring.discard(db.engine.url, name)


def test_a_database_that_is_gone_is_made_again(site, url, server, backups):
    before = contents_of(db.engine)
    made = make_backup(db.engine, reason="a test")
    db.session.remove()
    db.engine.dispose()
    with connect(server.url) as cursor:
        cursor.execute(f'DROP DATABASE "{db.engine.url.database}"')
    flask(url, backups, "db", "restore", str(made.path), "--yes")
    assert contents_of(db.engine) == before


def test_nobody_asked_nothing_done(site, url, server, backups):
    made = make_backup(db.engine, reason="a test")
    change(url)
    changed = contents_of(db.engine)
    result = flask(url, backups, "db", "restore", str(made.path), check=False)
    assert result.returncode == 1
    assert "--yes" in result.stderr
    assert contents_of(db.engine) == changed
    assert others(server, url, "restoring") == others(server, url, "before_restore") == []


@pytest.mark.parametrize("right", [True, False])
def test_the_database_s_name_must_be_typed(site, url, server, backups, right):
    before = contents_of(db.engine)
    made = make_backup(db.engine, reason="a test")
    change(url)
    changed = contents_of(db.engine)
    name = db.engine.url.database
    terminal, end = pty.openpty()
    os.write(terminal, (name if right else "yes").encode() + b"\n")
    result = subprocess.run(
        [sys.executable, "-m", "flask", "db", "restore", str(made.path)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": "tests", "BACKUP_DIR": str(backups)},
        stdin=end,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(terminal)
    os.close(end)
    assert f"Type {name} to go on" in result.stdout
    assert result.returncode == (0 if right else 1)
    assert contents_of(db.engine) == (before if right else changed)


@pytest.mark.parametrize("harm", ["truncate", "flip"])
@pytest.mark.parametrize("note", [True, False], ids=["noted", "without its note"])
def test_a_damaged_file_is_refused_before_anything_is_made(site, url, server, backups, harm, note):
    with connect(url) as cursor:
        cursor.execute("CREATE TABLE noise AS SELECT sha256(n::text::bytea) FROM generate_series(1, 20000) n")
    made = make_backup(db.engine, reason="a test")
    spoil(made.path, harm)
    if not note:
        backup_files.note_path(made.path).unlink()
    result = flask(url, backups, "db", "restore", str(made.path), "--yes", check=False)
    assert result.returncode == 1
    assert ("it is damaged" if note else "cannot be read to its end") in result.stderr
    assert "Traceback" not in result.stderr
    assert others(server, url, "restoring") == []


def test_a_dump_without_its_note_is_restored(site, url, backups):
    before = contents_of(db.engine)
    made = make_backup(db.engine, reason="a test")
    backup_files.note_path(made.path).unlink()
    change(url)
    db.session.remove()
    db.engine.dispose()
    flask(url, backups, "db", "restore", str(made.path), "--yes")
    assert contents_of(db.engine) == before


def test_a_file_that_is_not_there_is_said(site, url, backups):
    result = flask(url, backups, "db", "restore", "no-such.dump", "--yes", check=False)
    assert result.returncode == 1
    assert "Error: There is no backup no-such.dump." in result.stderr


def test_rows_that_are_not_those_of_the_dump_are_never_put_in_use(site, url, server, monkeypatch):
    made = make_backup(db.engine, reason="a test")
    original = restoring.fill

    def fill_wrongly(new, *others):
        original(new, *others)
        with new.begin() as connection:
            connection.exec_driver_sql("UPDATE listings SET title = 'Something else'")

    monkeypatch.setattr(restoring, "fill", fill_wrongly)
    with pytest.raises(RestoreFailed, match=r"listings.* did not hold what it held"):
        restoring.prepare(db.engine, made.path, lambda *_: None)
    assert others(server, url, "restoring") == []


# The last step before the exchange and the first one after it; all others are taken by
# tests/migrations/test_killed_at_every_step.py.
STEPS = [
    ("before", "marketplace.schema.databases:_rename", False),
    ("after", "marketplace.schema.databases:exchange", True),
]


@pytest.mark.parametrize(("when", "where", "new"), STEPS)
def test_killed_at_a_step_it_leaves_the_old_or_the_new_and_goes_on(
    site, url, server, backups, when, where, new
):
    before = contents_of(db.engine)
    made = make_backup(db.engine, reason="a test")
    change(url)
    changed = contents_of(db.engine)
    db.session.remove()
    db.engine.dispose()

    arguments = ("db", "restore", str(made.path), "--yes")
    run_killed(when, where, *arguments, database_url=url, BACKUP_DIR=str(backups))
    db.engine.dispose()
    assert contents_of(db.engine) == (before if new else changed)
    assert len(others(server, url, "before_restore")) == new

    flask(url, backups, *arguments)
    db.engine.dispose()
    assert contents_of(db.engine) == before
    assert others(server, url, "restoring") == []
    kept = [
        contents_of(databases.beside(db.engine.url, name)) for name in others(server, url, "before_restore")
    ]
    assert changed in kept
    restores = [entry for entry in ledger.entries(db.engine) if entry.action == "restore"]
    assert len(restores) == 1 + new


def test_a_killed_run_that_had_proven_its_copy_does_not_make_it_again(site, url, backups):
    made = make_backup(db.engine, reason="a test")
    run_killed(
        "before",
        "marketplace.schema.restore:carry_over",
        *("db", "restore", str(made.path), "--yes"),
        database_url=url,
        BACKUP_DIR=str(backups),
    )
    told: list[str] = []
    prepared = restoring.prepare(db.engine, made.path, lambda stage, _share: told.append(stage))
    assert not [stage for stage in told if stage.startswith(("Making", "Restoring", "Proving"))]
    restoring.give_up(db.engine.url, prepared)


def test_a_site_that_is_being_used_is_exchanged_all_the_same(site, url, backups):
    """Somebody connects again and again, and whoever is connected reads one whole state or the other."""
    made = make_backup(db.engine, reason="a test")
    change(url)
    done = threading.Event()
    seen: set[int] = set()
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)

    def visit() -> None:
        while not done.is_set():
            try:
                connection = psycopg2.connect(plain)
                with connection, connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM categories")
                    seen.add(cursor.fetchone()[0])
            except psycopg2.Error:
                continue

    visitors = [threading.Thread(target=visit) for _ in range(4)]
    for visitor in visitors:
        visitor.start()
    try:
        flask(url, backups, "db", "restore", str(made.path), "--yes")
    finally:
        done.set()
        for visitor in visitors:
            visitor.join()
    assert seen <= {2, 4}


def test_rights_and_settings_of_the_database_stay(site, url, server, backups):
    name = db.engine.url.database
    role = f"{name}_reader"
    with connect(server.url) as cursor:
        cursor.execute(f'CREATE ROLE "{role}"')
        cursor.execute(f"ALTER DATABASE {name} SET search_path TO public, operations")
        cursor.execute(f"ALTER DATABASE {name} SET statement_timeout TO '61s'")
        cursor.execute(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        cursor.execute(f'GRANT CONNECT, CREATE ON DATABASE {name} TO "{role}"')
        cursor.execute(f"COMMENT ON DATABASE {name} IS 'It''s ours'")
    query = (
        "SELECT setconfig, datacl::text, shobj_description(oid, 'pg_database'), datdba, encoding, datcollate,"
        " datlocprovider, datlocale FROM pg_database LEFT JOIN pg_db_role_setting ON setdatabase = oid"
        " WHERE datname = %s"
    )
    try:
        made = make_backup(db.engine, reason="a test")
        with connect(server.url) as cursor:
            cursor.execute(query, [name])
            before = cursor.fetchone()
        flask(url, backups, "db", "restore", str(made.path), "--yes")
        with connect(server.url) as cursor:
            cursor.execute(query, [name])
            after = cursor.fetchone()
        assert sorted(after[1].strip("{}").split(",")) == sorted(before[1].strip("{}").split(","))
        assert (after[0], *after[2:]) == (before[0], *before[2:])
    finally:
        with connect(server.url) as cursor:
            for database in (*others(server, url, "before_restore"), name):
                cursor.execute(f'REVOKE ALL ON DATABASE "{database}" FROM "{role}"')
            cursor.execute(f'DROP ROLE "{role}"')


def test_a_role_that_may_only_make_databases_restores(server, backups, worker_id_or_main):
    name = f"kula_{worker_id_or_main}_plain"
    with connect(server.url) as cursor:
        cursor.execute(f"CREATE ROLE {name} LOGIN CREATEDB")
        cursor.execute(f"CREATE DATABASE {name} OWNER {name} TEMPLATE template0")
    url = make_url(server.url_of(name)).set(username=name, password=None).render_as_string()
    try:
        flask(url, backups, "db", "upgrade", "head")
        flask(url, backups, "db", "backup")
        [file] = backups.glob("*.dump")
        said = flask(url, backups, "db", "restore", str(file), "--yes").stdout
        assert f"Restored {name} from " in said
        assert len(others(server, url, "before_restore")) == 1
    finally:
        for database in (*others(server, url, "before_restore"), name):
            drop_database(server, database)
        with connect(server.url) as cursor:
            cursor.execute(f"DROP ROLE {name}")


def test_a_restore_that_breaks_off_leaves_the_site_as_it_is(site, url, server, backups):
    """The backup needs a role that this server does not have."""
    role = f"{db.engine.url.database}_gone"
    with connect(url) as cursor:
        cursor.execute(f'CREATE ROLE "{role}"')
        cursor.execute(f'GRANT SELECT ON users TO "{role}"')
    made = make_backup(db.engine, reason="a test")
    with connect(url) as cursor:
        cursor.execute(f'DROP OWNED BY "{role}"; DROP ROLE "{role}"')
    change(url)
    changed = contents_of(db.engine)
    result = flask(url, backups, "db", "restore", str(made.path), "--yes", check=False)
    assert result.returncode == 1
    assert f'role "{role}" does not exist' in result.stderr
    assert "The database in use is as it was." in result.stderr
    assert "Traceback" not in result.stderr
    assert contents_of(db.engine) == changed
    assert others(server, url, "restoring") == others(server, url, "before_restore") == []


def test_a_closed_site_stays_closed(site, url, backups):
    made = make_backup(db.engine, reason="a test")
    flask(url, backups, "maintenance", "on", "--message", "We put a backup back.")
    db.session.remove()
    db.engine.dispose()
    flask(url, backups, "db", "restore", str(made.path), "--yes")
    assert flask(url, backups, "maintenance").stdout == "Maintenance is on: We put a backup back.\n"


def test_two_restores_at_once_do_not_meet(site, url, backups):
    made = make_backup(db.engine, reason="a test")
    with (
        databases.maintenance(db.engine.url) as admin,
        databases.only_restore(admin, db.engine.url.database),
        pytest.raises(RestoreFailed, match=r"Another restore of \w+ is running"),
    ):
        restoring.prepare(db.engine, made.path, lambda *_: None)


def test_the_ledger_tells_what_is_applied_after_the_restore(site, url, backups):
    """A backup from before a downgrade brings the revisions back, and the ledger says so."""
    flask(url, backups, "db", "stamp", "head")
    made = make_backup(db.engine, reason="a test")
    flask(url, backups, "db", "downgrade", "50c3593832b4", "--yes", "--no-backup")
    assert "ecee305c0829" not in read_state(db.engine).applied
    db.session.remove()
    db.engine.dispose()
    flask(url, backups, "db", "restore", str(made.path), "--yes")
    state = read_state(db.engine)
    assert state.heads == (HEAD,)
    assert set(state.applied) >= {"ecee305c0829", "001_add_exchange_types", HEAD}

    older = make_backup(db.engine, reason="a test").path
    flask(url, backups, "db", "downgrade", "50c3593832b4", "--yes", "--no-backup")
    lower = make_backup(db.engine, reason="a test").path
    flask(url, backups, "db", "upgrade", "--no-backup")
    db.session.remove()
    db.engine.dispose()
    flask(url, backups, "db", "restore", str(lower), "--yes")
    assert read_state(db.engine).heads == ("50c3593832b4",)
    assert "ecee305c0829" not in read_state(db.engine).applied
    assert older != lower
