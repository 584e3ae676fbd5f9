"""The guide's whole verification: revision, files, tables, columns, foreign keys, orphans, rows."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ForeignKeyConstraint, MetaData, text
from sqlalchemy.engine import Connection, Engine

from marketplace.schema import ledger, repair
from marketplace.schema.contents import Table, count_rows, one_instant, plain
from marketplace.schema.files import read_files
from marketplace.schema.plan import label
from marketplace.schema.state import read_state

# Members delete things every day, so fewer rows are a finding only right after a migration.
FRESH = timedelta(hours=1)
EXAMPLES = 5

KEYS = text("""
    SELECT con.conname, child.nspname, c.relname, parent.nspname, p.relname, con.convalidated,
           ARRAY(SELECT attname::text FROM unnest(con.conkey) WITH ORDINALITY AS key(number, place)
                 JOIN pg_attribute ON attrelid = con.conrelid AND attnum = key.number ORDER BY place),
           ARRAY(SELECT attname::text FROM unnest(con.confkey) WITH ORDINALITY AS key(number, place)
                 JOIN pg_attribute ON attrelid = con.confrelid AND attnum = key.number ORDER BY place)
    FROM pg_constraint AS con
    JOIN pg_class AS c ON c.oid = con.conrelid JOIN pg_namespace AS child ON child.oid = c.relnamespace
    JOIN pg_class AS p ON p.oid = con.confrelid JOIN pg_namespace AS parent ON parent.oid = p.relnamespace
    WHERE con.contype = 'f' AND con.conparentid = 0 ORDER BY c.relname, con.conname
""")
COLUMNS = text("""
    SELECT table_schema, table_name, column_name FROM information_schema.columns
    WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'operations', 'attic')
