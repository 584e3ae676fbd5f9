"""`flask db doctor` names each trouble, its place and the command, and is silent about its harmless twin."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import NullPool, create_engine, make_url

from marketplace.schema.complaints import Diagnosis, Limits
from marketplace.schema.diagnosis import diagnose
from tests.support.migrations import Project, make_project, wait_until
from tests.support.operator import CHAIN, HEAD
from tests.support.postgresql import connect

# What is wrong in the database; the kind, place and a command that are told; and what only looks alike.
FAULTS: dict[str, tuple[str, tuple[str, str, str], str]] = {
    "an index whose build was interrupted": (
        "CREATE INDEX broken ON users (id);"
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass",
        ("invalid index", "public.users", "REINDEX INDEX CONCURRENTLY public.broken;"),
        "CREATE INDEX broken ON users (id); DROP INDEX broken",
    ),
    "a rebuild that was interrupted": (
        "CREATE INDEX ix_spare_ccnew ON users (id);"
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_spare_ccnew'::regclass",
        ("invalid index", "public.users", "DROP INDEX CONCURRENTLY public.ix_spare_ccnew;"),
        "REINDEX INDEX ix_listing_items_owner_id",
    ),
    "a constraint that was never validated": (
        "ALTER TABLE users ADD CONSTRAINT ck_new CHECK (id > 0) NOT VALID",
        ("not valid", "public.users", "ALTER TABLE public.users VALIDATE CONSTRAINT ck_new;"),
        "ALTER TABLE users ADD CONSTRAINT ck_old CHECK (id > 0) NOT VALID;"
        "ALTER TABLE users VALIDATE CONSTRAINT ck_old",
    ),
    "a sequence behind its table": (
        "INSERT INTO users (id, username, email, password_hash) OVERRIDING SYSTEM VALUE"
        " VALUES (4711, 'eve', 'e@e.org', 'x')",
        ("sequence", "users.id", "SELECT setval('users_id_seq', (SELECT max(id) FROM users));"),
        # A number that was taken back leaves a gap, and an empty table has no newest row.
        "INSERT INTO users (username, email, password_hash) VALUES ('gap', 'g@g.org', 'x'); "
        "DELETE FROM users",
    ),
    "triggers that are off": (
        "ALTER TABLE listings DISABLE TRIGGER ALL",
        ("disabled trigger", "public.listings", "ALTER TABLE public.listings ENABLE TRIGGER ALL;"),
        "ALTER TABLE listings DISABLE TRIGGER ALL; ALTER TABLE listings ENABLE TRIGGER ALL",
    ),
    "a table that was dropped by hand": (
        "DROP TABLE saved_searches",
        ("missing table", "0015_saved.py", "flask db restore FILE"),
        "CREATE TABLE saved_searches_2026 (id int)",
    ),
    "a record of revisions that was changed by hand": (
        f"UPDATE alembic_version SET version_num = '{CHAIN[-2]}'",
        ("history", HEAD, "flask db log"),
        "UPDATE alembic_version SET version_num = version_num",
    ),
    "a collation that is another version now": (
        "ALTER TABLE users ADD motto text COLLATE pg_c_utf8;"
        "UPDATE pg_collation SET collversion = '0' WHERE collname = 'pg_c_utf8'",
        ("collation", "{database}", "REINDEX DATABASE CONCURRENTLY {database};"),
        # Nothing is sorted by this one.
        "UPDATE pg_collation SET collversion = '0' WHERE collname = 'pg_unicode_fast'",
    ),
}


@pytest.fixture
def project(tmp_path: Path, make_database: Callable[..., str]) -> Iterator[Project]:
    """The project's migrations, and a database that they have brought to head."""
    project = make_project(tmp_path / "migrations", make_database())
    yield project
    project.close()


def diagnosed(project: Project, url: str | None = None, **limits: object) -> Diagnosis:
    """What the doctor says, as whoever the address names."""
    address = make_url(url or project.url).set(drivername="postgresql+psycopg2")
    return diagnose(create_engine(address, poolclass=NullPool), project.folder, Limits(**limits))


def kinds(found: Diagnosis) -> list[str]:
    return [each.kind for each in found.complaints]


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_told_and_its_harmless_twin_is_not(project, name):
    harm, (kind, where, command), twin = FAULTS[name]
    database = make_url(project.url).database
    project.rows(twin)
    assert diagnosed(project).complaints == ()
    project.rows(harm)
    (only,) = diagnosed(project).complaints
    assert (only.kind, only.where) == (kind, where.format(database=database))
    assert command.format(database=database) in only.commands
    assert only.why
    said = project.run("flask", "doctor", status=1).stdout
    assert said.startswith(f"{kind}: {only.what.splitlines()[0]}")
    assert f"  where: {only.where}\n  why:   {only.why}\n  next:  {only.commands[0]}\n" in said
    assert said.endswith(": 1 complaint.\n")
    told = json.loads(project.run("flask", "doctor", "--json", status=1).stdout)
    assert (told["ok"], [each["kind"] for each in told["complaints"]]) == (False, [kind])


