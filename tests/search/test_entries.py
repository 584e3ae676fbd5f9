"""What searching reads is what the listings are, whatever changes them, and in whichever order.

Two connections change listings and all that belongs to them, in turns within transactions that overlap.
"""

from collections.abc import Iterator
from itertools import permutations
from threading import Thread
from typing import Any

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import make_url

from tests.support.site import wait_until

FILL = """
    INSERT INTO users (username, email, password_hash)
    VALUES ('ama', 'ama@example.org', 'x'), ('bela', 'bela@example.org', 'x');
    INSERT INTO categories (level, name, slug) VALUES (1, 'Workshop', 'workshop'), (1, 'Kitchen', 'kitchen');
    INSERT INTO categories (parent_id, level, name, slug)
    SELECT id, 2, 'Power', 'power' FROM categories WHERE slug = 'workshop';
    INSERT INTO categories (parent_id, level, name, slug)
    SELECT id, 3, 'Saws', 'saws' FROM categories WHERE slug = 'power';
    INSERT INTO listings (owner_id, category_id, title)
    SELECT 1 + category.id % 2, category.id, 'A drill' FROM categories AS category ORDER BY id;
    INSERT INTO listing_items (listing_id, owner_id, kind, name, value)
    SELECT id, owner_id, 'offer', 'A ladder', 10 FROM listings;
    INSERT INTO pictures (key, item_id, width, height) SELECT md5('1'), id, 1, 1 FROM listing_items;
"""
EMPTY = "TRUNCATE users, categories, search_entries, category_counts, pictures RESTART IDENTITY CASCADE"
# What each row of a table may become. {n} is a number, {w} a word; which row it is comes from the number.
CHANGES = (
    "INSERT INTO listings (owner_id, category_id, title, description)"
    " SELECT 1 + {n} % 2, 1 + {n} % 4, '{w}', '{w}'",
    "UPDATE listings SET title = '{w}' WHERE id = {n}",
    "UPDATE listings SET description = '{w}', area = nullif('{w}', 'tent') WHERE id % 3 = {n} % 3",
    "UPDATE listings SET category_id = 1 + {n} % 4 WHERE id IN ({n}, {n} + 1)",
    "UPDATE listings SET status = 'archived' WHERE id = {n}",
    "UPDATE listings SET status = 'active' WHERE id % 4 = {n} % 4",
    "UPDATE listings SET lifetime_days = 30, expires_at = now() + interval '{n} days' WHERE id % 2 = {n} % 2",
    "UPDATE listings SET status = 'expired' WHERE id = {n} AND expires_at IS NOT NULL",
    "UPDATE listings SET hidden_at = CASE WHEN {n} % 2 = 0 THEN now() END WHERE id % 3 = {n} % 3",
    "UPDATE listings SET shown_from = now() + interval '{n} days' WHERE owner_id = 1 + {n} % 2",
    "DELETE FROM listings WHERE id = {n}",
    "INSERT INTO listing_items (listing_id, owner_id, kind, name, value)"
    " SELECT id, owner_id, 'want', '{w}', {n} FROM listings WHERE id = {n}",
    "UPDATE listing_items SET name = '{w}', value = nullif({n}, 3) WHERE listing_id = {n}",
    "UPDATE listing_items SET exchange_type = 'temporary', duration_days = {n} WHERE id = {n}",
    "UPDATE listing_items SET kind = 'offer', condition = 'good' WHERE id % 3 = {n} % 3",
    "DELETE FROM listing_items WHERE id IN ({n}, {n} + 2)",
    "INSERT INTO pictures (key, item_id, position, width, height)"
    " SELECT md5('2'), id, {n}, 1, 1 FROM listing_items WHERE listing_id = {n}",
    "UPDATE pictures SET position = {n} + 1, item_id = (SELECT min(id) FROM listing_items WHERE id > {n})"
    " WHERE id = {n}",
    "UPDATE pictures SET item_id = NULL WHERE id = {n}",
    "DELETE FROM pictures WHERE id = {n}",
    "DELETE FROM users WHERE id = {n} - 4",
)
# Categories change while nobody is at work on a listing: whoever posts does not wait for another name.
OF_CATEGORIES = (
    "UPDATE categories SET name = '{w}' WHERE id = 1 + {n} % 4",
    "UPDATE categories SET parent_id = 2 WHERE id = 3",
    "UPDATE categories SET parent_id = 1 WHERE id = 3",
)
DIFFERENT = """
    SELECT * FROM (
        (TABLE listing_documents EXCEPT TABLE search_entries)
        UNION ALL (TABLE search_entries EXCEPT TABLE listing_documents)
    ) AS entry
"""
MISCOUNTED = """
    SELECT category_id, sum(entries) FROM (
        SELECT category_id, entries FROM category_counts
        UNION ALL SELECT category_id, -1 FROM search_entries
    ) AS part GROUP BY category_id HAVING sum(entries) <> 0
"""

words = st.sampled_from(("drill", "tent", "ladder lamp"))
numbers = st.integers(1, 6)
steps = st.lists(
    st.tuples(
        st.integers(0, 1), st.sampled_from((*CHANGES, *OF_CATEGORIES, "COMMIT", "ROLLBACK")), numbers, words
    ),
    min_size=20,
    max_size=60,
)


