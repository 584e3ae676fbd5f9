"""The later revisions, with 100,000 listings: what was there stays, and what goes is announced."""

import re
from collections.abc import Callable

import pytest

from tests.support.catalogue import table_names
from tests.support.postgresql import connect, run_project_command
from tests.support.rows import ROWS, VALUES

pytestmark = pytest.mark.soak

FOUNDING_HEAD = "cbfc66708806"
LISTINGS = 100_000

FOUNDING_ROWS = f"""
INSERT INTO users (username, email, password_hash)
SELECT 'member' || n, 'member' || n || '@example.org', 'x' FROM generate_series(1, 500) AS n;
INSERT INTO categories (level, name, slug) VALUES (1, 'Tools', 'tools'), (1, 'Boats', 'boats');
INSERT INTO categories (parent_id, level, name, slug)
SELECT id, 2, 'Small ' || name, 'small-' || slug FROM categories;
INSERT INTO listings (owner_id, category_id, title, description, status)
SELECT 1 + n % 500, 1 + n % 4, 'Thing number ' || n, 'A café’s thing, 自行车 ' || n,
       CASE WHEN n % 10 = 0 THEN 'archived' ELSE 'active' END
FROM generate_series(1, {LISTINGS}) AS n;
INSERT INTO listing_items (listing_id, owner_id, kind, name, exchange_type, duration_days, value)
SELECT listings.id, owner_id, kind, name, exchange_type, days, listings.id % 1000
FROM listings CROSS JOIN (VALUES
    ('offer', 'Rowing boat', 'permanent', NULL), ('want', 'Pair of oars', 'temporary', 14)
) AS item (kind, name, exchange_type, days);
"""

# Something in everything that the later revisions brought.
LATER_ROWS = """
UPDATE listings SET area = 'Old Town' WHERE id % 3 = 0;
UPDATE listings SET lifetime_days = 30, expires_at = now() + interval '30 days' WHERE id % 5 = 0;
UPDATE listings SET status = 'expired', lifetime_days = 60, expires_at = now() WHERE id % 100 = 1;
UPDATE listing_items SET condition = 'good' WHERE id % 4 = 0;
INSERT INTO listing_drafts (owner_id, form) SELECT id, '{"title": "Half a boat"}' FROM users WHERE id % 2 = 0;
INSERT INTO pictures (key, item_id, owner_id, alt, width, height)
SELECT md5(id::text), id, owner_id, 'A boat', 800, 600 FROM listing_items WHERE id % 7 = 0;
INSERT INTO search_words (word, uses, fragments) VALUES ('boat', 9, '{boat,oat,bat,bot,boa}');
INSERT INTO watched_listings (member_id, listing_id) SELECT 1, id FROM listings WHERE id % 1000 = 0;
INSERT INTO saved_searches (owner_id, name, query) VALUES (1, 'Boats', 'q=boat'), (2, 'Oars', 'q=oar');
INSERT INTO outbox (name, member_id, address, subject, text, html, useless_at)
SELECT 'listing_ends', id, email, 'A letter', '', '', now() FROM users WHERE id % 3 = 0;
INSERT INTO unsubscribed_topics (member_id, topic) SELECT id, 'listing_ends' FROM users WHERE id % 7 = 0;
INSERT INTO devices (member_id, session_epoch, secret_hash, browser)
SELECT id, session_epoch, sha256(id::text::bytea), 'Firefox on Linux' FROM users WHERE id % 3 = 0;
INSERT INTO second_factors (member_id, sealed_secret, confirmed_at)
SELECT id, 'sealed', now() FROM users WHERE id < 9;
INSERT INTO recovery_codes (member_id, code_hash)
SELECT member_id, sha256(n::text::bytea) FROM second_factors, generate_series(1, 10) AS n;
INSERT INTO former_category_paths (path, category_id) SELECT 'former/' || slug, id FROM categories;
DELETE FROM listings WHERE id % 5000 = 2;
"""
# Those of the other tables are few, and as in all tests of revisions.
LATER_ROWS += ";".join(
    ROWS[table]
    for table in (
        *("audit_log", "report_cases", "reports", "measures"),
        *("throttles", "screened_words", "blocks", "profiles"),
        *("exchanges", "exchange_versions", "exchange_items", "exchange_holds", "exchange_loans"),
        *("exchange_events", "exchange_messages", "exchange_reads", "exchange_reviews"),
        *("notifications", "notification_choices", "exchange_disputes"),
    )
)
LATER_ROWS += ";UPDATE exchanges SET remind_at = now();UPDATE exchange_loans SET remind_at = now();"
LATER_ROWS += VALUES["exchange_reviews", "about_id"]

