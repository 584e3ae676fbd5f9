"""Earlier members count as verified, and an address is one member's alone once it is verified."""

import psycopg2
import pytest

from tests.support.postgresql import connect, run_project_command

BEFORE, FILLED, AFTER = "0017_outbox", "0018_verify_earlier_members", "0019_verified_address"
EARLIER = """
INSERT INTO users (username, email, password_hash, created_at, email_verified_at) VALUES
    ('asked', 'asked@example.org', 'x', '2026-01-01', '2026-01-02'),
    ('never-asked', 'never@example.org', 'x', '2026-02-01', NULL)
"""
MEMBERS = "SELECT username, email, email_verified_at::date::text FROM users ORDER BY id"
ADD = "INSERT INTO users (username, email, password_hash, email_verified_at) VALUES (%s, %s, 'x', %s)"


@pytest.fixture
def database(template_at, make_database):
    return make_database(template_at(BEFORE))


@pytest.fixture
def cursor(database):
    with connect(database) as cursor:
        yield cursor


@pytest.fixture
def go(database):
    def run(direction, target):
        run_project_command("flask", "db", direction, target, "--yes", database_url=database)

    return run


@pytest.fixture
def members(cursor):
    def read():
        cursor.execute(MEMBERS)
        return cursor.fetchall()

    return read


def test_earlier_members_count_as_verified_and_those_alone_lose_it_again(cursor, go, members):
    cursor.execute(EARLIER)
    before = members()
    go("upgrade", AFTER)
    filled = members()
    assert filled == [before[0], ("never-asked", "never@example.org", "2026-02-01")]
    cursor.execute(ADD, ["proved", "proved@example.org", "2026-03-01"])
    go("downgrade", BEFORE)
    assert members() == [*before, ("proved", "proved@example.org", "2026-03-01")]


def test_two_may_claim_an_address_and_one_can_have_it(cursor, go, members):
    go("upgrade", AFTER)
    for name in ("first", "second"):
        cursor.execute(ADD, [name, "Same@example.org", None])
    cursor.execute("UPDATE users SET email_verified_at = '2026-04-01' WHERE username = 'second'")
    with pytest.raises(psycopg2.errors.UniqueViolation, match="uq_users_email_verified"):
        cursor.execute("UPDATE users SET email_verified_at = now(), email = 'SAME@example.org' WHERE id = 1")
    cursor.execute(ADD, ["third", "other@example.org", None])
    cursor.execute(ADD, ["fourth", "OTHER@example.org", None])
    go("downgrade", FILLED)
    assert members() == [
        ("first", "member-1@address-of-another.invalid", None),
        ("second", "Same@example.org", "2026-04-01"),
        ("third", "other@example.org", None),
        ("fourth", "member-4@address-of-another.invalid", None),
    ]


def test_an_index_whose_building_was_stopped_is_built_again(cursor, go):
    cursor.execute("CREATE INDEX uq_users_email_verified ON users (id)")
    go("upgrade", AFTER)
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname LIKE '%\\_users\\_email%' ORDER BY 1")
    definitions = [definition for (definition,) in cursor.fetchall()]
    assert len(definitions) == 2
    assert all("lower((email)::text)" in definition for definition in definitions)
