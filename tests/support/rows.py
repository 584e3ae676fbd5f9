"""Rows in plain SQL, for databases that are not at the models' revision."""

from tests.support.catalogue import table_names
from tests.support.postgresql import connect

# Several rows of every shape that the schema allows, in the order in which they can be written.
ROWS = {
    "users": """
        INSERT INTO users (username, email, password_hash) VALUES
            ('ama', 'ama@example.org', 'x'), ('Bo.2', 'Bo@example.org', 'x'), ('citra', 'c@c.org', 'x')""",
    "categories": """
        WITH root AS (
            INSERT INTO categories (level, name, slug) VALUES (1, 'Tools', 'tools'), (1, 'Bücher', 'bucher')
            RETURNING id, slug
        ), second AS (
            INSERT INTO categories (parent_id, level, name, slug)
            SELECT id, 2, 'Hand tools', 'hand-tools' FROM root WHERE slug = 'tools' RETURNING id
        )
        SELECT FROM second""",
    "listings": """
        INSERT INTO listings (owner_id, category_id, title, status)
        SELECT u.id, c.id, 'Listing of ' || u.username,
               CASE WHEN c.level = 1 THEN 'active' ELSE 'archived' END
        FROM users u CROSS JOIN categories c""",
    "listing_items": """
        INSERT INTO listing_items (listing_id, owner_id, kind, name, exchange_type, duration_days, value)
        SELECT l.id, l.owner_id, kind, 'Thing 東京', exchange_type, days, value
        FROM listings l CROSS JOIN (VALUES
            ('offer', 'permanent', NULL::smallint, 0), ('offer', 'temporary', 365, 1000000000),
            ('want', 'permanent', NULL, NULL)) AS item (kind, exchange_type, days, value)""",
}

Rows = dict[str, list[tuple[object, ...]]]


def fill(url: str) -> None:
    """Put rows into every table that is there; a table this does not know fails the test."""
    tables = table_names(url)
    unknown = tables - ROWS.keys()
    assert not unknown, f"Say in ROWS how to fill {sorted(unknown)}."
    with connect(url) as cursor:
        for table, statement in ROWS.items():
            if table in tables:
                cursor.execute(statement)
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone()[0] > 1, table


def read_rows(url: str) -> Rows:
    """All rows of all tables, each as its text."""
    rows: Rows = {}
    with connect(url) as cursor:
        for table in sorted(table_names(url)):
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows
