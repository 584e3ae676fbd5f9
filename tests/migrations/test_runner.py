"""Many runners, locks of others, killed runners, lost connections: exactly one applies, and all end well."""

import threading

import pytest

from tests.support.migrations import kill, wait_until
from tests.support.operator import CHAIN, HEAD
from tests.support.postgresql import connect

BATCH = """\
with op.get_context().autocommit_block():
    for part in range(3):
        op.execute("INSERT INTO batches (part) VALUES (%d)" % part)
"""
INDEX = """\
with op.get_context().autocommit_block():
    op.create_index("ix_users_created_at", "users", ["created_at"], postgresql_concurrently=True)
"""
TABLE = 'op.execute("CREATE TABLE batches (id int GENERATED ALWAYS AS IDENTITY, part int)")'
# A migration's session waits here until the test lets it go on.
GATE = 4711
WAIT = f'op.execute("SELECT pg_advisory_lock({GATE})")'
# A gate is a lock as well, and none that a migration shall give way to.
PATIENT = {"MIGRATION_LOCK_TIMEOUT_MS": "0"}
WAITING = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Gate:
    """Holds back what runs `WAIT` until it is opened."""

    def __init__(self, url: str) -> None:
        self.context = connect(url)
        self.cursor = self.context.__enter__()
        self.cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])

    def open(self) -> None:
        self.context.__exit__(None, None, None)


# All numbers from two to eight: the least and the most every time, the others when there is time.
RUNNERS = [2, *(pytest.param(number, marks=pytest.mark.soak) for number in range(3, 8)), 8]


@pytest.mark.parametrize("runners", RUNNERS)
def test_one_of_many_runners_applies(project, runners):
    project.add("table", up=TABLE)
    project.add("index", parents="table", up=INDEX)
    project.add("batch", parents="index", up=BATCH)
    processes = [project.start(("flask", "alembic")[n % 2], "upgrade", "head") for n in range(runners)]
    results = [(process.communicate(timeout=120), process.returncode) for process in processes]
    assert [status for _, status in results] == [0] * runners, results
    lines = sorted(output for (output, _), _ in results)
    assert lines[:-1] == ["Already at batch (head)\n"] * (runners - 1), results
    assert lines[-1].startswith(f"Upgraded {HEAD} → batch: 3 migrations, "), results
    assert project.rows("SELECT part FROM batches ORDER BY id") == [(0,), (1,), (2,)]
    assert project.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0
    assert project.logged("upgrade")[-3:] == [
        ("upgrade", "table"),
        ("upgrade", "index"),
        ("upgrade", "batch"),
    ]
    assert project.logged("failure") == []


def test_many_runners_on_an_empty_database(new_project):
    processes = [new_project.start(("flask", "alembic")[n % 2], "upgrade", "head") for n in range(4)]
    results = [(process.communicate(timeout=120), process.returncode) for process in processes]
    assert [status for _, status in results] == [0] * 4, results
    assert sum(f"{len(CHAIN)} migrations" in output for (output, _), _ in results) == 1
    assert len(new_project.logged("upgrade")) == len(CHAIN)


def test_downgrade_and_upgrade_at_once_both_happen(project):
    """The harmless twin: different wishes are carried out one after the other."""
    processes = [project.start("flask", "downgrade", "-1"), project.start("alembic", "downgrade", "-1")]
    assert [process.communicate() and process.returncode for process in processes] == [0, 0]
    assert project.at() == CHAIN[-3]


@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
def test_killed_runner_loses_nothing_and_blocks_nobody(project, spelling, direction):
    make = 'op.execute("CREATE TABLE first_half (id int)")\n' + WAIT
    drop = 'op.execute("DROP TABLE first_half")\n' + WAIT
    project.add("slow", up=make, down=drop)
    if direction == "downgrade":
        project.flask("upgrade", "head")
    member = project.add_member()
    before, after = (HEAD, "slow") if direction == "upgrade" else ("slow", HEAD)
    target = ("upgrade", "head") if direction == "upgrade" else ("downgrade", "-1", "--yes")
    gate = Gate(project.url)
    process = project.start(spelling, *target, **PATIENT)
    wait_until(lambda: project.one(WAITING, GATE), process)
    kill(process)
    assert project.at() == before
    assert (project.one("SELECT to_regclass('first_half')") is None) == (direction == "upgrade")
    second = project.start(spelling, *target, **PATIENT)
    gate.open()
    output, errors = second.communicate(timeout=60)
    assert second.returncode == 0, errors
    assert "1 migration" in output
    assert project.at() == after
    assert project.one("SELECT id FROM users") == member