FOUNDING_COLUMNS = {
    "users": "id, username, email, password_hash, is_active, session_epoch, created_at",
    "categories": "id, parent_id, level, name, slug, position, is_active, created_at",
    # Going down archives what had expired; the revision says so.
    "listings": "id, owner_id, category_id, title, description, created_at,"
    " CASE status WHEN 'expired' THEN 'archived' ELSE status END",
    "listing_items": "id, listing_id, owner_id, kind, name, description, exchange_type, duration_days, value,"
    " created_at",
}
DROPPED = re.compile(r"LOSS +drops the (table|column) ([\w.]+): ([\d,]+) ")


def test_rows_stay_and_losses_are_announced(make_database: Callable[..., str]):
    url = make_database("template0")
    flask("upgrade", FOUNDING_HEAD, url=url)
    run(url, FOUNDING_ROWS)
    before = founding_rows(url)

    flask("upgrade", "head", url=url)
    assert founding_rows(url) == before
    assert_found_by_what_they_are(url)
    run(url, LATER_ROWS)
    assert_found_by_what_they_are(url)

    filled = founding_rows(url)
    announced = losses_announced(url)
    lost = losses_by_counting(url)
    flask("downgrade", FOUNDING_HEAD, "--yes", url=url)
    assert founding_rows(url) == filled
    assert announced == lost
    assert table_names(url) == set(FOUNDING_COLUMNS)

    flask("upgrade", "head", url=url)
    assert founding_rows(url) == filled
    assert_found_by_what_they_are(url)
    # All that was dropped is back, and the steps themselves only count on.
    back = losses_by_counting(url)
    assert back.pop("content_versions") >= lost.pop("content_versions")
    assert back == lost
    attic = run_project_command("flask", "db", "attic", database_url=url).stdout
    assert attic == "The attic is empty.\n"


def flask(*arguments: str, url: str) -> None:
    """Run `flask db …` without a backup, which is not what this is about."""
    words = [*arguments, "--no-backup"]
    run_project_command("flask", "db", *words, database_url=url)


def run(url: str, statements: str) -> None:
    """Run SQL; each statement commits."""
    with connect(url) as cursor:
        cursor.execute(statements)


def founding_rows(url: str) -> dict[str, tuple[int, int]]:
    """Of each founding table the number of rows, and the sum of the hashes of its founding columns."""
    found = {}
    with connect(url) as cursor:
        for table, columns in FOUNDING_COLUMNS.items():
            cursor.execute(
                "SELECT count(*), sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric)"
                f" FROM (SELECT {columns} FROM {table}) AS t"
            )
            found[table] = cursor.fetchone()
    return found


def assert_found_by_what_they_are(url: str) -> None:
    """Search entries and counts are those of the listings as they are."""
    with connect(url) as cursor:
        cursor.execute(
            "SELECT count(*)"
            " FROM (SELECT listing_id, to_jsonb(d) AS row FROM listing_documents AS d) AS made"
            " FULL JOIN (SELECT listing_id, to_jsonb(e) AS row FROM search_entries AS e) AS kept"
            " USING (listing_id) WHERE made.row IS DISTINCT FROM kept.row"
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM listings WHERE status = 'active'")
        active = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM search_entries")
        assert cursor.fetchone() == active
        cursor.execute(
            "SELECT category_id, count(*) FROM search_entries GROUP BY 1"
            " EXCEPT SELECT category_id, sum(entries) FROM category_counts GROUP BY 1"
        )
        assert cursor.fetchall() == []


def losses_announced(url: str) -> dict[str, int]:
    """What `flask db review` says would be lost on the way down, by table or column."""
    review = run_project_command("flask", "db", "review", FOUNDING_HEAD, database_url=url, check=False).stdout
    return {name: int(count.replace(",", "")) for _, name, count in DROPPED.findall(review)}


def losses_by_counting(url: str) -> dict[str, int]:
    """What is in the tables and columns that the founding revisions do not know."""
    later_columns = (
        "listings.area",
        "listings.lifetime_days",
        "listings.expires_at",
        "listing_items.condition",
        "users.role",
        "search_entries.shown_from",
        "profiles.time_zone",
        "exchanges.remind_at",
        "exchange_loans.remind_at",
        "exchange_reviews.id",
        "exchange_reviews.about_id",
    )
    counts = {}
    with connect(url) as cursor:
        for name in later_columns:
            table, column = name.split(".")
            cursor.execute(f"SELECT count({column}) FROM {table}")
            counts[name] = cursor.fetchone()[0]
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        for (table,) in cursor.fetchall():
            if table not in FOUNDING_COLUMNS and table != "alembic_version":
                cursor.execute(f"SELECT count(*) FROM {table}")
                counts[table] = cursor.fetchone()[0]
    assert all(counts.values()), counts
    return counts
