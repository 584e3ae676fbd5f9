"""Which of many rows and values come back from the attic: all but those that do not fit."""

import pytest

from tests.support.coming_back import drop_and_come_back

NUMBER = "ALTER TABLE boats ADD COLUMN number {} UNIQUE"


@pytest.mark.parametrize("kind", ["bigint GENERATED ALWAYS AS IDENTITY", "serial"])
def test_numbers_come_back_though_rows_came_and_went_in_between(project, kind):
    """The step numbers all rows anew, so that each number is first another row's."""
    add = NUMBER.format(kind)
    _, said = drop_and_come_back(
        project,
        "CREATE TABLE boats (id int PRIMARY KEY); INSERT INTO boats SELECT generate_series(10, 1, -1);"
        f" {add}",
        "ALTER TABLE boats DROP COLUMN number",
        rows="DELETE FROM boats WHERE id = 1",
        meanwhile="DELETE FROM boats WHERE id = 9; INSERT INTO boats VALUES (11)",
        back=add,
    )
    assert "Put back from the attic: the column boats.number (8 values)\n" in said
    rows = dict(project.rows("SELECT id, number FROM boats"))
    new = rows.pop(11)
    assert rows == {each: 11 - each for each in (10, 8, 7, 6, 5, 4, 3, 2)}
    # 10 was given to a row that is gone, and no number is given a second time.
    assert new > 10
    project.rows("INSERT INTO boats VALUES (12)")
    assert project.one("SELECT number FROM boats WHERE id = 12") > new


def test_numbers_come_back_before_the_rows_that_refer_to_them(project):
    make = (
        f"{NUMBER.format('bigint GENERATED ALWAYS AS IDENTITY')};"
        " CREATE TABLE crews (id int PRIMARY KEY, boat bigint NOT NULL REFERENCES boats (number))"
    )
    _, said = drop_and_come_back(
        project,
        f"CREATE TABLE boats (id int PRIMARY KEY); INSERT INTO boats VALUES (2), (1); {make}",
        "DROP TABLE crews; ALTER TABLE boats DROP COLUMN number",
        rows="DELETE FROM boats WHERE id = 2; INSERT INTO crews VALUES (1, 2)",
        back=make,
    )
    assert "the table crews (1 row)" in said
    assert project.rows("SELECT crews.id, boats.id FROM crews JOIN boats ON number = boat") == [(1, 1)]


def test_numbers_come_back_though_a_name_has_a_per_cent_sign(project):
    add = 'ALTER TABLE boats ADD COLUMN "50 % off" serial UNIQUE'
    drop_and_come_back(
        project,
        f"CREATE TABLE boats (id int PRIMARY KEY); INSERT INTO boats VALUES (3), (2), (1); {add}",
        'ALTER TABLE boats DROP COLUMN "50 % off" RESTRICT',
        rows="DELETE FROM boats WHERE id = 3",
        back=add,
    )
    assert project.rows("SELECT * FROM boats ORDER BY id") == [(1, 3), (2, 2)]


def test_words_that_a_sequence_makes_come_back_like_any_other(project):
    add = (
        "CREATE SEQUENCE codes; ALTER TABLE boats ADD COLUMN code text DEFAULT 'B' || nextval('codes');"
        " ALTER SEQUENCE codes OWNED BY boats.code"
    )
    _, said = drop_and_come_back(
        project,
        f"CREATE TABLE boats (id int PRIMARY KEY); INSERT INTO boats VALUES (2), (1); {add}",
        "ALTER TABLE boats DROP COLUMN code",
        rows="UPDATE boats SET code = 'Argo' WHERE id = 1",
        back=add,
    )
    assert "Put back from the attic: the column boats.code (2 values)" in said
    assert project.rows("SELECT * FROM boats ORDER BY id") == [(1, "Argo"), (2, "B1")]


@pytest.mark.parametrize("taken", [(1,), (2, 3, 4), (64, 65, 100), tuple(range(1, 101))])
def test_only_the_rows_that_do_not_fit_are_left_wherever_they_are(project, taken):
    """Their names have been given to others meanwhile."""
    make = "CREATE TABLE boats (id int PRIMARY KEY, name text UNIQUE)"
    names = ", ".join(f"({900 + each}, 'boat {each}')" for each in taken)
    _, said = drop_and_come_back(
        project,
        make,
        "DROP TABLE boats",
        rows="INSERT INTO boats SELECT id, 'boat ' || id FROM generate_series(1, 100) AS id",
        back=f"{make}; INSERT INTO boats SELECT * FROM (VALUES {names}) AS given",
    )
    assert f"since {len(taken)} of its rows do not fit any more" in said
    assert project.rows("SELECT id FROM boats WHERE id <= 100 ORDER BY id") == [
        (each,) for each in range(1, 101) if each not in taken
    ]


@pytest.mark.parametrize("taken", [(1,), (2, 3, 4), (64, 65, 100), tuple(range(1, 101))])
def test_only_the_values_that_do_not_fit_are_left_wherever_they_are(project, taken):
    add = "ALTER TABLE boats ADD COLUMN name text CHECK (name NOT LIKE '%x')"
    names = ", ".join(map(str, taken))
    _, said = drop_and_come_back(
        project,
        "CREATE TABLE boats (id int PRIMARY KEY, name text);"
        " INSERT INTO boats SELECT generate_series(1, 100)",
        "ALTER TABLE boats DROP COLUMN name",
        rows="UPDATE boats SET name = 'boat ' || id;"
        f" UPDATE boats SET name = name || 'x' WHERE id IN ({names})",
        back=add,
    )
    assert f"since {len(taken)} of its values do not fit any more" in said
    assert project.rows("SELECT id FROM boats WHERE name IS NOT NULL ORDER BY id") == [
        (each,) for each in range(1, 101) if each not in taken
    ]