class Connections:
    """Two connections to one database."""

    def __init__(self, url: str) -> None:
        plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self.both = [psycopg2.connect(plain) for _ in range(2)]
        for connection in self.both:
            # Whoever would have to wait for the other gives up: one thread does the work of both.
            self.run(connection, "SET lock_timeout = '10ms'")
            connection.commit()

    def begin_again(self) -> None:
        """Put the first rows into empty tables."""
        for connection in self.both:
            connection.rollback()
        # Only a cleaning by the server itself can be in the way here, and it gives way after a moment.
        self.run(self.both[0], "SET LOCAL lock_timeout = 0")
        self.run(self.both[0], EMPTY)
        self.run(self.both[0], FILL)
        self.both[0].commit()

    def change(self, number: int, statement: str) -> None:
        """Let one of them run a statement, or leave it when the other is in its way, or the rules are."""
        connection = self.both[number]
        if statement.startswith("UPDATE categories"):
            self.commit()
        self.run(connection, "SAVEPOINT before")
        try:
            self.run(connection, f"{statement}; SET CONSTRAINTS ALL IMMEDIATE")
        except (psycopg2.errors.LockNotAvailable, psycopg2.IntegrityError):
            self.run(connection, "ROLLBACK TO SAVEPOINT before")
        if statement.startswith("UPDATE categories"):
            self.commit()

    def commit(self) -> None:
        """Let both commit."""
        for connection in self.both:
            connection.commit()

    def is_waiting(self, connection: Any) -> bool:
        """Tell whether the connection waits for a lock. The other one is asked."""
        number = connection.get_backend_pid()
        with self.both[0].cursor() as cursor:
            cursor.execute("SELECT pg_blocking_pids(%s) <> '{}'", [number])
            return bool(cursor.fetchone()[0])

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Return the rows of a query, when all has been committed."""
        self.commit()
        with self.both[0].cursor() as cursor:
            cursor.execute(query)
            return list(cursor.fetchall())

    def run(self, connection: Any, statement: str) -> None:
        """Send a statement."""
        with connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.fixture
def connections(make_database) -> Iterator[Connections]:
    connections = Connections(make_database())
    yield connections
    for connection in connections.both:
        connection.close()


SAME_LISTING = (
    "INSERT INTO listing_items (listing_id, owner_id, kind, name) SELECT id, owner_id, 'want', 'a tent'"
    " FROM listings WHERE id = 1",
    "UPDATE listing_items SET name = 'a lamp', value = 7 WHERE listing_id = 1",
    "DELETE FROM pictures WHERE item_id = 1",
    "UPDATE listings SET title = 'a violin' WHERE id = 1",
)


@pytest.mark.parametrize(("first", "second"), [*permutations(SAME_LISTING, 2)])
def test_who_changes_a_listing_at_the_same_time_sees_the_others_change(first, second, connections):
    connections.begin_again()
    one, other = connections.both
    connections.run(other, "SET lock_timeout = 0")
    connections.run(one, first)
    waiting = Thread(target=connections.run, args=(other, second))
    waiting.start()
    wait_until(lambda: connections.is_waiting(other), "the second waits for the first")
    one.commit()
    waiting.join()
    assert connections.rows(DIFFERENT) == []


WITH_CATEGORY = (
    "UPDATE categories SET name = 'Renamed' WHERE id = 1",
    "UPDATE listings SET title = 'a violin' WHERE id = 1",
    "INSERT INTO listings (owner_id, category_id, title) VALUES (1, 1, 'a viola')",
)


@pytest.mark.parametrize("change", WITH_CATEGORY[1:])
@pytest.mark.parametrize("category_first", [True, False])
def test_a_category_renamed_while_a_listing_in_it_is_written_is_found_by_the_new_name(
    change, category_first, connections
):
    connections.begin_again()
    connections.run(connections.both[0], "UPDATE listings SET category_id = 1 WHERE id = 1")
    connections.both[0].commit()
    first, second = (WITH_CATEGORY[0], change) if category_first else (change, WITH_CATEGORY[0])
    one, other = connections.both
    connections.run(other, "SET lock_timeout = 0")
    connections.run(one, first)
    waiting = Thread(target=connections.run, args=(other, second))
    waiting.start()
    wait_until(lambda: connections.is_waiting(other), "the second waits for the first")
    one.commit()
    waiting.join()
    assert connections.rows(DIFFERENT) == []


EXAMPLES = pytest.mark.parametrize(
    "examples", [pytest.param(25, id="quick"), pytest.param(600, id="long", marks=pytest.mark.soak)]
)


@EXAMPLES
def test_what_is_found_by_is_what_the_listings_are(examples, connections):
    @settings(
        max_examples=examples,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(steps)
    def check(steps):
        connections.begin_again()
        for number, change, n, word in steps:
            if change in ("COMMIT", "ROLLBACK"):
                getattr(connections.both[number], change.lower())()
            else:
                connections.change(number, change.format(n=n, w=word))
        assert connections.rows(DIFFERENT) == []
        assert connections.rows(MISCOUNTED) == []

    check()


def test_the_first_rows_are_found(connections):
    connections.begin_again()
    assert connections.rows("SELECT count(*) FROM search_entries") == [(4,)]
    assert connections.rows(DIFFERENT) == []
