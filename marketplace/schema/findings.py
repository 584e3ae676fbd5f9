"""What a rehearsal finds in a revision: by what was seen of it, and by what it made of the rows before it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from marketplace.schema.comparison import compare
from marketplace.schema.contents import OWN_SCHEMAS, VERSION_TABLE, count_rows, one_instant, plain
from marketplace.schema.observed import STOPS_READERS, STOPS_WRITERS, Observed

Kind = Literal[
    "fails",
    "not again",
    "loses",
    "one way",
    "not restored",
    "stops readers",
    "stops writers",
    "works through",
]
# Worth knowing, but no danger: how long it took on the copy is told by the others.
HARMLESS = frozenset({"works through"})
ENDS_IT = frozenset({"fails", "not again"})

COLUMNS = text("""
    SELECT c.oid::bigint, attnum, format('%I', attname), format('%I.%I', nspname, relname),
           CASE nspname WHEN 'public' THEN '' ELSE nspname || '.' END || relname
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    LEFT JOIN pg_attribute ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relname <> :version_table
      AND nspname NOT IN ('pg_catalog', 'information_schema')
      AND nspname <> ALL (CAST(:own_schemas AS text[])) ORDER BY c.oid, attnum
""")


@dataclass(frozen=True)
class Finding:
    """One thing that a revision does on the copy, and so would do on the site."""

    kind: Kind
    says: str

    @property
    def is_danger(self) -> bool:
        """Whether nobody should meet it on the site for the first time."""
        return self.kind not in HARMLESS


def find_waits(up: Observed, patience: float) -> Iterator[Finding]:
    """Find waits that are longer than `patience` seconds."""
    readers, read = up.wait(STOPS_READERS)
    writers, written = up.wait(STOPS_WRITERS)
    rows, changed = max(((seconds, table) for table, seconds in up.rows_held.items()), default=(0.0, ""))
    if readers > patience:
        yield Finding("stops readers", f"whoever reads {read} waits up to {readers:.1f} s")
    if writers > patience:
        yield Finding("stops writers", f"whoever writes to {written} waits up to {writers:.1f} s")
    elif rows > patience:
        yield Finding(
            "stops writers", f"whoever changes one of the same rows of {changed} waits up to {rows:.1f} s"
        )


def find_work(up: Observed, before: Engine) -> list[Finding]:
    """Find statements that take the longer the more rows there are, while others wait."""
    with one_instant(before) as connection:
        counts = count_rows(connection)
    said: dict[str, None] = {}
    for statement in up.statements:
        for table in dict.fromkeys((*statement.rewritten, *statement.read)):
            modes = set(up.held.get(table, ())) & (STOPS_READERS | STOPS_WRITERS)
            rows = counts.get(table, 0)
            rewritten = table in statement.rewritten
            if rows and modes and (rewritten or statement.read[table] >= rows):
                against = "reading and writing" if modes & STOPS_READERS else "writing"
                does = "writes anew" if rewritten else "reads"
                said[f"{does} all {rows:,} rows of {table}, locked against {against}: {statement.sql}"] = None
    return [Finding("works through", says) for says in said]


def find_lost(before: Engine, after: Engine) -> list[str]:
    """Return what the rows of `before` lack in `after`: rows, and columns that had values.

    A table or column with another name is none of it, and is told by its number.
    """
    with one_instant(before) as old, one_instant(after) as new:
        there, left = _columns(old), _columns(new)
        numbers = {(oid, number) for oid, number, *_ in left}
        tables, columns = {oid for oid, *_ in left}, {(name, column) for *_, column, _, name in left}
        names = {name for *_, name in left}
        renamed = {name for oid, *_, name in there if oid in tables and name not in names}
        lost = [
            f"deletes {difference.removed:,} of the rows of {difference.table}"
            for difference in compare(before, after)
            if difference.removed and difference.table not in renamed
        ]
        for oid, number, column, full_name, name in there:
            kept = (oid, number) in numbers or (name, column) in columns
            if column is None or kept or (oid not in tables and name not in names):
                continue
            values = old.execute(plain(f"SELECT count({column}) FROM {full_name}")).scalar_one()  # noqa: S608
            if values:
                lost.append(f"drops the column {name}.{column}: {values:,} values")
    return lost


def find_unlike(before: Engine, after: Engine) -> list[str]:
    """Return in what `after`, which should be as `before` again, is not."""
    with one_instant(before) as old, one_instant(after) as new:
        there = {f"{name}.{column}" for *_, column, _, name in _columns(old) if column}
        left = {f"{name}.{column}" for *_, column, _, name in _columns(new) if column}
    unlike = [f"{column} is missing after going down" for column in sorted(there - left)]
    unlike += [f"{column} is left after going down" for column in sorted(left - there)]
    for difference in compare(before, after):
        changes = (
            (difference.added, "more"),
            (difference.changed, "with other values"),
            (difference.removed, "fewer"),
        )
        told = ", ".join(f"{number:,} {how}" for number, how in changes if number)
        unlike.append(f"the rows of {difference.table} are others after going down: {told}")
    return unlike


def _columns(connection: Connection) -> list[Any]:
    """The columns of the application's tables: numbers, name, and the table's name as SQL and for people."""
    values = {"own_schemas": [*OWN_SCHEMAS], "version_table": VERSION_TABLE}
    return list(connection.execute(COLUMNS, values))
