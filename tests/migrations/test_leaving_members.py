"""Going back before members could leave takes back who is leaving, and leaves suspensions as they are."""

import pytest

from tests.support.postgresql import connect, run_project_command

BEFORE, AFTER = "0032_entries_hold_categories", "0034_leaving_at_index"
ROWS = """
INSERT INTO categories (level, name, slug) VALUES (1, 'Tools', 'tools');
INSERT INTO users (username, email, password_hash, leaving_at, suspended_until) VALUES
    ('stays', 'stays@example.org', 'x', NULL, NULL),
    ('leaves', 'leaves@example.org', 'x', now(), NULL),
    ('leaves-suspended', 'both@example.org', 'x', now(), '2200-01-01 00:00+00');
INSERT INTO listings (owner_id, category_id, title)
SELECT users.id, categories.id, username FROM users, categories ORDER BY users.id;
"""
SHOWN = """
SELECT listings.title, listings.shown_from::text, entry.shown_from::text
FROM listings JOIN search_entries AS entry ON entry.listing_id = listings.id ORDER BY listings.id
"""


@pytest.fixture
def database(template_at, make_database):
    return make_database(template_at(AFTER))


def test_who_is_leaving_is_taken_back_on_the_way_down(database):
    with connect(database) as cursor:
        cursor.execute("SET timezone = 'UTC'")
        cursor.execute(ROWS)
        cursor.execute(SHOWN)
        assert cursor.fetchall() == [
            ("stays", None, "-infinity"),
            ("leaves", "infinity", "infinity"),
            ("leaves-suspended", "infinity", "infinity"),
        ]
        run_project_command("flask", "db", "downgrade", BEFORE, "--yes", database_url=database)
        cursor.execute(SHOWN)
        assert cursor.fetchall() == [
            ("stays", None, "-infinity"),
            ("leaves", None, "-infinity"),
            ("leaves-suspended", "2200-01-01 00:00:00+00", "2200-01-01 00:00:00+00"),
        ]
        run_project_command("flask", "db", "upgrade", "head", database_url=database)
        # The attic has kept who was leaving.
        cursor.execute("SELECT count(leaving_at) FROM users")
        assert cursor.fetchall() == [(2,)]
