"""`flask db rehearse`: what it says of a revision is what it then does, and nothing is left behind.

Each revision is first rehearsed and then run on the site for good: up, down and up. While it is up and not
yet committed, somebody tries to read and to write each table.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest

from marketplace.schema.observed import STOPS_READERS, STOPS_WRITERS
from marketplace.schema.scratch import SUFFIX
from tests.support.migrations import Project, wait_until
from tests.support.operator import HEAD
from tests.support.postgresql import connect

# Held by the test, so that a revision waits for it at its end with all its locks; nobody holds it on a copy.
GATE = 7_777
OURS = ("things", "parts", "places")
# With this nothing that a revision does here takes long enough to be a danger by its time alone.
NO_HURRY = {"MIGRATION_LOCK_TIMEOUT_MS": "60000"}

TABLES = """
CREATE TABLE things (id int PRIMARY KEY, name varchar(20) NOT NULL, amount numeric(6,2), note text, kind text,
                     owner_id int);
CREATE TABLE parts (id int PRIMARY KEY, thing_id int REFERENCES things ON DELETE CASCADE);
CREATE TABLE places (id int PRIMARY KEY, words text);
INSERT INTO things SELECT n, 'thing ' || n, n + 0.25, CASE WHEN n > 1 THEN 'noted' END, 'same', n + 1000
FROM generate_series(1, 5) n;
INSERT INTO parts SELECT n, n FROM generate_series(1, 5) n;
INSERT INTO places (id) VALUES (1);
ALTER TABLE things ADD CONSTRAINT ck_kind CHECK (kind <> '') NOT VALID;
"""


def sql(*statements: str) -> str:
    """The body of a revision that sends these statements."""
    return "\n".join(f"op.execute({statement!r})" for statement in statements)


@dataclass(frozen=True)
class Case:
    """A revision, the kinds of dangers that it is, and the tables that it rewrites."""

    up: str
    down: str = "pass"
    kinds: frozenset[str] = frozenset()
    rewrites: frozenset[str] = frozenset()
    works_through: bool = False


def case(
    up: str, down: str, *kinds: str, rewrites: tuple[str, ...] = (), works_through: bool = False
) -> Case:
    return Case(up, down, frozenset(kinds), frozenset(rewrites), works_through)


READ_AND_DELETE = """\
bind = op.get_bind()
for (number,) in bind.execute(sa.text("SELECT id FROM parts WHERE id > 2")).all():
    bind.execute(sa.text("DELETE FROM parts WHERE id = :number"), {"number": number})"""

LOST = ("loses", "not restored")
DANGERS = {
    "a column goes": case(
        sql("ALTER TABLE things DROP COLUMN note"),
        sql("ALTER TABLE things ADD COLUMN note text"),
        "loses",
        # Its values are copied into the attic first.
        works_through=True,
    ),
    "a table goes": case(
        sql("DROP TABLE parts"), sql("CREATE TABLE parts (id int PRIMARY KEY, thing_id int)"), "loses"
    ),
    "some rows go, and others with them": case(sql("DELETE FROM things WHERE id > 3"), "pass", *LOST),
    "all rows go": case(sql("DELETE FROM parts"), "pass", *LOST),
    "a table is emptied": case(sql("TRUNCATE things CASCADE"), "pass", *LOST),
    "rows go in a block of code": case(sql("DO $$ BEGIN DELETE FROM parts; END $$"), "pass", *LOST),
    "rows go by what is read": case(READ_AND_DELETE, "pass", *LOST),
    "a table is made anew without some rows": case(
        sql(
            "CREATE TABLE newer AS SELECT * FROM places WHERE false",
            "DROP TABLE places",
            "ALTER TABLE newer RENAME TO places",
        ),
        "pass",
        *LOST,
    ),
    "values are written over": case(sql("UPDATE things SET name = 'nothing'"), "pass", "not restored"),
    "values are cut": case(
        sql("ALTER TABLE things ALTER COLUMN name TYPE varchar(3) USING left(name, 3)"),
        sql("ALTER TABLE things ALTER COLUMN name TYPE varchar(20)"),
        *LOST,
        rewrites=("things",),
        works_through=True,
    ),
    "values are rounded": case(
        sql("ALTER TABLE things ALTER COLUMN amount TYPE int"),
        sql("ALTER TABLE things ALTER COLUMN amount TYPE numeric(6,2)"),
        *LOST,
        rewrites=("things",),
        works_through=True,
    ),
    "an empty value is refused": case(
        sql("ALTER TABLE things ALTER COLUMN note SET NOT NULL"), "pass", "fails"
    ),
    "equal values are refused": case(sql("CREATE UNIQUE INDEX ix_kind ON things (kind)"), "pass", "fails"),
    "rows without what they refer to are refused": case(
        sql("ALTER TABLE things ADD CONSTRAINT fk_owner FOREIGN KEY (owner_id) REFERENCES users"),
        "pass",
        "fails",
    ),
    "rows that break a new rule are refused": case(
        sql("ALTER TABLE things ADD CONSTRAINT ck_amount CHECK (amount < 3)"), "pass", "fails"
    ),
    "there is no way back": case(
        sql("ALTER TABLE things ADD COLUMN motto text"),
        'raise NotImplementedError("nobody needs it")',
        "one way",
    ),
    "the way back forgets a table": case(
        sql("CREATE TABLE extra (id int)"), "pass", "not restored", "not again"
    ),
    "a rewrite": case(
        sql("ALTER TABLE parts ALTER COLUMN id TYPE bigint"),
        sql("ALTER TABLE parts ALTER COLUMN id TYPE int"),
        rewrites=("parts",),
        works_through=True,
    ),
    "a value of its own for each row": case(
        sql("ALTER TABLE things ADD COLUMN token uuid DEFAULT gen_random_uuid()"),
        sql("ALTER TABLE things DROP COLUMN token"),
        rewrites=("things",),
        works_through=True,
    ),
    "an index while others wait": case(
        sql("CREATE INDEX ix_name ON things (name)"), sql("DROP INDEX ix_name"), works_through=True
    ),
    "a rule that is checked at once": case(
        sql("ALTER TABLE things ADD CONSTRAINT ck_amount CHECK (amount > 0)"),
        sql("ALTER TABLE things DROP CONSTRAINT ck_amount"),
        works_through=True,
    ),
    "a foreign key that is checked at once": case(
        sql("ALTER TABLE parts ADD CONSTRAINT fk_again FOREIGN KEY (id) REFERENCES things"),
        sql("ALTER TABLE parts DROP CONSTRAINT fk_again"),
        works_through=True,
    ),
}  # fmt: skip

CONCURRENTLY = """\
with op.get_context().autocommit_block():
    op.execute("{}")"""

HARMLESS = {
    "a column comes": case(
        sql("ALTER TABLE things ADD COLUMN motto text"), sql("ALTER TABLE things DROP COLUMN motto")
    ),
    "a column with a constant comes": case(
        sql("ALTER TABLE things ADD COLUMN stars int NOT NULL DEFAULT 5"),
        sql("ALTER TABLE things DROP COLUMN stars"),
    ),
    "an empty column goes": case(
        sql("ALTER TABLE places DROP COLUMN words"),
        sql("ALTER TABLE places ADD COLUMN words text"),
        # No value is found to copy into the attic, but every row is asked.
        works_through=True,
    ),
    "a table comes": case(sql("CREATE TABLE extra (id int)"), sql("DROP TABLE extra")),
    "a table comes with rows": case(
        sql("CREATE TABLE extra (id int)", "INSERT INTO extra VALUES (1), (2)"), sql("DROP TABLE extra")
    ),
    "a column has another name": case(
        sql("ALTER TABLE things RENAME COLUMN note TO remark"),
        sql("ALTER TABLE things RENAME COLUMN remark TO note"),
    ),
    "a table has another name": case(
        sql("ALTER TABLE things RENAME TO objects"), sql("ALTER TABLE objects RENAME TO things")
    ),
    "values change, and change back": case(
        sql("UPDATE things SET amount = amount + 1"), sql("UPDATE things SET amount = amount - 1")
    ),
    "rows come, and go": case(
        sql("INSERT INTO places VALUES (2)"), sql("DELETE FROM places WHERE id = 2")
    ),
    "no row goes": case(sql("DELETE FROM things WHERE id > 1000"), "pass"),
    "a text may be longer": case(
        sql("ALTER TABLE things ALTER COLUMN name TYPE varchar(40)"),
        sql("ALTER TABLE things ALTER COLUMN name TYPE varchar(20)"),
    ),
    "an index while nobody waits": case(
        CONCURRENTLY.format("CREATE INDEX CONCURRENTLY ix_name ON things (name)"),
        CONCURRENTLY.format("DROP INDEX CONCURRENTLY ix_name"),
    ),
    "a rule that is checked later": case(
        sql("ALTER TABLE things ADD CONSTRAINT ck_amount CHECK (amount > 0) NOT VALID"),
        sql("ALTER TABLE things DROP CONSTRAINT ck_amount"),
    ),
    "a rule is checked": case(sql("ALTER TABLE things VALIDATE CONSTRAINT ck_kind"), "pass"),
    "a foreign key that is checked later": case(
        sql("ALTER TABLE parts ADD CONSTRAINT fk_again FOREIGN KEY (id) REFERENCES things NOT VALID"),
        sql("ALTER TABLE parts DROP CONSTRAINT fk_again"),
    ),
}  # fmt: skip

QUICK = ("rows go in a block of code", "rows without what they refer to are refused", "a rewrite")
QUICK_HARMLESS = ("a column has another name", "an index while nobody waits")


def some(cases: dict[str, Case], quick: tuple[str, ...]) -> list[Any]:
    """Each case as a parameter; all but a few are for the long run."""
    assert set(quick) <= set(cases)
    return [
        pytest.param(each, id=name, marks=() if name in quick else pytest.mark.soak)
        for name, each in cases.items()
    ]


@pytest.fixture
def site(project: Project) -> Project:
    """The project on a database with rows in tables that the revisions change."""
    project.add_member()
    project.rows(TABLES)
    return project


def rehearse(project: Project, *words: str, **environment: str) -> dict[str, Any]:
    """Rehearse, and return what is printed for programs."""
    result = project.run("flask", "rehearse", "--json", *words, status=None, **(NO_HURRY | environment))
    assert result.stdout, result.stderr
    told = json.loads(result.stdout)
    assert result.returncode == (told["dangers"] > 0)
    return told


def scratches(project: Project) -> list[str]:
    """The databases for a while that are left beside the site's."""
    name = project.one("SELECT current_database()")
    return [row[0] for row in project.rows(
        "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", name + SUFFIX
    )]  # fmt: skip


