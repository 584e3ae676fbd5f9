"""What of the attic fits no more into the table it came from, and what no copy can be made of."""

import pytest

from tests.support.coming_back import drop_and_come_back

LEFT = "SELECT table_name, column_name, remark FROM attic.kept ORDER BY id"


PORTS = "CREATE TABLE ports (id int PRIMARY KEY, name text NOT NULL)"
BOATS = "CREATE TABLE boats (id int PRIMARY KEY, port int {} REFERENCES ports)"


def test_tables_come_back_parents_first(project):
    _, said = drop_and_come_back(
        project,
        f"{PORTS}; {BOATS.format('')}",
        "DROP TABLE boats; DROP TABLE ports",
        rows="INSERT INTO ports VALUES (1, 'Oban'); INSERT INTO boats VALUES (1, 1), (2, NULL)",
    )
    assert "Put back from the attic: the table ports (1 row) and the table boats (2 rows)" in said
    assert project.rows("SELECT * FROM boats ORDER BY id") == [(1, 1), (2, None)]


def test_row_whose_parent_was_deleted_meanwhile_is_left(project):
    _, said = drop_and_come_back(
        project,
        f"{PORTS}; {BOATS.format('NOT NULL')}",
        "DROP TABLE boats",
        rows="INSERT INTO ports VALUES (1, 'Oban'), (2, 'Mallaig'); INSERT INTO boats VALUES (1, 1), (2, 2)",
        meanwhile="DELETE FROM ports WHERE id = 2",
        back=BOATS.format("NOT NULL"),
    )
    assert "Put back from the attic: the table boats (1 row)\n" in said
    assert "Left in the attic: the table boats (2 rows), since 1 of its rows do not fit any more" in said
    assert project.rows("SELECT * FROM boats") == [(1, 1)]
    assert project.rows(LEFT) == [("boats", None, "1 of its rows do not fit any more")]


def test_value_whose_parent_was_deleted_meanwhile_is_left(project):
    add = "ALTER TABLE boats ADD COLUMN port int REFERENCES ports"
    _, said = drop_and_come_back(
        project,
        f"{PORTS}; CREATE TABLE boats (id int PRIMARY KEY); {add}",
        "ALTER TABLE boats DROP COLUMN port",
        rows="INSERT INTO ports VALUES (1, 'Oban'), (2, 'Mallaig'); INSERT INTO boats VALUES (1, 1), (2, 2)",
        meanwhile="DELETE FROM ports WHERE id = 2",
        back=add,
    )
    assert "since 1 of its values do not fit any more" in said
    assert project.rows("SELECT * FROM boats ORDER BY id") == [(1, 1), (2, None)]


def test_columns_that_a_rule_holds_together_come_back_together(project):
    """And a row that was changed so that its old values break the rule keeps what it has."""
    add = (
        "ALTER TABLE boats ADD COLUMN hired date; ALTER TABLE boats ADD COLUMN days int;"
        " ALTER TABLE boats ADD CONSTRAINT ck CHECK ((hired IS NULL) = (days IS NULL) AND days < seats)"
    )
    _, said = drop_and_come_back(
        project,
        f"CREATE TABLE boats (id int PRIMARY KEY, seats int NOT NULL); {add}",
        "ALTER TABLE boats DROP CONSTRAINT ck, DROP COLUMN days; ALTER TABLE boats DROP COLUMN hired",
        rows="INSERT INTO boats VALUES (1, 9, '2026-01-01', 3), (2, 9, NULL, NULL), (3, 9, '2026-01-03', 8)",
        meanwhile="UPDATE boats SET seats = 5",
        back=add,
    )
    assert project.rows("SELECT id, hired::text, days FROM boats ORDER BY id") == [
        (1, "2026-01-01", 3),
        (2, None, None),
        (3, None, None),
    ]
    assert "the column boats.days (2 values), since 1 of its values do not fit any more" in said


def test_types_and_collations_of_the_database_itself_may_go_along(project):
    make = """CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
        CREATE COLLATION own (locale = 'C');
        CREATE TABLE moods (mood mood PRIMARY KEY, all_of mood[], word short, name text COLLATE own)"""
    gone, said = drop_and_come_back(
        project,
        make,
        "DROP TABLE moods; DROP TYPE mood; DROP DOMAIN short; DROP COLLATION own",
        rows="INSERT INTO moods VALUES ('sad', '{glad,sad}', 'so', 'x')",
    )
    assert "Kept in the attic: the table moods (1 row)" in gone
    assert "Put back from the attic: the table moods (1 row)" in said
    assert project.rows("SELECT mood::text, all_of::text, word, name FROM moods") == [
        ("sad", "{glad,sad}", "so", "x")
    ]


@pytest.mark.parametrize(
    ("refill", "name"),
    [
        # What the way back inserts itself as constants, it did at first, too.
        ("INSERT INTO ports VALUES (1, 'unnamed')", "Oban"),
        ("INSERT INTO ports SELECT id, upper(username) FROM users", "ADA"),
    ],
)
def test_rows_that_the_way_back_takes_from_elsewhere_are_newer(project, refill, name):
    project.rows(
        "INSERT INTO users (id, username, email, password_hash) OVERRIDING SYSTEM VALUE"
        " VALUES (1, 'ada', 'ada@example.org', 'x')"
    )
    drop_and_come_back(
        project,
        PORTS,
        "DROP TABLE ports",
        rows="INSERT INTO ports VALUES (1, 'Oban'), (2, 'Mallaig')",
        back=f"{PORTS}; {refill}",
    )
    assert project.rows("SELECT * FROM ports ORDER BY id") == [(1, name), (2, "Mallaig")]


