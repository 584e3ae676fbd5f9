"""What a step drops is kept in the attic, and the way back puts it back, whatever was changed meanwhile."""

import psycopg2
import pytest
from sqlalchemy.engine import make_url

from tests.support.migrations import kill, wait_until
from tests.support.operator import HEAD

ADD = "op.execute(\"ALTER TABLE users ADD COLUMN note text NOT NULL DEFAULT 'none'\")"
DROP = 'op.execute("ALTER TABLE users DROP COLUMN note")'
NOTES = "SELECT username, note FROM users ORDER BY username"
LEFT = "SELECT count(*) FROM attic.kept"
COPIES = "SELECT count(*) FROM pg_class WHERE relnamespace = 'attic'::regnamespace AND relkind = 'r'"
ASLEEP = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
NO_HURRY = {"MIGRATION_LOCK_TIMEOUT_MS": "60000"}
# The copy is made by then, and only what is written late is missing.
WAITING = (
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = 'ShareLock' AND relation = 'users'::regclass"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def with_notes(project, **notes):
    """Give the members of a project a column with notes, by a revision `note`."""
    project.add("note", up=ADD, down=DROP)
    project.flask("upgrade", "head")
    for name, note in notes.items():
        project.add_member(name)
        project.rows("UPDATE users SET note = %s WHERE username = %s", note, name)


def test_dropped_column_comes_back_with_its_values(project, spelling):
    with_notes(project, ada="likes maps", ben="none", cem="owes me a drill")
    project.add("drop", up=DROP, down=ADD, parents="note")
    said = project.run(spelling, "upgrade", "head", "--yes")
    assert "Kept in the attic: the column users.note (3 values)\n" in said.stderr
    # Meanwhile one member leaves, one comes, and one gets another name.
    project.rows("DELETE FROM users WHERE username = 'ben'")
    project.rows("UPDATE users SET username = 'cemile' WHERE username = 'cem'")
    project.add_member("dora")

    said = project.run(spelling, "downgrade", "-1")
    assert "Put back from the attic: the column users.note (2 values)\n" in said.stderr
    assert project.rows(NOTES) == [("ada", "likes maps"), ("cemile", "owes me a drill"), ("dora", "none")]
    assert (project.one(LEFT), project.one(COPIES)) == (0, 1)


@pytest.mark.parametrize(
    ("before", "isolation"),
    [("likes maps", "read committed"), (None, "read committed"), ("likes maps", "repeatable read")],
    ids=["with values", "still empty", "where transactions see no others by default"],
)
def test_what_is_written_while_a_column_is_copied_is_kept(project, spelling, before, isolation):
    name = make_url(project.url).database
    project.rows(f"ALTER DATABASE {name} SET default_transaction_isolation = '{isolation}'")
    add = "op.execute('ALTER TABLE users ADD COLUMN note text')"
    project.add("note", up=add, down=DROP)
    project.flask("upgrade", "head")
    for name in ("ada", "ben", "cem"):
        project.add_member(name)
        project.rows("UPDATE users SET note = %s WHERE username = %s", before, name)
    project.add("drop", up=DROP, down=add, parents="note")
    with psycopg2.connect(project.url) as writer, writer.cursor() as cursor:
        cursor.execute("UPDATE users SET note = 'written late' WHERE username = 'ada'")
        cursor.execute("UPDATE users SET note = NULL WHERE username = 'ben'")
        cursor.execute("DELETE FROM users WHERE username = 'cem'")
        process = project.start(spelling, "upgrade", "head", "--yes", "--no-backup", **NO_HURRY)
        wait_until(lambda: project.one(WAITING), process)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "Kept in the attic: the column users.note" in output + errors
    project.flask("downgrade", "-1", "--no-backup")
    assert project.rows(NOTES) == [("ada", "written late"), ("ben", None)]


def test_a_name_may_have_a_per_cent_sign(project, spelling):
    add = """op.execute('ALTER TABLE users ADD COLUMN "50 % off" text')"""
    drop = """op.execute('ALTER TABLE users DROP COLUMN "50 % off"')"""
    project.add("note", up=add, down=drop)
    project.flask("upgrade", "head")
    project.add_member("ada")
    project.rows("""UPDATE users SET "50 %% off" = 'always' WHERE username = %s""", "ada")
    project.add("drop", up=drop, down=add, parents="note")
    said = project.run(spelling, "upgrade", "head", "--yes")
    # It counts as a loss.
    assert "(proven)" in said.stderr
    assert "Kept in the attic: the column users.50 % off (1 value)" in said.stderr
    project.run(spelling, "downgrade", "-1", "--no-backup")
    assert project.rows('SELECT "50 % off" FROM users') == [("always",)]


def test_dropped_table_comes_back_with_its_rows(project, spelling):
    make = "CREATE TABLE boats (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text UNIQUE)"
    project.add("boats", up=f'op.execute("{make}")', down='op.execute("DROP TABLE boats")')
    project.flask("upgrade", "head")
    project.rows("INSERT INTO boats (name) VALUES ('Argo'), ('Fram'), ('Gjøa')")
    project.rows("DELETE FROM boats WHERE name = 'Gjøa'")
    said = project.run(spelling, "downgrade", "-1", "--yes")
    assert "Kept in the attic: the table boats (2 rows)\n" in said.stderr
    said = project.run(spelling, "upgrade", "head")
    assert "Put back from the attic: the table boats (2 rows)\n" in said.stderr
    # No number is given a second time, not even one that was free when the table was dropped.
    project.rows("INSERT INTO boats (name) VALUES ('Vega')")
    assert project.rows("SELECT * FROM boats ORDER BY id") == [(1, "Argo"), (2, "Fram"), (4, "Vega")]
    assert project.one(LEFT) == 0


def test_step_that_is_killed_leaves_nothing_in_the_attic(project, spelling):
    with_notes(project, ada="likes maps")
    project.add("drop", up=f'{DROP}\nop.execute("SELECT pg_sleep(600)")', down=ADD, parents="note")
    process = project.start(spelling, "upgrade", "head", "--yes", "--no-backup")
    wait_until(lambda: project.one(ASLEEP), process)
    kill(process)
    wait_until(lambda: not project.one(ASLEEP))
    assert project.at() == "note"
    assert project.one("SELECT to_regnamespace('attic')") is None
    assert project.rows(NOTES) == [("ada", "likes maps")]


def test_way_back_that_is_killed_leaves_everything_in_the_attic(project, spelling):
    with_notes(project, ada="likes maps")
    project.add("drop", up=DROP, down=f'{ADD}\nop.execute("SELECT pg_sleep(600)")', parents="note")
    project.flask("upgrade", "head", "--yes")
    process = project.start(spelling, "downgrade", "-1", "--no-backup")
    wait_until(lambda: project.one(ASLEEP), process)
    kill(process)
    wait_until(lambda: not project.one(ASLEEP))
    assert (project.at(), project.one(LEFT)) == ("drop", 1)
    project.edit("drop", "pg_sleep(600)", "1")
    project.flask("stamp", "drop")
    project.flask("downgrade", "-1")
    assert project.rows(NOTES) == [("ada", "likes maps")]


@pytest.mark.parametrize(
    ("fill", "note"),
    [
        # What the way back works out of other rows is newer than the copy.
        ("UPDATE users SET note = upper(username)", "ADA"),
        ("UPDATE users SET note = 'new' WHERE username = 'ada'", "new"),
        # A constant for all says nothing.
        ("UPDATE users SET note = 'unknown'", "likes maps"),
        ("UPDATE users SET note = '' WHERE note IS NULL", "likes maps"),
    ],
)
def test_what_the_way_back_writes_itself_is_newer(project, fill, note):
    with_notes(project, ada="likes maps")
    add = f"""op.add_column("users", sa.Column("note", sa.Text()))
op.execute("{fill}")
op.alter_column("users", "note", nullable=False)"""
    project.add("drop", up='op.drop_column("users", "note")', down=add, parents="note")
    project.flask("upgrade", "head", "--yes")
    said = project.flask("downgrade", "-1")
    assert project.rows(NOTES) == [("ada", note)]
    assert project.one(LEFT) == (0 if note == "likes maps" else 1)
    assert ("(1 value), since 1 of its values were written anew by the step" in said) == (
        note != "likes maps"
    )


def test_reset_to_base_is_kept_too_and_everything_begins_anew(project):
    project.add_member("ada")
    said = project.flask("downgrade", "base", "--yes", "--no-backup")
    assert "Kept in the attic: " in said
    project.flask("upgrade", "head")
    assert project.one("SELECT count(*) FROM users") == 0
    [copy] = project.rows("SELECT copy FROM attic.kept WHERE table_name = 'users' AND column_name IS NULL")
    assert project.rows(f'SELECT username FROM attic."{copy[0]}"') == [("ada",)]
    assert project.at() == HEAD