def tables(project: Project) -> list[str]:
    """The tables of the application."""
    rows = project.rows(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"
    )
    return [name for (name,) in rows]


def look(project: Project) -> dict[tuple[str, str], int]:
    """How many values each column has, and each table rows."""
    found = {}
    with connect(project.url) as cursor:
        for table in tables(project):
            cursor.execute(
                "SELECT attname FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
                [table],
            )
            columns = [name for (name,) in cursor.fetchall()]
            counts = ", ".join(["count(*)", *(f'count("{column}")' for column in columns)])
            cursor.execute(f"SELECT {counts} FROM {table}")
            found |= {
                (table, column): n for column, n in zip(["*", *columns], cursor.fetchone(), strict=True)
            }
    return found


def typed_values(project: Project) -> dict[tuple[str, str], tuple[str, list[str]]]:
    """Each column's type and values."""
    return {
        (table, column): (
            project.one(
                "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
                " WHERE attrelid = %s::regclass AND attname = %s",
                table,
                column,
            ),
            [row[0] for row in project.rows(f'SELECT "{column}"::text FROM {table} ORDER BY 1')],
        )
        for table, column in look(project)
        if table in OURS and column != "*"
    }


def all_rows(project: Project) -> dict[str, list[str]]:
    """Each table's columns and rows."""
    found = {f"{table}.{column}": [] for table, column in look(project) if column != "*"}
    with connect(project.url) as cursor:
        for table in tables(project):
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            found[table] = sorted(row[0] for row in cursor.fetchall())
    return found


