"""Compares the rows of two databases, table by table, without holding them in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from marketplace.schema.contents import Table, find_tables, one_instant, plain, quoted

ROWS_AT_ONCE = 5000


@dataclass(frozen=True)
class Difference:
    """What became of a table's rows between an earlier and a later state."""

    table: str
    added: int
    changed: int
    removed: int

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def compare(earlier: Engine, later: Engine) -> list[Difference]:
    """Return how the rows of `later` differ from those of `earlier`; equal tables are left out.

    A row is known by its primary key, and compared by the columns that both have. A table that only
    `later` has counts as added in full, and the other way round.
    """
    differences = []
    with one_instant(earlier) as before, one_instant(later) as after:
        old, new = find_tables(before), find_tables(after)
        for table in sorted({*old, *new}, key=lambda each: (each.schema != "public", each)):
            if table not in new:
                difference = Difference(str(table), 0, 0, _count(before, table))
            elif table not in old:
                difference = Difference(str(table), _count(after, table), 0, 0)
            else:
                difference = _compare_table(before, after, table)
            if difference:
                differences.append(difference)
    return differences


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(plain(f"SELECT count(*) FROM {quoted(connection, table)}")).scalar_one())  # noqa: S608


def _compare_table(before: Connection, after: Connection, table: Table) -> Difference:
    there = set(_columns(before, table))
    columns = [column for column in _columns(after, table) if column in there]
    key = [column for column in _key(after, table) if column in columns] or columns
    if not columns:
        return Difference(str(table), max(_count(after, table) - _count(before, table), 0), 0, 0)
    added = changed = removed = 0
    old_rows, new_rows = _hashes(before, table, key, columns), _hashes(after, table, key, columns)
    old, new = next(old_rows, None), next(new_rows, None)
    # Both come in the order of their keys' hashes, so one walk along both is enough.
    while old is not None or new is not None:
        if old is None or (new is not None and new[0] < old[0]):
            added += 1
            new = next(new_rows, None)
        elif new is None or old[0] < new[0]:
            removed += 1
            old = next(old_rows, None)
        else:
            changed += old[1] != new[1]
            old, new = next(old_rows, None), next(new_rows, None)
    return Difference(str(table), added, changed, removed)


def _hashes(
    connection: Connection, table: Table, key: list[str], columns: list[str]
) -> Iterator[tuple[int, int]]:
    quote = connection.dialect.identifier_preparer.quote

    def hashed(names: list[str]) -> str:
        return f"hashtextextended(ROW({', '.join(map(quote, names))})::text, 0)"

    statement = f"SELECT {hashed(key)}, {hashed(columns)} FROM {quoted(connection, table)} ORDER BY 1, 2"  # noqa: S608
    rows = connection.execution_options(stream_results=True, max_row_buffer=ROWS_AT_ONCE).execute(
        plain(statement)
    )
    for row in rows:
        yield row[0], row[1]


def _columns(connection: Connection, table: Table) -> list[str]:
    return list(
        connection.execute(
            text(
                "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:table AS regclass)"
                " AND attnum > 0 AND NOT attisdropped ORDER BY attname"
            ),
            {"table": quoted(connection, table)},
        ).scalars()
    )


def _key(connection: Connection, table: Table) -> list[str]:
    return list(
        connection.execute(
            text(
                "SELECT attname FROM pg_index"
                " JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)"
                " WHERE indisprimary AND indrelid = CAST(:table AS regclass) ORDER BY attname"
            ),
            {"table": quoted(connection, table)},
        ).scalars()
    )
