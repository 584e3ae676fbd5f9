"""`flask db drift` names whatever was changed outside of a migration, and nothing else."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, make_url

from marketplace.schema import catalogue, clients
from tests.schema.conftest import FOUNDING_ROWS
from tests.support.migrations import Project, make_project
from tests.support.operator import CHAIN, FOUNDING_HEAD, HEAD
from tests.support.postgresql import connect, create_database, drop_database

# What is done by hand; what then differs; and what of that kind is no change at all.
CHANGES: dict[str, tuple[str, list[str], str]] = {
    "table added": (
        "CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text "
        "DEFAULT 'a: b' NOT NULL)",
        ["added table notes"],
        "CREATE TEMPORARY TABLE notes (id int); INSERT INTO unsubscribed_topics SELECT id, "
        "'x' FROM users WHERE false",
    ),
    "table removed": (
        "DROP TABLE saved_searches",
        ["removed table saved_searches"],
        "TRUNCATE saved_searches",
    ),
    "column added": (
        "ALTER TABLE users ADD motto text",
        ["added column users.motto"],
        "ALTER TABLE users ADD motto text; ALTER TABLE users DROP motto",
    ),
    "column removed": (
        "ALTER TABLE listing_drafts DROP COLUMN form",
        ["removed column listing_drafts.form"],
        "UPDATE listing_drafts SET form = form",
    ),
    "column changed": (
        "ALTER TABLE users ALTER is_active SET DEFAULT false",
        ["changed column users.is_active"],
        "ALTER TABLE users ALTER is_active SET DEFAULT true",
    ),
    "constraint removed": (
        "ALTER TABLE listings DROP CONSTRAINT ck_listings_title_length",
        ["removed constraint listings.ck_listings_title_length"],
        "SET CONSTRAINTS ALL IMMEDIATE",
    ),
    "constraint changed": (
        "ALTER TABLE users DROP CONSTRAINT ck_users_role_known, ADD CONSTRAINT ck_users_role_known"
        " CHECK (role <> '') NOT VALID",
        ["changed constraint users.ck_users_role_known"],
        "ALTER TABLE users VALIDATE CONSTRAINT ck_users_role_known",
    ),
    "index added": (
        "CREATE INDEX ix_spare ON listings (title)",
        ["added index ix_spare"],
        "REINDEX INDEX ix_listing_items_owner_id",
    ),
    "index changed": (
        "DROP INDEX ix_listing_items_owner_id; CREATE INDEX ix_listing_items_owner_id ON "
        "listing_items (owner_id, kind)",
        ["changed index ix_listing_items_owner_id"],
        "DROP INDEX ix_listing_items_owner_id; CREATE INDEX ix_listing_items_owner_id ON "
        "listing_items (owner_id)",
    ),
    "index broken": (
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_listing_items_owner_id'::regclass",
        ["changed index ix_listing_items_owner_id"],
        "CLUSTER listing_items USING ix_listing_items_owner_id",
    ),
    "function added": (
        "CREATE FUNCTION spare() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        ["added function spare()"],
        "SELECT count(*) FROM users",
    ),
    "function changed": (
        "CREATE OR REPLACE FUNCTION refuse_to_change_audit_log() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN OLD; END'",
        ["changed function refuse_to_change_audit_log()"],
        "ALTER FUNCTION refuse_to_change_audit_log() COST 100",
    ),
    "trigger removed": (
        "DROP TRIGGER refuse_to_change_audit_log ON audit_log",
        ["removed trigger audit_log.refuse_to_change_audit_log"],
        "ALTER TABLE audit_log DISABLE TRIGGER refuse_to_change_audit_log;"
        "ALTER TABLE audit_log ENABLE TRIGGER refuse_to_change_audit_log",
    ),
    "trigger disabled": (
        "ALTER TABLE audit_log DISABLE TRIGGER refuse_to_change_audit_log",
        ["changed trigger audit_log.refuse_to_change_audit_log"],
        "ANALYZE audit_log",
    ),
    "view added": (
        "CREATE VIEW titles AS SELECT title FROM listings",
        ["added view titles"],
        "CREATE TEMPORARY VIEW titles AS SELECT title FROM listings",
    ),
    "sequence added": (
        "CREATE SEQUENCE spare CYCLE",
        ["added sequence spare"],
        "SELECT nextval('users_id_seq')",
    ),
    "grant added": (
        "GRANT SELECT ON listings TO pg_monitor",
        ["added grant on listings to pg_monitor"],
        # An explicit right that the owner has anyway.
        "GRANT SELECT ON listings TO CURRENT_USER",
    ),
    "right taken": (
        "REVOKE INSERT ON listings FROM CURRENT_USER",
        ["added grant not on listings to its owner"],
        "REVOKE SELECT ON listings FROM pg_monitor",
    ),
    "comment changed": (
        "COMMENT ON TABLE users IS 'Mine'",
        ["changed comment table public.users"],
        "COMMENT ON DATABASE {database} IS 'Mine'",
    ),
    "comment removed": (
        "COMMENT ON COLUMN audit_log.action IS NULL",
        ["removed comment table column public.audit_log.action"],
        "VACUUM audit_log",
    ),
    "type added": ("CREATE TYPE mood AS ENUM ('fine')", ["added type mood"], "SELECT 'fine'"),
    "row security": (
        "ALTER TABLE users ENABLE ROW LEVEL SECURITY",
        ["changed table users"],
        "ALTER TABLE users OWNER TO CURRENT_USER",
    ),
    "policy added": (
        "CREATE POLICY own ON users FOR SELECT USING (id = 1)",
        ["added policy users.own"],
        "ALTER TABLE users DISABLE ROW LEVEL SECURITY",
    ),
    "schema added": ("CREATE SCHEMA spare", ["added schema spare"], "SELECT 1"),
    "statistics": (
        "CREATE STATISTICS spare ON title, status FROM listings",
        ["added statistics spare"],
        "ANALYZE",
    ),
}
# No revision is written for these.
NOT_WRITTEN = frozenset({"index broken", "type added"})
WRITTEN_IN_QUICK_TESTS = frozenset(
    {"table added", "column removed", "constraint changed", "function changed"}
)


@pytest.fixture
def project(tmp_path: Path, make_database: Callable[..., str]) -> Iterator[Project]:
    """The project's migrations, and a database that they have brought to head."""
    project = make_project(tmp_path / "migrations", make_database())
    yield project
    project.close()