def files_of_tables(project: Project) -> dict[str, int]:
    """The file that each table lies in."""
    return dict(
        project.rows("SELECT oid::regclass::text, relfilenode::bigint FROM pg_class WHERE relkind = 'r'")
    )


@contextmanager
def gate(project: Project) -> Iterator[None]:
    """Keep the revision from going on at its gate."""
    with connect(project.url) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
        yield


def stopped(project: Project, table: str, mode: str) -> bool:
    """Whether somebody who needs a table in a mode would have to wait."""
    with connect(project.url) as cursor:
        try:
            cursor.execute(f"BEGIN; LOCK TABLE {table} IN {mode} MODE NOWAIT; ROLLBACK")
        except psycopg2.errors.LockNotAvailable:
            return True
    return False


@dataclass
class Happened:
    """What a revision did on the site."""

    kinds: set[str]
    readers_stopped: set[str]
    writers_stopped: set[str]
    rewritten: set[str]


def happen(project: Project) -> Happened:
    """Run the revision on the site: up, with somebody at the gate, down, and up."""
    before, rows, files, there = look(project), all_rows(project), files_of_tables(project), tables(project)
    values = typed_values(project)
    readers, writers, kinds = set(), set(), set()
    with gate(project):
        process = project.start("flask", "upgrade", "head", "--yes", "--no-backup", **NO_HURRY)

        def waits() -> bool:
            return process.poll() is not None or project.one(
                "SELECT EXISTS (SELECT FROM pg_locks"
                " WHERE locktype = 'advisory' AND NOT granted AND objid = %s)",
                GATE,
            )

        wait_until(waits)
        if process.poll() is None:
            readers = {table for table in there if stopped(project, table, "ACCESS SHARE")}
            writers = {table for table in there if stopped(project, table, "ROW EXCLUSIVE")}
    _, errors = process.communicate(timeout=60)
    if process.returncode != 0:
        assert "failed and was rolled back" in errors or "Foreign key constraint" in errors, errors
        return Happened({"fails"}, set(), set(), set())
    after, later = look(project), files_of_tables(project)
    # A name that is gone is a loss only if what it named is nowhere else.
    gone = [key for key in before if after.get(key, 0) < before[key]]
    moved = sorted(before[key] for key in gone) == sorted(after[key] for key in set(after) - set(before))
    retyped = [
        key
        for key, (its_type, its_values) in typed_values(project).items()
        if key in values and values[key][0] != its_type and values[key][1] != its_values
    ]
    if (gone and not moved) or retyped:
        kinds.add("loses")
    rewritten = {
        table for table in there if table in later and later[table] != files[table] and after[table, "*"]
    }
    down = project.run("flask", "downgrade", "-1", "--yes", "--no-backup", status=None)
    if down.returncode != 0:
        kinds.add("one way")
        return Happened(kinds, readers, writers, rewritten)
    if all_rows(project) != rows:
        kinds.add("not restored")
    if project.run("flask", "upgrade", "head", "--yes", "--no-backup", status=None).returncode != 0:
        kinds.add("not again")
    return Happened(kinds, readers, writers, rewritten)


