"""Stores generated rows by COPY, on one connection and in one transaction that the caller commits."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from io import RawIOBase
from typing import Any, NamedTuple

from psycopg2 import sql
from psycopg2.extensions import connection, cursor

from marketplace.sample_data.rows import Batch, Category, FirstIds, Item, Listing, Member, Picture

ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
ROWS_AT_ONCE = 500
TABLES = ("users", "listings", "listing_items")

# Each row would be made again and again otherwise: for the listing, for its items, for their pictures.
SEARCH_TRIGGERS = {
    "listings": "refresh_changed_listings_on_insert",
    "listing_items": "refresh_listings_of_changed_items_on_insert",
    "pictures": "refresh_listings_of_changed_pictures_on_insert",
}
MAKE_SEARCH_ENTRIES = """
INSERT INTO search_entries (listing_id, owner_id, category_id, created_at, expires_at, value, document)
SELECT listing_id, owner_id, category_id, created_at, expires_at, value, document
FROM listing_documents WHERE listing_id BETWEEN %s AND %s
"""

CATEGORIES = """
WITH RECURSIVE tree AS (
    SELECT id, ARRAY[name::text] AS path FROM categories WHERE parent_id IS NULL AND is_active
    UNION ALL
    SELECT child.id, tree.path || child.name::text
    FROM categories AS child JOIN tree ON child.parent_id = tree.id
    WHERE child.is_active
)
SELECT id, path, NOT EXISTS (
    SELECT FROM categories AS child WHERE child.parent_id = tree.id AND child.is_active
)
FROM tree ORDER BY id
"""


class Added(NamedTuple):
    """How many rows were stored."""

    members: int
    listings: int
    items: int


def read_categories(driver: connection) -> list[Category]:
    """The categories that may hold listings: active, below active parents only."""
    with driver.cursor() as run:
        run.execute(CATEGORIES)
        return [Category(id_, tuple(path), is_leaf) for id_, path, is_leaf in run.fetchall()]


def lock_and_read_first_ids(driver: connection) -> FirstIds:
    """The first free ids. Others cannot add rows until the transaction ends: the ids must stay free."""
    with driver.cursor() as run:
        run.execute("LOCK TABLE users, listings, listing_items IN SHARE ROW EXCLUSIVE MODE")
        return FirstIds(*(_next_id(run, table) for table in TABLES))


def load(driver: connection, batches: Iterable[Batch], on_progress: Callable[[int], None]) -> Added:
    """Copy every batch, then set the sequences; `on_progress` is told how many listings each batch added."""
    members = listings = items = 0
    with driver.cursor() as run:
        _switch_search_triggers(run, "DISABLE")
        for batch in batches:
            _copy(run, "users", Member, batch.members)
            _copy(run, "listings", Listing, batch.listings)
            _copy(run, "listing_items", Item, batch.items)
            _copy(run, "pictures", Picture, batch.pictures)
            if batch.listings:
                run.execute(MAKE_SEARCH_ENTRIES, [batch.listings[0].id, batch.listings[-1].id])
            members += len(batch.members)
            listings += len(batch.listings)
            items += len(batch.items)
            on_progress(len(batch.listings))
        _switch_search_triggers(run, "ENABLE")
        for table in TABLES:
            _set_sequence(run, table)
        run.execute("ANALYZE users, listings, listing_items, pictures, search_entries")
    return Added(members, listings, items)


def copy_line(row: Sequence[Any]) -> str:
    """One row in the text format of COPY."""
    return "\t".join(["\\N" if field is None else str(field).translate(ESCAPES) for field in row]) + "\n"


class RowStream(RawIOBase):
    """A file for COPY to read, which formats rows only as they are asked for."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self._blocks: Iterator[Sequence[Sequence[Any]]] = (
            rows[start : start + ROWS_AT_ONCE] for start in range(0, len(rows), ROWS_AT_ONCE)
        )
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            block = next(self._blocks, None)
            if block is None:
                break
            self._rest += "".join(map(copy_line, block)).encode()
        if size < 0:
            size = len(self._rest)
        part, self._rest = self._rest[:size], self._rest[size:]
        return part


def _copy(
    run: cursor, table: str, row_type: type[Member | Listing | Item | Picture], rows: Sequence[Sequence[Any]]
) -> None:
    if rows:
        columns = sql.SQL(", ").join(map(sql.Identifier, row_type._fields))
        command = sql.SQL("COPY {} ({}) FROM STDIN WITH (ENCODING 'UTF8')").format(
            sql.Identifier(table), columns
        )
        run.copy_expert(command, RowStream(rows), 65_536)


def _switch_search_triggers(run: cursor, how: str) -> None:
    for table, trigger in SEARCH_TRIGGERS.items():
        run.execute(
            sql.SQL("ALTER TABLE {} {} TRIGGER {}").format(
                sql.Identifier(table), sql.SQL(how), sql.Identifier(trigger)
            )
        )


def _next_id(run: cursor, table: str) -> int:
    run.execute(sql.SQL("SELECT coalesce(max(id), 0) + 1 FROM {}").format(sql.Identifier(table)))
    row = run.fetchone()
    assert row is not None
    return int(row[0])


def _set_sequence(run: cursor, table: str) -> None:
    """Let the next id follow the last row; never back, or ids of deleted rows would be given again."""
    run.execute(
        sql.SQL(
            "SELECT setval(sequence, greatest(max(id), pg_sequence_last_value(sequence)))"
            " FROM {}, CAST(pg_get_serial_sequence(%s, 'id') AS regclass) AS sequence GROUP BY sequence"
        ).format(sql.Identifier(table)),
        (table,),
    )