def changes(project: Project) -> list[str]:
    """What `drift` tells, whose status has to say whether there is anything."""
    result = project.run("flask", "drift", "--json", status=None)
    told = json.loads(result.stdout)
    assert result.returncode == (3 if told["drift"] else 0)
    return [f"{each['what']} {each['kind']} {each['name']}" for each in told["changes"]]


def run_sql(project: Project, statements: str) -> None:
    database = project.url.rpartition("/")[2].partition("?")[0]
    with connect(project.url) as cursor:
        for statement in (
            statements.format(database=f'"{database}"').split(";")
            if "{database}" in statements
            else [statements]
        ):
            cursor.execute(statement)


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_told_and_its_harmless_twin_is_not(project, name):
    change, expected, twin = CHANGES[name]
    run_sql(project, twin)
    assert changes(project) == []
    run_sql(project, change)
    told = changes(project)
    outer = [each for each in told if each in expected]
    assert outer == expected
    assert (told == expected) or "table" in name or "column" in name
    screen = project.run("flask", "drift", status=3).stdout
    sign = {"added": "+", "removed": "-", "changed": "~"}[expected[0].split()[0]]
    assert f"{sign} {expected[0].partition(' ')[2]}\n" in screen
    assert "\n1 change outside of a migration since " in screen
    assert f"The last step before: upgrade of {HEAD}" in screen


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in WRITTEN_IN_QUICK_TESTS else (pytest.mark.soak,))
        for name in CHANGES
        if name not in NOT_WRITTEN
    ],
)
def test_a_revision_adopts_each_change_here_and_makes_it_elsewhere(project, make_database, name):
    before = objects(project.url)
    run_sql(project, CHANGES[name][0])
    after = objects(project.url)
    said = project.flask("drift", "--write", "-m", "adopt it")
    assert "adopts 1 change." in said
    project.flask("upgrade", "head", "--no-backup", "--yes")
    assert objects(project.url) == after
    assert changes(project) == []
    # Going down brings back what was there, and up again what was adopted.
    project.flask("downgrade", "-1", "--no-backup", "--yes")
    assert objects(project.url) == before
    assert changes(project) == []
    project.flask("upgrade", "head", "--no-backup", "--yes")
    assert objects(project.url) == after
    assert changes(project) == []


@pytest.mark.parametrize("name", sorted(NOT_WRITTEN))
def test_what_no_revision_can_be_written_for_is_said(project, name):
    run_sql(project, CHANGES[name][0])
    said = project.flask("drift", "--write", "-m", "adopt it", status=1)
    assert said.startswith("Error: No revision can be written for the ")
    assert "\nNext: " in said