SQL_THAT_MENDS = ("invalid index", "not valid", "sequence", "disabled trigger", "collation")


@pytest.mark.parametrize("name", [name for name, fault in FAULTS.items() if fault[1][0] in SQL_THAT_MENDS])
def test_the_commands_mend_it(project, name):
    project.rows(FAULTS[name][0])
    (only,) = diagnosed(project).complaints
    for command in only.commands:
        if not command.startswith("flask"):
            project.rows(command.replace("DATABASE CONCURRENTLY", "DATABASE"))
    assert diagnosed(project).complaints == ()


def test_a_sound_site_has_nothing(project):
    project.add_listing(project.add_member())
    said = project.flask("doctor")
    assert said.splitlines()[-1].endswith(": nothing is wrong.")


def test_an_older_server_is_understood(old_url, tmp_path):
    project = make_project(tmp_path / "migrations", old_url)
    assert diagnosed(project).complaints == ()
    with connect(old_url) as cursor:
        cursor.execute("CREATE INDEX broken ON users (id)")
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass")
    assert kinds(diagnosed(project)) == ["invalid index"]
    with connect(old_url) as cursor:
        cursor.execute("DROP INDEX broken")


# What is wrong in the files, or between them and the database.
def edited(project: Project) -> None:
    project.edit(
        "0036_profiles", "def upgrade() -> None:\n", "def upgrade() -> None:\n    op.execute('SELECT 1')\n"
    )


def reformatted(project: Project) -> None:
    project.edit("0036_profiles", "def upgrade() -> None:\n", "# A remark.\ndef upgrade() -> None:\n")


def two_heads(project: Project) -> None:
    project.add("add_left")
    project.add("add_right")


def merged_heads(project: Project) -> None:
    two_heads(project)
    project.flask("merge", "-m", "merge")
    project.flask("upgrade", "head", "--no-backup")


def deleted(project: Project) -> None:
    project.file("0036_profiles").unlink()


def pending(project: Project) -> None:
    project.add("add_left")


def stamped(project: Project) -> None:
    project.rows("DROP TABLE profiles")
    project.flask("stamp", "0035_blocks")
    project.flask("stamp", "head")


def stamped_where_the_tables_are(project: Project) -> None:
    project.flask("stamp", "0035_blocks")
    project.flask("stamp", "head")


FILES = [
    (edited, ["checksum"], "flask db repair --restore-file 0036_profiles   (puts the applied text back)"),
    (reformatted, [], None),
    (two_heads, ["heads"], 'flask db merge add_left add_right -m "merge heads"'),
    (merged_heads, [], None),
    (deleted, ["history"], "flask db repair --restore-file 0036_profiles"),
    (pending, ["pending"], "flask db upgrade head"),
    (stamped, ["stamped"], "flask db stamp 0035_blocks"),
    (stamped_where_the_tables_are, [], None),
]


@pytest.mark.parametrize(
    ("harm", "expected", "command"), FILES, ids=lambda each: getattr(each, "__name__", "")
)
def test_files_and_database_that_tell_different_stories(project, harm, expected, command):
    harm(project)
    found = diagnosed(project)
    assert kinds(found) == expected
    assert command is None or command in found.complaints[0].commands


def test_a_wrong_search_path_is_told_with_where_it_was_set(project):
    database = make_url(project.url).database
    project.rows("CREATE SCHEMA other; CREATE TABLE other.notes (id int)")
    project.rows(f'ALTER DATABASE "{database}" SET search_path = public, other')
    assert diagnosed(project).complaints == ()
    project.rows(f'ALTER DATABASE "{database}" SET search_path = other')
    (only,) = diagnosed(project).complaints
    assert (only.kind, only.where) == ("search path", "set by database")
    assert only.commands == (f'psql {database} -c "ALTER DATABASE {database} RESET search_path"',)
    # A table of the same name before public's own hides it.
    project.rows(f'ALTER DATABASE "{database}" SET search_path = other, public')
    assert diagnosed(project).complaints == ()
    project.rows("CREATE TABLE other.users (id int)")
    (only,) = diagnosed(project).complaints
    assert "public.users" in only.what


def test_migrations_that_went_into_another_schema_are_found(project):
    project.rows("CREATE SCHEMA other; ALTER TABLE alembic_version SET SCHEMA other")
    assert "other schema" in kinds(diagnosed(project))


