"""Rows in plain SQL, for databases that are not at the models' revision."""

from collections.abc import Collection

from tests.support.catalogue import read_catalogue, table_names
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
    "listing_drafts": """
        INSERT INTO listing_drafts (owner_id, listing_id, form)
        SELECT owner_id, id, '{"title": "Half a 舟"}'::jsonb FROM listings
        UNION ALL SELECT NULL, NULL, '{}'""",
    "pictures": """
        INSERT INTO pictures (key, owner_id, item_id, alt, width, height)
        SELECT md5(id::text), owner_id, id, 'A thing', 800, 600 FROM listing_items
        UNION ALL SELECT md5('nobody'), NULL, NULL, '', 1, 1""",
    # These are filled by triggers, as the tables above were.
    "search_entries": "SELECT",
    "category_counts": "SELECT",
    "username_skeletons": "SELECT",
    "content_versions": "INSERT INTO content_versions (slot, listings) VALUES (0, 7)",
    "search_words": "INSERT INTO search_words VALUES ('oar', 2, '{oar,or,ar,oa}'), ('舟', 1, '{舟}')",
    "watched_listings": """
        INSERT INTO watched_listings (member_id, listing_id)
        SELECT member.id, listing.id FROM users AS member CROSS JOIN listings AS listing""",
    "saved_searches": """
        INSERT INTO saved_searches (owner_id, name, query) SELECT id, 'Oars', 'q=oar' FROM users""",
    "outbox": """
        INSERT INTO outbox (name, member_id, address, subject, text, html, useless_at)
        SELECT 'listing_ends', id, email, 'A letter', 'Words 東京', '<p>Words</p>', 'infinity' FROM users
        UNION ALL SELECT 'reset_password', NULL, 'a@b', 'x', '', '', now()""",
    "unsubscribed_topics": """
        INSERT INTO unsubscribed_topics (member_id, topic) SELECT id, 'listing_ends' FROM users""",
    "audit_log": """
        INSERT INTO audit_log (actor_id, action, object_kind, object_id, member_id, reason, before)
        SELECT NULL, 'grant', 'member', id, id, '東京', '{"role": "member"}' FROM users""",
    "report_cases": """
        INSERT INTO report_cases (kind, object_id, listing_id, member_id, name)
        SELECT 'listing', id, id, owner_id, title FROM listings""",
    "reports": """
        INSERT INTO reports (case_id, reporter_id, reason, words) SELECT id, member_id, 'other', 'Words 東京'
        FROM report_cases UNION ALL SELECT id, NULL, 'screened', '' FROM report_cases""",
    "measures": """
        INSERT INTO measures (member_id, case_id, listing_id, kind, name, reason)
        SELECT member_id, id, listing_id, 'warned', name, 'Words' FROM report_cases""",
    "removed_listings": "INSERT INTO removed_listings (id, category_id) VALUES (9001, 1), (9002, 2)",
    "throttles": """
        INSERT INTO throttles (purpose, key, attempts, blocked_until, forgotten_at)
        SELECT purpose, decode(md5(purpose), 'hex'), 3, now(), now() + interval '1 day'
        FROM (VALUES ('search'), ('log in')) AS limits (purpose)""",
    "screened_words": """
        INSERT INTO screened_words (words, folded, outcome, note)
        VALUES ('Snake Oil', 'snake oil', 'hold', ''), ('東京', '東京', 'refuse', 'Words')""",
    "former_category_paths": """
        INSERT INTO former_category_paths (path, category_id) SELECT 'former/' || slug, id FROM categories""",
    "devices": """
        INSERT INTO devices (member_id, session_epoch, secret_hash, browser)
        SELECT id, session_epoch, sha256(id::text::bytea), 'Firefox on Linux' FROM users""",
    "second_factors": """
        INSERT INTO second_factors (member_id, sealed_secret, confirmed_at)
        SELECT id, 'sealed', now() FROM users""",
    "recovery_codes": """
        INSERT INTO recovery_codes (member_id, code_hash)
        SELECT member_id, sha256(member_id::text::bytea) FROM second_factors""",
    "blocks": """
        INSERT INTO blocks (member_id, blocked_id)
        SELECT member.id, blocked.id FROM users AS member JOIN users AS blocked ON blocked.id <> member.id""",
    "exchanges": """
        INSERT INTO exchanges
            (proposer_id, receiver_id, state, version, item_ids, awaits, open_until, accepted_at, accepted_by)
        SELECT one.id, other.id, state, 1, '{1,2}', awaits, now() + interval '7 days', accepted_at,
            accepted_by
        FROM users AS one JOIN users AS other ON one.id < other.id CROSS JOIN (VALUES
            ('proposed', 'receiver', NULL::timestamptz, NULL), ('accepted', NULL, now(), 'receiver')
        ) AS stage (state, awaits, accepted_at, accepted_by)""",
    "exchange_versions": """
        INSERT INTO exchange_versions (exchange_id, number, author, note, open_until)
        SELECT id, 1, 'proposer', 'Words 東京', open_until FROM exchanges""",
    "exchange_items": """
        INSERT INTO exchange_items
            (exchange_id, version, giver, item_id, name, exchange_type, value, lent_from, lent_until)
        SELECT version.exchange_id, 1, giver, item_id, 'Thing 東京', exchange_type, 7, lent_from, lent_until
        FROM exchange_versions AS version CROSS JOIN (VALUES
            ('proposer', 1, 'permanent', NULL::timestamptz, NULL::timestamptz),
            ('receiver', NULL, 'temporary', now(), now() + interval '3 days')
        ) AS thing (giver, item_id, exchange_type, lent_from, lent_until)""",
    "exchange_holds": """
        INSERT INTO exchange_holds (exchange_id, item_id, giver, during)
        SELECT exchange.id, item.id, 'proposer',
            CASE WHEN item.id % 2 = 0 THEN tstzrange(now(), NULL)
                ELSE tstzrange(now(), now() + interval '3 days') END
        FROM listing_items AS item CROSS JOIN (SELECT min(id) AS id FROM exchanges) AS exchange""",
    "exchange_loans": """
        INSERT INTO exchange_loans (exchange_id, exchange_item_id, due_at, condition_before)
        SELECT exchange_id, id, lent_until, 'good' FROM exchange_items WHERE lent_until IS NOT NULL""",
    "exchange_events": """
        INSERT INTO exchange_events (exchange_id, event, actor, version, details)
        SELECT id, 'propose', 'proposer', 1, '{"place": "東京"}' FROM exchanges""",
    "exchange_messages": """
        INSERT INTO exchange_messages (exchange_id, author, words) SELECT id, 'receiver', 'Words 東京'
        FROM exchanges""",
    "exchange_disputes": """
        INSERT INTO exchange_disputes (exchange_id, side, words) SELECT id, 'receiver', 'Words 東京'
        FROM exchanges""",
    "exchange_reads": """
        INSERT INTO exchange_reads (exchange_id, side, message_id)
        SELECT exchange_id, 'proposer', id FROM exchange_messages""",
    "exchange_reviews": """
        INSERT INTO exchange_reviews (exchange_id, side, thumbs, words) SELECT id, 'receiver', 'good', '東京'
        FROM exchanges""",
    "notifications": """
        INSERT INTO notifications (member_id, kind, once, details, created_at, digest_at)
        SELECT id, 'told', 'thing', '{"thing": "東京"}', now(), now() FROM users""",
    "notification_choices": """
        INSERT INTO notification_choices (member_id, kind, letters)
        SELECT id, 'told', 'daily' FROM users UNION ALL SELECT id, 'other', 'at_once' FROM users""",
    "profiles": """
        INSERT INTO profiles (member_id, about, area) SELECT id, 'Words 東京', 'Old Town' FROM users""",
}

