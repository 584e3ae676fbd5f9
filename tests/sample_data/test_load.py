"""Rows reach PostgreSQL unchanged, all or none of them. Needs `app` and `starter_categories`."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from psycopg2.extensions import connection

from marketplace.extensions import db
from marketplace.sample_data import command
from marketplace.sample_data.load import RowStream, copy_line, load, lock_and_read_first_ids
from marketplace.sample_data.people import member
from marketplace.sample_data.rows import Batch, Listing

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
AWKWARD = "tab\there, line\nbreak, return\r, back\\slash, \\N, \\. and żółć 🎈"


@pytest.fixture
def driver(app: Flask) -> Iterator[connection]:
    pooled = db.engine.raw_connection()
    assert isinstance(pooled.driver_connection, connection)
    yield pooled.driver_connection
    pooled.close()


def run(app: Flask, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(command.sample_data, arguments)
    return result.exit_code, result.output


def counts() -> tuple[int, ...]:
    tables = ("users", "listings", "listing_items")
    with db.engine.connect() as live:
        return tuple(live.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in tables)


def everything() -> list[object]:
    with db.engine.connect() as live:
        return [
            tuple(row)
            for table in ("users", "listings", "listing_items")
            for row in live.exec_driver_sql(f"SELECT * FROM {table} ORDER BY id")
        ]


def test_a_line_escapes_what_copy_would_read_as_structure() -> None:
    assert copy_line((1, None, "a\tb\nc\\d\re")) == "1\t\\N\ta\\tb\\nc\\\\d\\re\n"


@pytest.mark.parametrize("size", [1, 7, 65_536, -1])
def test_a_stream_gives_every_byte_once(size: int) -> None:
    rows = [(number, "ż") for number in range(1_200)]
    stream = RowStream(rows)
    read = b"".join(iter(lambda: stream.read(size), b""))
    assert read == "".join(map(copy_line, rows)).encode()


def test_awkward_texts_survive(app: Flask, starter_categories: object, driver: connection) -> None:
    with driver.cursor() as cursor:
        first = lock_and_read_first_ids(driver)
        cursor.execute("SELECT min(id) FROM categories")
        (category_id,) = cursor.fetchone() or (None,)
        listing = Listing(
            first.listing, first.member, category_id, "Odd", AWKWARD, "active", None, None, None, NOON, NOON
        )
        load(driver, [Batch([member(first.member, NOON)], [listing], [])], lambda count: None)
        cursor.execute("SELECT description, created_at FROM listings WHERE id = %s", (first.listing,))
        assert cursor.fetchone() == (AWKWARD, NOON)
    driver.rollback()


def test_the_command_adds_what_it_says(app: Flask, starter_categories: object) -> None:
    status, output = run(app, "--listings", "1000")
    assert status == 0, output
    members, listings, items = counts()
    assert (members, listings) == (125, 1_000)
    assert f"Added 1,000 listings, 125 members and {items:,} items in " in output


def test_the_sequences_follow(app: Flask, starter_categories: object) -> None:
    run(app, "--listings", "80")
    with db.engine.connect() as live:
        next_id = live.exec_driver_sql(
            "SELECT nextval(pg_get_serial_sequence('listings', 'id'))"
        ).scalar_one()
        highest = live.exec_driver_sql("SELECT max(id) FROM listings").scalar_one()
    assert next_id == highest + 1


def test_a_second_run_adds_to_the_first(app: Flask, starter_categories: object) -> None:
    run(app, "--listings", "400")
    before = everything()
    status, output = run(app, "--listings", "400")
    assert status == 0, output
    assert counts()[:2] == (100, 800)
    assert all(row in everything() for row in before[:50])


def test_without_categories_the_next_command_is_named(app: Flask) -> None:
    status, output = run(app, "--listings", "10")
    assert status == 1
    assert "flask categories load marketplace/categories/starter.toml" in output


def test_production_is_refused(
    app: Flask, starter_categories: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "ENV_NAME", "production")
    status, output = run(app, "--listings", "10")
    assert (status, output) == (1, "Error: Sample data is not for production; nothing was added.\n")
    assert counts() == (0, 0, 0)


@pytest.mark.parametrize("number", ["0", "10000001", "many"])
def test_the_number_has_limits(app: Flask, number: str) -> None:
    assert run(app, "--listings", number)[0] == 2


def test_an_interruption_leaves_nothing(
    app: Flask, starter_categories: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(row: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("marketplace.sample_data.load.copy_line", interrupted)
    status, output = run(app, "--listings", "100")
    assert status == 1
    assert "Stopped; nothing was added." in output
    assert counts() == (0, 0, 0)


def test_a_failure_leaves_nothing(
    app: Flask, starter_categories: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.sample_data.people.UNUSABLE_HASH", None)
    status, output = run(app, "--listings", "100")
    assert status == 1
    assert "nothing was added." in output
    assert counts() == (0, 0, 0)