def add(project: Project, revision: Case) -> None:
    """Write the revision, with the gate at its end."""
    project.add(
        "trial", up=f"{revision.up}\n{sql(f'SELECT pg_advisory_xact_lock({GATE})')}", down=revision.down
    )


def compare(site: Project, revision: Case) -> None:
    """Rehearse a revision, run it, and compare."""
    add(site, revision)
    before = all_rows(site)
    told = rehearse(site)
    # The site itself is as it was, and nothing is left beside it.
    assert all_rows(site) == before
    assert site.at() == HEAD
    assert scratches(site) == []
    [rehearsed] = told["revisions"]
    kinds = {finding["kind"] for finding in rehearsed["findings"]}
    assert kinds - {"works through"} == revision.kinds, rehearsed["findings"]
    assert ("works through" in kinds) == revision.works_through, rehearsed["findings"]

    happened = happen(site)
    assert happened.kinds == kinds - {"works through"}, rehearsed["findings"]
    if rehearsed["up"] is None:
        return
    held = rehearsed["up"]["held"]
    assert {table for table in held if STOPS_READERS & set(held[table])} == happened.readers_stopped
    assert {table for table in held if STOPS_WRITERS & set(held[table])} == happened.writers_stopped
    rewritten = {table for each in rehearsed["up"]["statements"] for table in each["rewritten"]}
    assert rewritten == happened.rewritten == revision.rewrites


@pytest.mark.parametrize("revision", some(DANGERS, QUICK))
def test_a_dangerous_revision_does_on_the_site_what_the_rehearsal_said(site, revision):
    assert revision.kinds or revision.works_through
    compare(site, revision)


@pytest.mark.parametrize("revision", some(HARMLESS, QUICK_HARMLESS))
def test_a_harmless_revision_gives_no_alarm(site, revision):
    assert not revision.kinds
    compare(site, revision)