""")
BROKEN_INDEXES = text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid ORDER BY 1")


@dataclass(frozen=True)
class Check:
    """One part of the verification: what it says when all is well, or what is wrong, thing by thing."""

    name: str
    says: str
    faults: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


@dataclass(frozen=True)
class Rows:
    """How many rows a table has now, and had before the last migration (None when that is not known)."""

    table: str
    now: int | None
    before: int | None


@dataclass(frozen=True)
class Verification:
    """All checks, in the guide's order, and each table's rows; `since` tells which migration was the last."""

    database: str
    checks: tuple[Check, ...]
    rows: tuple[Rows, ...] = ()
    since: str = ""

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return all(check.ok for check in self.checks)


@dataclass(frozen=True)
class Key:
    """A foreign key, as the database has it or as the models want it."""

    name: str
    child: Table
    columns: tuple[str, ...]
    parent: Table
    parent_columns: tuple[str, ...]
    validated: bool = field(default=True, compare=False)

    def __str__(self) -> str:
        return f"{self.child}.{', '.join(self.columns)} → {self.parent}.{', '.join(self.parent_columns)}"

    @property
    def ends(self) -> tuple[Any, ...]:
        """What it joins, whatever its name."""
        return self.child, self.columns, self.parent, self.parent_columns


def verify(
    engine: Engine, metadata: MetaData, folder: Path, progress: Callable[[str, float | None], None]
) -> Verification:
    """Verify the engine's database against the files in `folder` and the tables of `metadata`.

    It only reads, and sees one instant.
    """
    checks = [*_revisions(engine, folder)]
    with one_instant(engine) as connection:
        progress("Comparing tables and columns", None)
        found = _columns(connection)
        checks += _structure(found, metadata)
        keys = [_key(*row) for row in connection.execute(KEYS)]
        wanted = [
            key
            for key in _wanted_keys(metadata)
            if {key.child, key.parent} <= found.keys()
            and set(key.columns) <= found[key.child]
            and set(key.parent_columns) <= found[key.parent]
        ]
        checks.append(_foreign_keys(connection, keys, wanted))
        missing = [key for key in wanted if key.ends not in {each.ends for each in keys}]
        checks.append(_orphans(connection, [*keys, *missing], progress))
        progress("Counting rows", None)
        now = count_rows(connection)
    rows, since, fewer = _rows(engine, now, metadata)
    checks.append(Check("Rows", f"{sum(now.values()):,} in {len(now)} tables", fewer))
    return Verification(str(engine.url.database), tuple(checks), rows, since)


def _revisions(engine: Engine, folder: Path) -> list[Check]:
    files = read_files(folder)
    at, head = label(read_state(engine).heads), label(files.heads)
    pending = "" if at == head else f"The database is at {at or 'base'}, and head is {head}: flask db upgrade"
    findings = [finding.message for finding in repair.findings(engine, folder) if finding.is_fault]
    return [
        Check("Revision", f"{at} (head)", (pending,) if pending else ()),
        Check("Files", "all applied ones are as they were", tuple(findings)),
    ]


def _columns(connection: Connection) -> dict[Table, set[str]]:
    columns: dict[Table, set[str]] = {}
    for schema, table, column in connection.execute(COLUMNS):
        columns.setdefault(Table(schema, table), set()).add(column)
    return columns


def _structure(found: dict[Table, set[str]], metadata: MetaData) -> list[Check]:
    wanted = {
        Table(table.schema or "public", table.name): {column.name for column in table.columns}
        for table in metadata.tables.values()
    }
    there = [table for table in wanted if table in found]
    missing = [f"The table {table} is missing" for table in wanted if table not in found]
    columns = [
        f"The column {table}.{column} is missing"
        for table in there
        for column in sorted(wanted[table] - found[table])
    ]
    count = sum(len(wanted[table] & found[table]) for table in there)
    return [
        Check("Tables", f"{len(there)} of {len(wanted)}", tuple(missing)),
        Check("Columns", f"{count} of {sum(map(len, wanted.values()))}", tuple(columns)),
    ]


def _key(
    name: str,
    child_schema: str,
    child: str,
    parent_schema: str,
    parent: str,
    validated: bool,
    columns: list[str],
    parent_columns: list[str],
) -> Key:
    return Key(
        name,
        Table(child_schema, child),
        tuple(columns),
        Table(parent_schema, parent),
        tuple(parent_columns),
        validated,
    )


def _wanted_keys(metadata: MetaData) -> list[Key]:
    return [
        Key(
            str(constraint.name),
            Table(table.schema or "public", table.name),
            tuple(element.parent.name for element in constraint.elements),
            Table(constraint.referred_table.schema or "public", constraint.referred_table.name),
            tuple(element.column.name for element in constraint.elements),
        )
        for table in metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, ForeignKeyConstraint)
    ]


def _foreign_keys(connection: Connection, keys: list[Key], wanted: list[Key]) -> Check:
    there = {key.ends for key in keys}
    faults = [f"The foreign key {key} is missing" for key in wanted if key.ends not in there]
    faults += [f"The foreign key {key} was never validated" for key in keys if not key.validated]
    faults += [
        f"The index {name} is invalid: its build was interrupted"
        for name in connection.execute(BROKEN_INDEXES).scalars()
    ]
    return Check("Foreign keys", f"{len(keys)}, all of them valid", tuple(faults))


def _orphans(connection: Connection, keys: list[Key], progress: Callable[[str, float | None], None]) -> Check:
    faults = []
    quote = connection.dialect.identifier_preparer.quote
    for number, key in enumerate(keys):
        progress(f"Looking for orphans: {key}", number / len(keys))
        present = " AND ".join(f"child.{quote(column)} IS NOT NULL" for column in key.columns)
        same = " AND ".join(
            f"parent.{quote(theirs)} = child.{quote(ours)}"
            for ours, theirs in zip(key.columns, key.parent_columns, strict=True)
        )
        values = ", ".join(f"child.{quote(column)}" for column in key.columns)
        orphans = (
            f"FROM {quote(key.child.schema)}.{quote(key.child.name)} AS child WHERE {present}"
            f" AND NOT EXISTS (SELECT FROM {quote(key.parent.schema)}.{quote(key.parent.name)} AS parent"
            f" WHERE {same})"
        )
        count = connection.execute(plain(f"SELECT count(*) {orphans}")).scalar_one()
        if count:
            examples = connection.execute(
                plain(f"SELECT DISTINCT concat_ws(', ', {values}) {orphans} ORDER BY 1 LIMIT {EXAMPLES}")
            ).scalars()
            rows = "row points" if count == 1 else "rows point"
            faults.append(f"{count:,} {rows} to nothing: {key} (as {'; '.join(examples)})")
    return Check("Orphans", f"none along {len(keys)} foreign keys", tuple(faults))


def _rows(
    engine: Engine, now: dict[str, int], metadata: MetaData
) -> tuple[tuple[Rows, ...], str, tuple[str, ...]]:
    """Return the rows of each table, which migration was the last, and what has fewer rows than before it.

    A table whose model has `comes_and_goes` in its `info` may have fewer at any time.
    """
    last = next(
        (
            entry
            for entry in reversed(ledger.entries(engine))
            if entry.action == "restore"
            or (entry.action in ("upgrade", "downgrade") and "counts_before" in entry.detail)
        ),
        None,
    )
    if last is not None and last.action == "restore":
        # The rows are a backup's, which no migration since then has counted.
        last = None
    before: dict[str, int] = dict(last.detail["counts_before"]) if last else {}
    passing = {table.name for table in metadata.tables.values() if table.info.get("comes_and_goes")}
    rows = tuple(Rows(table, now.get(table), before.get(table)) for table in {**now, **before})
    if last is None:
        return rows, "", ()
    since = f"{last.action} on {last.at:%Y-%m-%d %H:%M}"
    with engine.connect() as connection:
        fresh = connection.execute(
            text("SELECT clock_timestamp() - :at < :fresh"), {"at": last.at, "fresh": FRESH}
        )
        if "losses_agreed" in last.detail or not fresh.scalar_one():
            return rows, since, ()
    fewer = tuple(
        f"{row.table} has {(row.before or 0) - (row.now or 0):,} fewer rows than before the {since}"
        for row in rows
        if (row.now or 0) < (row.before or 0) and row.table not in passing
    )
    return rows, since, fewer