def objects(url: str) -> dict[str, catalogue.Object]:
    """The whole catalogue."""
    with create_engine(
        make_url(url).set(drivername="postgresql+psycopg2"), poolclass=NullPool
    ).connect() as connection:
        return catalogue.read_catalogue(connection)


def test_a_step_takes_over_what_it_changed_and_nothing_else(project):
    project.rows("CREATE INDEX ix_spare ON listings (title)")
    project.flask("downgrade", "-1", "--no-backup", "--yes")
    assert changes(project) == ["added index ix_spare"]
    project.flask("upgrade", "head", "--no-backup", "--yes")
    assert changes(project) == ["added index ix_spare"]
    project.flask("downgrade", "base", "--no-backup", "--yes")
    assert changes(project) == []


def test_each_step_of_the_chain_leaves_no_drift(tmp_path, make_database):
    project = make_project(tmp_path / "migrations", make_database("template0"))
    try:
        for revision in [*CHAIN[:6], HEAD]:
            project.flask("upgrade", revision, "--no-backup")
            assert changes(project) == []
    finally:
        project.close()


def test_accepting_takes_the_present_state_and_is_in_the_ledger(project):
    project.rows("CREATE INDEX ix_spare ON listings (title)")
    assert project.flask("drift", "--accept") == "Accepted as it is, with 1 change outside of a migration.\n"
    assert changes(project) == []
    assert project.logged("accept") == [("accept", HEAD)]
    assert "1 changes accepted" in project.flask("log")


def test_a_stamp_accepts_and_says_so(project):
    project.rows("CREATE INDEX ix_spare ON listings (title)")
    assert "accepted as it is: 1 change outside of a migration" in project.flask("stamp", "head")
    assert changes(project) == []


def test_a_database_from_before_has_none_until_it_is_accepted_or_migrated(project):
    project.rows("DROP TABLE operations.fingerprint")
    said = project.flask("drift")
    assert "There is no fingerprint of this revision" in said
    assert "Next: flask db drift --accept" in said
    assert project.flask("drift", "--accept").startswith("Accepted as it is: ")
    assert changes(project) == []
    project.rows("DROP TABLE operations.fingerprint")
    project.flask("downgrade", "-1", "--no-backup", "--yes")
    assert changes(project) == []


def test_a_run_from_base_that_ended_early_is_no_drift(tmp_path, make_database):
    project = make_project(tmp_path / "migrations", make_database("template0"))
    project.flask("upgrade", "head")
    project.flask("downgrade", "base")
    project.add("0099_broken", "op.execute('SELECT 1 / 0')", parents=HEAD)
    assert "division by zero" in project.flask("upgrade", "head", status=1)
    assert project.at() == HEAD
    assert "There is no fingerprint of this revision" in project.flask("drift")
    project.file("0099_broken").unlink()
    project.flask("downgrade", "-1")
    assert "Nothing was changed outside of a migration" in project.flask("drift")
    project.close()


def test_a_restore_brings_the_drift_of_its_backup_along(project):
    project.add_member()
    project.rows("CREATE INDEX ix_spare ON listings (title)")
    project.flask("backup")
    file = next(Path(project.environment["BACKUP_DIR"]).glob("*.dump"))
    project.rows("DROP INDEX ix_spare; CREATE INDEX ix_other ON listings (title)")
    assert changes(project) == ["added index ix_other"]
    kept = project.flask("restore", str(file), "--yes")
    assert changes(project) == ["added index ix_spare"]
    name = kept.partition("flask db discard ")[2].split()[0]
    project.flask("discard", "--yes", name)


def test_a_dump_put_back_by_psql_under_another_owner_has_no_drift(
    project, server, tmp_path, worker_id_or_main
):
    project.rows(FOUNDING_ROWS.partition("INSERT INTO categories")[0])
    folder = clients.find_clients(18)
    dump = tmp_path / "dump.sql"
    subprocess.run(
        [folder.program("pg_dump"), "--no-owner", f"--file={dump}", f"--dbname={project.url}"], check=True
    )
    name = f"kula_psql_{worker_id_or_main}"
    url = create_database(server, name, "template0")
    copy = make_project(tmp_path / "again", url)
    try:
        subprocess.run(
            [folder.program("psql"), "--quiet", "--set=ON_ERROR_STOP=1", f"--file={dump}", f"--dbname={url}"],
            check=True,
            capture_output=True,
        )
        assert changes(copy) == []
        copy.rows("CREATE INDEX ix_spare ON listings (title)")
        assert changes(copy) == ["added index ix_spare"]
    finally:
        copy.close()
        drop_database(server, name)