def test_statement_of_a_killed_runner_is_ended_before_the_next_begins(project):
    """It is outside of any transaction, so that the server would have committed it in the end."""
    project.add("table", up=TABLE)
    project.flask("upgrade", "head")
    slow = f"INSERT INTO batches (part) SELECT 1 FROM (SELECT pg_advisory_lock({GATE})) gate"
    body = f'with op.get_context().autocommit_block():\n    op.execute("{slow}")'
    project.add("batch", parents="table", up=body)
    gate = Gate(project.url)
    process = project.start("flask", "upgrade", "head", **PATIENT)
    wait_until(lambda: project.one(WAITING, GATE), process)
    kill(process)
    wait_until(lambda: not project.one(WAITING, GATE))
    gate.open()
    assert "1 migration" in project.flask("upgrade", "head")
    assert project.one("SELECT count(*) FROM batches") == 1


def test_index_of_a_killed_runner_is_built_anew(project):
    project.add(
        "index",
        up='with op.get_context().autocommit_block():\n    op.execute("CREATE INDEX CONCURRENTLY '
        'IF NOT EXISTS ix_users_created_at ON users (created_at)")',
    )
    with connect(project.url) as cursor:
        # An open transaction that has written to the table holds up the build in its middle.
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE users IN ROW EXCLUSIVE MODE")
        process = project.start("flask", "upgrade", "head")
        wait_until(lambda: project.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid"), process)
        kill(process)
    assert project.at() == HEAD
    assert "1 migration" in project.flask("upgrade", "head")
    assert project.one("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_users_created_at'::regclass")


def test_lock_held_elsewhere_is_given_way_to_and_named(project, spelling):
    project.add("first", up='op.execute("CREATE TABLE first_done (id int)")')
    project.add("column", parents="first", up='op.execute("ALTER TABLE users ADD COLUMN note text")')
    with connect(project.url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_backend_pid() FROM (SELECT count(*) FROM users) u")
        pid = cursor.fetchone()[0]
        process = project.start(spelling, "upgrade", "head", MIGRATION_LOCK_TIMEOUT_MS="100")
        said = []
        reader = threading.Thread(target=lambda: said.append(process.stderr.readline()))
        reader.start()
        reader.join(timeout=60)
        assert said, "It did not say what it waits for."
        # The site's own queries do not queue behind the migration for longer than its patience.
        project.one("SELECT count(*) FROM users")
        assert project.at() == "first"
        cursor.execute("COMMIT")
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert f"column gives way to process {pid} of postgres, idle in transaction, whose query began" in said[0]
    assert output.startswith(f"Upgraded {HEAD} → column: 2 migrations, ")
    assert project.logged()[-2:] == [("upgrade", "first"), ("upgrade", "column")]


def test_lock_that_is_never_released_ends_in_a_sentence(project, spelling):
    project.add("column", up='op.execute("ALTER TABLE users ADD COLUMN note text")')
    with connect(project.url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT count(*) FROM users")
        settings = {"MIGRATION_LOCK_TIMEOUT_MS": "150", "MIGRATION_LOCK_PATIENCE_SECONDS": "0.5"}
        said = project.run(spelling, "upgrade", "head", status=1, **settings).stderr
    assert "column was held up for 0.5 s by process " in said
    assert f"nothing of it was applied. The database is at {HEAD}." in said
    assert "SELECT pg_terminate_backend(" in said
    assert project.at() == HEAD
    assert project.logged()[-1] == ("failure", "column")
    assert "1 migration" in project.run(spelling, "upgrade", "head").stdout


def test_run_that_waits_too_long_for_another_names_it(project, spelling):
    project.add("slow", up=WAIT)
    gate = Gate(project.url)
    process = project.start("flask", "upgrade", "head", **PATIENT)
    wait_until(lambda: project.one(WAITING, GATE), process)
    said = project.run(spelling, "upgrade", "head", status=1, MIGRATION_RUN_PATIENCE_SECONDS="0.3").stderr
    gate.open()
    assert "Waiting for another run to end: process " in said
    assert "Another run has held this database for more than 0.3 s: process " in said
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_database_gone_half_way(project, spelling):
    project.add("first", up='op.execute("CREATE TABLE first_done (id int)")')
    project.add("slow", parents="first", up='op.execute("CREATE TABLE lost (id int)")\n' + WAIT)
    gate = Gate(project.url)
    process = project.start(spelling, "upgrade", "head", **PATIENT)
    wait_until(lambda: project.one(WAITING, GATE), process)
    project.rows(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'flask db'"
    )
    gate.open()
    errors = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "The connection to the database was lost while upgrade of slow was under way" in errors
    assert "Traceback" not in errors
    assert project.at() == "first"
    assert project.one("SELECT to_regclass('lost')") is None
    assert project.logged()[-1] == ("failure", "slow")
    assert "1 migration" in project.run(spelling, "upgrade", "head").stdout


def test_server_that_is_not_there_ends_in_a_sentence(project, spelling):
    url = "postgresql://nobody@localhost:1/nothing"
    said = project.start(spelling, "upgrade", "head", DATABASE_URL=url).communicate(timeout=60)[1]
    assert "The database cannot be used: " in said
    assert "DATABASE_URL" in said
    assert "Traceback" not in said


def test_failing_revision_leaves_the_ones_before_it(project, spelling):
    project.add("good", up='op.execute("CREATE TABLE good (id int)")')
    project.add("bad", parents="good", up='op.execute("CREATE TABLE bad (id int)")\nraise ValueError("no")')
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert "Upgrade of bad failed and was rolled back: ValueError: no (bad.py, line 14)" in said
    assert "The database is at good." in said
    assert project.at() == "good"
    assert project.one("SELECT to_regclass('bad')") is None
    assert project.logged()[-1] == ("failure", "bad")
    project.edit("bad", 'raise ValueError("no")', "pass")
    assert "1 migration" in project.run(spelling, "upgrade", "head").stdout


def test_revision_that_ends_its_own_transaction_is_noticed(project, spelling):
    project.add("sly", up="op.get_bind().commit()")
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert "sly" in said
    assert project.at() == HEAD
    assert project.logged()[-1] == ("failure", "sly")


@pytest.mark.parametrize("word", ["COMMIT", "ROLLBACK", "BEGIN"])
def test_transaction_statement_in_a_revision_is_refused(project, word):
    project.add("sly", up=f'op.execute("CREATE TABLE sly (id int)")\nop.execute("{word}")')
    said = project.flask("upgrade", "head", status=1)
    assert f"sly would end its own transaction with {word}" in said
    assert project.at() == HEAD
    assert project.one("SELECT to_regclass('sly')") is None


def test_savepoint_in_a_revision_is_no_matter(project):
    project.add(
        "careful",
        up="op.execute('SAVEPOINT here')\nop.execute('CREATE TABLE no (id int)')\n"
        "op.execute('ROLLBACK TO SAVEPOINT here')\nop.execute('CREATE TABLE yes (id int)')",
    )
    project.flask("upgrade", "head")
    assert project.one("SELECT to_regclass('no')") is None
    assert project.one("SELECT to_regclass('yes')") is not None


def test_connection_of_a_migration_keeps_its_own_settings(project):
    """A concurrent build may wait for ever; what comes after it may not."""
    check = 'assert op.get_bind().exec_driver_sql("SHOW lock_timeout").scalar() == "{}"'
    project.add("index", up=f"{check.format('400ms')}\n{INDEX}{check.format('400ms')}")
    assert "1 migration" in project.flask("upgrade", "head")


def test_role_that_may_not_make_the_ledger_is_told_how(new_project):
    with connect(new_project.url) as cursor:
        cursor.execute("DROP ROLE IF EXISTS kula_weak")
        cursor.execute("CREATE ROLE kula_weak LOGIN")
    try:
        weak = new_project.url.replace("postgres:@", "kula_weak:@")
        assert weak != new_project.url
        said = new_project.start("flask", "upgrade", "head", DATABASE_URL=weak).communicate(timeout=60)[1]
        assert "The role kula_weak may not make the schema `operations`" in said
        assert "GRANT CREATE ON DATABASE" in said
    finally:
        with connect(new_project.url) as cursor:
            cursor.execute("DROP OWNED BY kula_weak")
            cursor.execute("DROP ROLE kula_weak")