# Values in columns that came later than their tables.
VALUES = {
    ("listings", "lifetime_days"): """
        UPDATE listings SET area = 'Old Town', lifetime_days = 30, expires_at = now() + interval '30 days',
               status = CASE WHEN status = 'archived' THEN 'expired' ELSE status END
        WHERE id % 2 = 0""",
    ("profiles", "time_zone"): "UPDATE profiles SET time_zone = 'Asia/Tokyo' WHERE member_id % 2 = 0",
    ("listing_items", "condition"): "UPDATE listing_items SET condition = 'good' WHERE id % 2 = 0",
    ("exchange_reviews", "about_id"): """
        UPDATE exchange_reviews SET about_id = proposer_id FROM exchanges WHERE exchanges.id = exchange_id""",
}

# Each row as JSON, by table.
Rows = dict[str, list[str]]


def fill(url: str) -> None:
    """Put rows into every table that is there; a table this does not know fails the test."""
    catalogue = read_catalogue(url)
    tables = table_names(url)
    unknown = tables - ROWS.keys()
    assert not unknown, f"Say in ROWS how to fill {sorted(unknown)}."
    columns = {column[:2] for column in catalogue["columns"]}
    with connect(url) as cursor:
        for table, statement in ROWS.items():
            if table in tables:
                cursor.execute(statement)
                cursor.execute(f"SELECT count(*) FROM {table}")
                assert cursor.fetchone()[0] > 1, table
        for column, statement in VALUES.items():
            if column in columns:
                cursor.execute(statement)


def read_rows(url: str, without: Collection[tuple[str, str]] = ()) -> Rows:
    """All rows of all tables, but for the columns `without`, each of which is a table and a column."""
    rows: Rows = {}
    with connect(url) as cursor:
        for table in sorted(table_names(url)):
            left_out = [column for owner, column in without if owner == table]
            cursor.execute(f"SELECT (to_jsonb(t) - %s::text[])::text FROM {table} t ORDER BY 1", [left_out])
            rows[table] = [row for (row,) in cursor.fetchall()]
    return rows