def test_a_dump_of_an_older_postgresql_has_no_drift_and_changes_are_still_told(
    old_url, server, tmp_path, worker_id_or_main
):
    folder = clients.find_clients(18)
    name = f"kula_newer_{worker_id_or_main}"
    url = create_database(server, name, "template0")
    project = make_project(tmp_path / "migrations", url)
    dump = tmp_path / "dump.sql"
    try:
        with connect(old_url) as cursor:
            cursor.execute("SHOW server_version_num")
            assert int(cursor.fetchone()[0]) < 180000
        subprocess.run([folder.program("pg_dump"), f"--file={dump}", f"--dbname={old_url}"], check=True)
        subprocess.run(
            [folder.program("psql"), "--quiet", f"--file={dump}", f"--dbname={url}"],
            check=True,
            capture_output=True,
        )
        assert changes(project) == []
        project.rows("CREATE INDEX ix_spare ON listings (title); DROP TABLE saved_searches")
        told = changes(project)
        assert "added index ix_spare" in told
        assert "removed table saved_searches" in told
        # A step takes over what is only rendered otherwise, and the drift stays.
        project.flask("downgrade", "-1", "--no-backup", "--yes")
        assert "added index ix_spare" in changes(project)
        assert project.one("SELECT major FROM operations.fingerprint") == 18
    finally:
        project.close()
        drop_database(server, name)


def test_what_another_version_renders_otherwise_is_told_and_is_no_drift(project):
    project.rows(
        "UPDATE operations.fingerprint SET major = 15, objects = replace(objects::text,"
        " 'char_length(btrim(action)) >= 1', 'char_length(btrim(action)) >= 2')::jsonb"
    )
    said = project.run("flask", "drift").stdout
    assert "1 definition cannot be compared word by word: PostgreSQL 18 writes them otherwise than 15" in said
    project.rows("UPDATE operations.fingerprint SET major = 18")
    assert changes(project) == ["changed constraint audit_log.ck_audit_log_action_not_blank"]


RENDERINGS = [
    (
        "CHECK (((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
        "CHECK (((status)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character "
        "varying)::text])))",
        True,
    ),
    ("CHECK ((a AND (b OR c)))", "CHECK (((a AND b) OR c))", False),
    ("CHECK ((name = '(a)::text'))", "CHECK ((name = 'a'))", False),
    ("CHECK ((length(name) > 1))", "CHECK ((length(name) > 2))", False),
    ("'a'::text", "'b'::text", False),
]


@pytest.mark.parametrize(("one", "other", "same"), RENDERINGS)
def test_only_what_a_restore_writes_otherwise_counts_as_the_same(one, other, same):
    assert catalogue.same_rendering(one, other) is same


def test_who_can_be_known_is_told(project):
    with connect(project.url) as cursor:
        cursor.execute("SET application_name = 'somebody at psql'")
        cursor.execute("CREATE INDEX ix_spare ON listings (title)")
        said = project.run("flask", "drift", status=3).stdout
    assert "(somebody at psql), which ran CREATE INDEX ix_spare ON listings (title)" in said
    assert "    owner: postgres\n" in said
    # Nobody who is gone, or did something else since, is suspected.
    assert "may have been" not in project.run("flask", "drift", status=3).stdout


def test_a_locked_table_is_given_way_to(project):
    with connect(project.url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE listings IN ACCESS EXCLUSIVE MODE")
        assert "another session keeps a table locked" in project.flask("drift", status=1)
        cursor.execute("ROLLBACK")
    assert changes(project) == []


def test_nothing_is_written_when_there_is_nothing_to_adopt(project):
    assert "no revision was made" in project.flask("drift", "--write", "-m", "adopt", status=1)
    project.rows("CREATE INDEX ix_spare ON listings (title)")
    project.flask("downgrade", "-1", "--no-backup", "--yes")
    assert "1 migration is pending" in project.flask("drift", "--write", "-m", "adopt", status=1)
    for words in (["--write"], ["-m", "x"], ["--accept", "--write", "-m", "x"]):
        assert project.run("flask", "drift", *words, status=2).stderr


def test_the_founding_chain_s_end_is_known_too(tmp_path, make_database, template_at):
    project = make_project(tmp_path / "migrations", make_database(template_at(FOUNDING_HEAD)))
    try:
        assert changes(project) == []
    finally:
        project.close()