def test_missing_grants_are_told_for_the_role_of_the_address(project):
    role, database = "kula_doctor_weak", make_url(project.url).database
    weak = make_url(project.url).set(username=role).render_as_string(hide_password=False)
    with ExitStack() as undo:
        project.rows(f"CREATE ROLE {role} LOGIN")
        undo.callback(lambda: project.rows(f"DROP OWNED BY {role}; DROP ROLE {role}"))
        project.rows(
            f"GRANT USAGE ON SCHEMA public, operations TO {role};"
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, operations TO {role};"
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, operations TO {role}"
        )
        assert diagnosed(project, weak).complaints == ()
        project.rows(
            f"REVOKE INSERT, DELETE ON listings FROM {role}; REVOKE USAGE ON SEQUENCE "
            f"users_id_seq FROM {role}"
        )
        first, second = sorted(diagnosed(project, weak).complaints, key=lambda each: each.where)
        assert (first.kind, first.what) == ("missing grant", f"{role} lacks INSERT, DELETE")
        for each in (first, second):
            project.rows(each.commands[0].partition(";")[0])
        found = diagnosed(project, weak)
        assert found.complaints == ()
        # Only the server's administrators may see where the data lies.
        assert found.unknown == ("the disk of the data directory: this role may not see where it is",)
    assert database


def test_a_blocked_session_is_told_with_who_blocks_it(project):
    with connect(project.url) as holder, connect(project.url) as waiter:
        holder.execute("BEGIN")
        holder.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
        holder.execute("SELECT pg_backend_pid()")
        pid = holder.fetchone()[0]

        def wait() -> None:
            waiter.execute("SELECT count(*) FROM users")

        thread = threading.Thread(target=wait)
        thread.start()
        wait_until(
            lambda: project.one("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation IS NOT NULL")
        )
        # Everybody waits for a moment now and then.
        assert "blocked" not in kinds(diagnosed(project))
        found = diagnosed(project, blocked=timedelta(0))
        holder.execute("ROLLBACK")
        thread.join()
    (only,) = [each for each in found.complaints if each.kind == "blocked"]
    assert only.commands == (f"SELECT pg_terminate_backend({pid});   (ends process {pid})",)
    assert only.where.startswith("SELECT count(*) FROM users")
    # What is locked was not waited for.
    assert any(words.startswith("the sequences: ") for words in found.unknown)


def test_an_abandoned_transaction_is_told(project):
    with connect(project.url) as cursor:
        cursor.execute("SET application_name = 'a report'")
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
        # A session that is idle outside of a transaction harms nobody.
        assert diagnosed(project, idle=timedelta(0), snapshot=timedelta(0)).complaints == ()
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT count(*) FROM users")
        assert diagnosed(project).complaints == ()
        (only,) = diagnosed(project, idle=timedelta(0)).complaints
        cursor.execute("ROLLBACK")
    assert only.kind == "idle in transaction"
    assert f"process {pid} of postgres (a report) has been idle in a transaction for " in only.what
    assert only.commands == (f"SELECT pg_terminate_backend({pid});",)


def test_an_old_snapshot_is_told(project):
    with connect(project.url) as cursor:
        thread = threading.Thread(target=lambda: suppressed(cursor, "SELECT pg_sleep(60)"))
        thread.start()
        pid = wait_until(
            lambda: [
                row[0]
                for row in project.rows(
                    "SELECT pid FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'"
                )
            ]
        )[0]
        assert diagnosed(project).complaints == ()
        (only,) = diagnosed(project, snapshot=timedelta(0)).complaints
        assert (only.kind, only.commands) == ("old snapshot", (f"SELECT pg_terminate_backend({pid});",))
        project.rows(only.commands[0])
        thread.join()


def suppressed(cursor: psycopg2.extensions.cursor, statement: str) -> None:
    """Run a statement whose session may be ended."""
    try:
        cursor.execute(statement)
    except psycopg2.Error:
        return


def test_the_age_of_transactions_and_the_disk_are_measured_against_the_limits(project):
    assert diagnosed(project, transactions=-1, free_share=0.0).complaints[0].kind == "wraparound"
    found = diagnosed(project, free_share=1.01)
    assert kinds(found) == ["disk"]
    assert found.complaints[0].where == project.one("SHOW data_directory")
    assert diagnosed(project, free_share=0.0).unknown == ()


def test_it_locks_nothing_that_holds_up_a_migration(project):
    """No question of the doctor's takes more than what a SELECT takes, nor waits for long."""
    with connect(project.url) as cursor:
        cursor.execute("BEGIN")
        for table in ("users", "listings", "alembic_version"):
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        assert diagnosed(project).complaints == ()
        cursor.execute("ROLLBACK")


def test_a_database_without_anything_lacks_all_revisions(tmp_path, make_database):
    project = make_project(tmp_path / "migrations", make_database("template0"))
    found = diagnosed(project)
    assert kinds(found) == ["pending"]
    assert f"{len(CHAIN)} of {len(CHAIN)} revisions are pending" in found.complaints[0].what