def test_rows_of_a_table_that_is_only_made_anew_stay_deleted(project):
    make_anew = """CREATE TABLE newer AS SELECT * FROM ports; DROP TABLE ports;
        ALTER TABLE newer RENAME TO ports; ALTER TABLE ports ADD PRIMARY KEY (id)"""
    _, said = drop_and_come_back(
        project,
        PORTS,
        make_anew,
        rows="INSERT INTO ports VALUES (1, 'Oban'), (2, 'Mallaig')",
        meanwhile="DELETE FROM ports WHERE id = 2",
        back=make_anew,
    )
    assert project.rows("SELECT * FROM ports") == [(1, "Oban")]
    assert "the table ports (2 rows), since the step made the table of the rows that were there" in said


def test_table_may_get_another_name_in_the_same_step(project):
    add = "ALTER TABLE boats ADD COLUMN days int"
    _, said = drop_and_come_back(
        project,
        f"CREATE TABLE boats (id int PRIMARY KEY); {add}",
        "ALTER TABLE boats RENAME TO ships; ALTER TABLE ships DROP COLUMN days",
        rows="INSERT INTO boats VALUES (1, 3)",
        back=f"ALTER TABLE ships RENAME TO boats; {add}",
    )
    assert "Put back from the attic: the column boats.days (1 value)" in said
    assert project.rows("SELECT * FROM boats") == [(1, 3)]


def test_what_the_way_back_does_not_make_again_is_said(project):
    _, said = drop_and_come_back(
        project, PORTS, "DROP TABLE ports", rows="INSERT INTO ports VALUES (1, 'Oban')", back="SELECT 1"
    )
    assert "Left in the attic: the table ports (1 row), since the step does not make it again" in said


def test_column_of_a_table_without_a_key_is_kept_for_work_by_hand(project):
    add = "ALTER TABLE boats ADD COLUMN days int"
    _, said = drop_and_come_back(
        project,
        f"CREATE TABLE boats (name text); {add}",
        "ALTER TABLE boats DROP COLUMN days",
        rows="INSERT INTO boats VALUES ('Argo', 3)",
        back=add,
    )
    assert "since its rows have no key of their own to be known by" in said
    [(copy,)] = project.rows("SELECT copy FROM attic.kept")
    assert copy == "drop_up_boats_days_1"
    assert project.rows(f"SELECT name, days FROM attic.{copy}") == [("Argo", 3)]


def test_computed_columns_and_numbers_of_the_database_come_back(project):
    add = """ALTER TABLE boats ADD COLUMN number int GENERATED ALWAYS AS IDENTITY;
        ALTER TABLE boats ADD COLUMN twice int GENERATED ALWAYS AS (id * 2) STORED"""
    gone, _ = drop_and_come_back(
        project,
        f"CREATE TABLE boats (id int PRIMARY KEY); {add}",
        "ALTER TABLE boats DROP COLUMN number, DROP COLUMN twice",
        rows="INSERT INTO boats (id, number) OVERRIDING SYSTEM VALUE VALUES (1, 7), (2, 9)",
        back=add,
    )
    assert "Kept in the attic: the column boats.number (2 values)\n" in gone
    assert project.rows("SELECT * FROM boats ORDER BY id") == [(1, 7, 2), (2, 9, 4)]
    assert (
        project.one(
            "SELECT attidentity FROM pg_attribute WHERE (attname, attrelid) = ('number', 'boats'::regclass)"
        )
        == "a"
    )


REFUSE = """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'Boats never change.'; END $$;
    CREATE TRIGGER refuse BEFORE UPDATE ON boats FOR EACH ROW EXECUTE FUNCTION refuse()"""


def test_triggers_do_not_see_what_comes_back(project):
    """It was written once already; and they are on again afterwards."""
    add = "ALTER TABLE boats ADD COLUMN days int"
    drop_and_come_back(
        project,
        f"CREATE TABLE boats (id int PRIMARY KEY); {add}",
        "ALTER TABLE boats DROP COLUMN days",
        rows=f"INSERT INTO boats VALUES (1, 3); {REFUSE}",
        back=add,
    )
    assert project.rows("SELECT * FROM boats") == [(1, 3)]
    assert project.one("SELECT tgenabled FROM pg_trigger WHERE tgname = 'refuse'") == "O"


@pytest.mark.parametrize(
    ("drop", "why"),
    [
        ("with op.get_context().autocommit_block():\n    op.execute('DROP TABLE ports')", "runs outside of"),
        ('op.execute("DO $$ BEGIN DROP TABLE ports; END $$")', "cannot be read"),
    ],
)
def test_what_cannot_be_kept_is_said(project, drop, why):
    project.add("make", up=f'op.execute("{PORTS}")')
    project.flask("upgrade", "head")
    project.rows("INSERT INTO ports VALUES (1, 'Oban')")
    project.add("drop", up=drop, parents="make")
    said = project.flask("upgrade", "head", "--yes", "--no-backup")
    assert f"Not kept in the attic, since the statement {why}" in said
    assert project.one("SELECT to_regnamespace('attic')") is None
