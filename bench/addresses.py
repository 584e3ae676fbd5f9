"""The pages that are measured. A page more is one line in PAGES."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import session

from bench.database import connected
from marketplace.listings.paging import Cursor

# As it is called in production.
SESSION_COOKIE = "__Host-kula_session"

# Of listings and items so many are asked for in turn, from all over the catalogue.
MANY = 200

LISTING_IDS = """
SELECT id FROM listings
WHERE status = 'active' AND (expires_at IS NULL OR expires_at > now() + interval '1 day')
AND id %% greatest(1, (SELECT max(id) FROM listings) / %s) = 0
ORDER BY id LIMIT %s
"""
ITEM_IDS = "SELECT min(id) FROM listing_items WHERE listing_id = ANY (%s) GROUP BY listing_id ORDER BY 1"
# Each category with its path and its root: a view for as long as the connection lasts.
PATHS = """
CREATE TEMPORARY VIEW tree AS
WITH RECURSIVE tree AS (
    SELECT id, slug::text AS path, id AS root_id FROM categories WHERE parent_id IS NULL
    UNION ALL
    SELECT child.id, tree.path || '/' || child.slug, tree.root_id
    FROM categories AS child JOIN tree ON child.parent_id = tree.id
)
SELECT id, path, root_id FROM tree
"""
FULLEST_ROOT = """
SELECT root.id, root.path FROM tree AS root
JOIN tree AS below ON below.root_id = root.id JOIN listings ON listings.category_id = below.id
WHERE root.id = root.root_id GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1
"""
FULLEST_LEAF = """
SELECT tree.path FROM tree JOIN listings ON listings.category_id = tree.id
WHERE NOT EXISTS (SELECT FROM categories AS child WHERE child.parent_id = tree.id)
GROUP BY tree.path ORDER BY count(*) DESC LIMIT 1
"""
LAST_PAGE = """
SELECT created_at, listings.id FROM listings JOIN tree ON tree.id = category_id
WHERE root_id = %s AND status = 'active' ORDER BY created_at, listings.id OFFSET 12 LIMIT 1
"""
# Words that an index has: "with" is in most listings, and in no index.
WORDS = """
SELECT word FROM search_words
WHERE word ~ '^[a-z]+$' AND numnode(to_tsquery('pg_catalog.english', word)) > 0
ORDER BY uses {order}, word LIMIT 1
"""
# Of a listing in the middle of the category, two words that others have as well.
TITLE_WORDS = """
SELECT word FROM search_words
WHERE word = ANY (string_to_array(search_text((
    SELECT listings.title FROM listings JOIN tree ON tree.id = category_id
    JOIN listing_items AS item ON item.listing_id = listings.id AND exchange_type = 'permanent'
    WHERE root_id = %s AND status = 'active' AND title ~ '^[A-Za-z]+ [A-Za-z]+'
    ORDER BY listings.id OFFSET 1000 LIMIT 1
)), ' ')) AND numnode(to_tsquery('pg_catalog.english', word)) > 0
ORDER BY uses DESC, word LIMIT 2
"""
LAST_FOUND = """
SELECT created_at, listing_id FROM search_entries
WHERE document @@ to_tsquery('pg_catalog.english', %s) AND expires_at > now()
ORDER BY created_at, listing_id OFFSET 12 LIMIT 1
"""


@dataclass(frozen=True)
class Catalogue:
    """What the addresses are made of."""

    root: str
    leaf: str
    last: Cursor
    common: str
    rare: str
    two: str
    last_found: Cursor
    listing_ids: list[int]
    item_ids: list[int]


@dataclass(frozen=True)
class Page:
    """A page with its addresses, and how many milliseconds of the database it may take."""

    name: str
    addresses: Callable[[Catalogue], list[str]]
    database_ms: int = 10


PAGES = (
    Page("Home", lambda _: ["/"]),
    Page("Category, root", lambda there: [f"/categories/{there.root}"]),
    Page("Category, leaf", lambda there: [f"/categories/{there.leaf}"]),
    Page("Category, last page", lambda there: [f"/categories/{there.root}?after={there.last}"]),
    Page("Search, very common word", lambda there: [f"/search?q={there.common}"], 20),
    Page("Search, its last page", lambda there: [f"/search?q={there.common}&after={there.last_found}"], 20),
    Page("Search, rare word", lambda there: [f"/search?q={there.rare}"], 20),
    Page("Search, two words and filters", lambda there: [there.two], 20),
    Page("Listing", lambda there: [f"/listings/{id_}" for id_ in there.listing_ids]),
    Page("Item", lambda there: [f"/items/{id_}" for id_ in there.item_ids]),
)


def read_catalogue(url: str) -> Catalogue:
    """Choose a root and a leaf with the most listings, and listings from all over."""
    with connected(url) as cursor:
        cursor.execute(PATHS)

        def rows(statement: str, *values: Any) -> list[Any]:
            cursor.execute(statement, values)
            return list(cursor.fetchall())

        root_id, root = rows(FULLEST_ROOT)[0]
        common = rows(WORDS.format(order="DESC"))[0][0]
        two = [word for (word,) in rows(TITLE_WORDS, root_id)]
        listing_ids = [id_ for (id_,) in rows(LISTING_IDS, MANY, MANY)]
        return Catalogue(
            root=root,
            leaf=rows(FULLEST_LEAF)[0][0],
            last=Cursor(*rows(LAST_PAGE, root_id)[0]),
            common=common,
            rare=rows(WORDS.format(order="ASC"))[0][0],
            two=f"/search?q={'+'.join(two)}&category={root}&type=permanent",
            last_found=Cursor(*rows(LAST_FOUND, common)[0]),
            listing_ids=listing_ids,
            item_ids=[id_ for (id_,) in rows(ITEM_IDS, listing_ids)],
        )


@dataclass(frozen=True)
class Visit:
    """A member's session: the cookie, and the token that the forms carry."""

    member_id: int
    cookie: str
    token: str


def member_visits(url: str, secret: str, count: int) -> list[Visit]:
    """Return sessions of so many members, the oldest ones, signed as the site signs them."""
    from flask_wtf.csrf import generate_csrf

    from marketplace import create_app
    from marketplace.devices.rules import hash_of, new_secret

    app = create_app({"SQLALCHEMY_DATABASE_URI": url, "SECRET_KEY": secret})
    serializer = app.session_interface.get_signing_serializer(app)
    with connected(url) as cursor:
        cursor.execute("SELECT id, session_epoch FROM users WHERE is_active ORDER BY id LIMIT %s", [count])
        members = cursor.fetchall()
        secrets = [new_secret() for _ in members]
        cursor.executemany(
            "INSERT INTO devices (member_id, session_epoch, secret_hash, browser)"
            " VALUES (%s, %s, %s, 'Bench')",
            [(*member, hash_of(each)) for member, each in zip(members, secrets, strict=True)],
        )
    visits = []
    for (member_id, _), device in zip(members, secrets, strict=True):
        with app.test_request_context():
            token = generate_csrf()
            values = {"_user_id": device, "_fresh": True, "used_at": int(time.time()), **session}
        visits.append(Visit(member_id, f"{SESSION_COOKIE}={serializer.dumps(values)}", token))
    return visits
