"""Copies a table or a column into the attic, in the transaction of the step that is about to drop it."""

import json
import re
from dataclasses import dataclass
from typing import Any

from psycopg2.errors import InsufficientPrivilege

from marketplace.schema.attic import CREATE, FIELDS, Kept
from marketplace.schema.contents import ATTIC, OWN_SCHEMAS, VERSION_TABLE
from marketplace.schema.errors import AtticUnavailable
from marketplace.schema.ledger import first_line

NAME_BYTES = 63
# A name as it may stand in SQL, with its schema or without; anything else is no name of a table.
NAME = re.compile(r'(?:"(?:[^"]|"")+"|[\w$]+)(?:\s*\.\s*(?:"(?:[^"]|"")+"|[\w$]+))?')

TABLE = """
    SELECT c.oid::bigint, nspname, relname, format('%%I.%%I', nspname, relname) FROM pg_class c
    JOIN pg_namespace n ON n.oid = relnamespace
    WHERE c.oid = %s AND relkind IN ('r', 'p') AND relname <> %s AND nspname <> ALL (%s)
"""
TABLES_OF_SCHEMA = """
    SELECT oid::bigint FROM pg_class
    WHERE relnamespace = to_regnamespace(%s) AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY oid
"""
# A type or collation of the database's own may be dropped after the table, so no copy may depend on one.
COLUMNS = """
    SELECT attname, attnum = ANY (coalesce(indkey::int2[], '{}')) AS in_key, attgenerated <> '' AS computed,
           format('%%I', attname) || CASE WHEN t.typnamespace = 'pg_catalog'::regnamespace THEN ''
             ELSE '::text' END || CASE WHEN collnamespace <> 'pg_catalog'::regnamespace
             THEN ' COLLATE pg_catalog."default"' ELSE '' END || format(' AS %%I', attname) AS copied
    FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
    LEFT JOIN pg_collation l ON l.oid = attcollation
    LEFT JOIN pg_index ON indrelid = attrelid AND indisprimary
    WHERE attrelid = %s AND attnum > 0 AND NOT attisdropped ORDER BY attnum
"""
SEQUENCES = """
    SELECT attname, format('%%I.%%I', s.relnamespace::regnamespace::text, s.relname)
    FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
    JOIN pg_attribute ON attrelid = d.refobjid AND attnum = d.refobjsubid
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
      AND d.refobjid = %s
"""


# How many transactions back the oldest one is that had not ended, and what others have written since then.
# The number stands in the text: with parameters no name might have a per cent sign.
SINCE = "SELECT age(pg_snapshot_xmin(pg_current_snapshot())::xid)"
LATE = "age(xmin) <= {since} AND xmin <> coalesce(pg_current_xact_id_if_assigned()::xid, '0')"


@dataclass(frozen=True)
class About:
    """Which step drops something: `afresh` by a reset to base."""

    revision: str
    direction: str
    afresh: bool


def find_table(cursor: Any, name: str) -> int | None:
    """Return the object id of the table that a statement names so, None when there is none now."""
    if not NAME.fullmatch(name):
        return None
    cursor.execute("SELECT to_regclass(%s)::oid::bigint", [name])
    found = cursor.fetchone()[0]
    return None if found is None else int(found)


def tables_of(cursor: Any, schema: str) -> list[int]:
    """Return the object ids of a schema's tables."""
    if not NAME.fullmatch(schema):
        return []
    cursor.execute(TABLES_OF_SCHEMA, [schema])
    return [oid for (oid,) in cursor.fetchall()]


def keep_table(cursor: Any, about: About, oid: int) -> Kept | None:
    """Copy a table's rows; return None when it has none, or is not the application's."""
    table = _table(cursor, oid)
    if table is None:
        return None
    _, schema, name, full_name = table
    _lock(cursor, full_name)
    if not _holds(cursor, f"SELECT FROM {full_name}"):
        return None
    columns = _columns(cursor, oid)
    copied = [copied for _, _, computed, copied in columns if not computed]
    key = [column for column, in_key, _, _ in columns if in_key]
    return _keep(cursor, about, oid, (schema, name, None), full_name, copied, key)


def keep_column(cursor: Any, about: About, oid: int, column: str) -> Kept | None:
    """Copy a column's values, each with the key of its row; return None when it has none.

    Nobody has to wait for the copy: it is made first, and what others have written meanwhile is copied anew
    when nothing can be written any more. Where there is no key that the column is no part of, the whole rows
    are copied while nothing can be written, for work by hand.
    """
    table = _table(cursor, oid)
    if table is None:
        return None
    _, schema, name, full_name = table
    cursor.execute("SELECT (parse_ident(%s))[1]", [column])
    bare = cursor.fetchone()[0]
    columns = {each[0]: each for each in _columns(cursor, oid)}
    _, in_key, computed, _ = columns.get(bare, ("", False, True, ""))
    if computed:
        return None
    keys = [] if in_key else [each for each in columns.values() if each[1]]
    values = f"SELECT FROM {full_name} WHERE {column} IS NOT NULL"
    since: int | None = None
    if keys:
        cursor.execute(SINCE)
        since = cursor.fetchone()[0]
        if not _holds(cursor, values):
            _lock(cursor, full_name)
            if not _holds(cursor, f"{values} AND {LATE.format(since=since)}"):
                return None
            since = None
    else:
        _lock(cursor, full_name)
        if not _holds(cursor, values):
            return None
    wanted = [*keys, columns[bare]] if keys else [each for each in columns.values() if not each[2]]
    copied, key = [each[3] for each in wanted], [each[0] for each in keys]
    return _keep(cursor, about, oid, (schema, name, bare), full_name, copied, key, since)


def _keep(
    cursor: Any,
    about: About,
    oid: int,
    what: tuple[str, str, str | None],
    full_name: str,
    copied: list[str],
    key: list[str],
    since: int | None = None,
) -> Kept:
    """Make the copy, and note it. With `since` others may write until it is made (see keep_column)."""
    schema, table, column = what
    _make_attic(cursor)
    cursor.execute(f"SELECT nextval(pg_get_serial_sequence('{ATTIC}.kept', 'id'))")
    number = cursor.fetchone()[0]
    copy = copy_name(about, table, column, number)
    quoted = f"{ATTIC}.{_quoted(copy)}"
    rows = f"SELECT {', '.join(copied)} FROM {full_name}"  # noqa: S608
    cursor.execute(f"CREATE TABLE {quoted} AS {rows}")
    amount = cursor.rowcount
    if column is not None:
        cursor.execute(f"SELECT count({_quoted(column)}) FROM {quoted}")  # noqa: S608
        amount = cursor.fetchone()[0]
        if since is not None:
            # What is written late is found by it, so that nobody is kept waiting for a look at all rows.
            cursor.execute(f"CREATE INDEX ON {quoted} ({', '.join(map(_quoted, key))})")
            _lock(cursor, full_name)
            late = f"{ATTIC}.{_quoted(f'late_{number}')}"
            cursor.execute(f"CREATE TABLE {late} AS {rows} WHERE {LATE.format(since=since)}")
            if cursor.rowcount:
                amount += _take_over(cursor, late, quoted, key, column)
            cursor.execute(f"DROP TABLE {late}")
    sequences = {of: at for of, at in _sequences(cursor, oid).items() if column in (None, of)}
    values = [
        *(number, about.revision, about.direction, schema, table, column, key),
        *(json.dumps(sequences), about.afresh, copy, amount),
    ]
    cursor.execute(
        f"INSERT INTO {ATTIC}.kept (id, revision, direction, table_schema, table_name, column_name, key,"  # noqa: S608
        " sequences, afresh, copy, amount) VALUES (%s, %s, %s, %s, %s, %s, %s::text[], %s, %s, %s, %s)"
        f" RETURNING {FIELDS}",
        values,
    )
    return Kept(*cursor.fetchone())


def _take_over(cursor: Any, late: str, copy: str, key: list[str], column: str) -> int:
    """Put what was written late into the copy; return by how much its number of values grows.

    A row that was deleted late stays in the copy: as one that is deleted afterwards, it is not put back.
    """
    same = " AND ".join(f"{late}.{name} = {copy}.{name}" for name in map(_quoted, key))
    cursor.execute(f"ANALYZE {late}")
    cursor.execute(
        f"SELECT count({late}.{_quoted(column)}) - count({copy}.{_quoted(column)})"  # noqa: S608
        f" FROM {late} LEFT JOIN {copy} ON {same}"
    )
    growth: int = cursor.fetchone()[0]
    cursor.execute(f"DELETE FROM {copy} USING {late} WHERE {same}")  # noqa: S608
    cursor.execute(f"INSERT INTO {copy} SELECT * FROM {late}")  # noqa: S608
    return growth


def _quoted(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))


def copy_name(about: About, table: str, column: str | None, number: int) -> str:
    """Return the name of a copy: revision, direction, what it is of, as far as they fit, and its number."""
    way = "up" if about.direction == "upgrade" else "down"
    words = "_".join(part for part in (about.revision, way, table, column) if part)
    ending = f"_{number}"
    return words.encode()[: NAME_BYTES - len(ending)].decode(errors="ignore") + ending


def _make_attic(cursor: Any) -> None:
    """Make the attic unless it is there. Raises AtticUnavailable when the role may not."""
    cursor.execute(f"SELECT to_regclass('{ATTIC}.kept') IS NOT NULL")
    if cursor.fetchone()[0]:
        return
    try:
        cursor.execute(CREATE)
    except InsufficientPrivilege as error:
        raise AtticUnavailable(
            f"The role may not make the schema `{ATTIC}`, in which what is dropped is kept "
            f"({first_line(error)}). The step was rolled back.\n"
            "Next: GRANT CREATE ON DATABASE … TO that role, as the owner, and run this again"
        ) from error


def _lock(cursor: Any, full_name: str) -> None:
    """Let nothing be written from here on that would be dropped without a copy.

    Whoever reads waits only for the statement itself.
    """
    cursor.execute(f"LOCK TABLE {full_name} IN SHARE MODE")


def _table(cursor: Any, oid: int) -> tuple[int, str, str, str] | None:
    cursor.execute(TABLE, [oid, VERSION_TABLE, [*OWN_SCHEMAS]])
    found: tuple[int, str, str, str] | None = cursor.fetchone()
    return found


def _columns(cursor: Any, oid: int) -> list[tuple[str, bool, bool, str]]:
    cursor.execute(COLUMNS, [oid])
    return list(cursor.fetchall())


def _sequences(cursor: Any, oid: int) -> dict[str, int]:
    """By column, the last number that its sequence gave."""
    cursor.execute(SEQUENCES, [oid])
    stood: dict[str, int] = {}
    for column, name in cursor.fetchall():
        cursor.execute(f"SELECT last_value FROM {name} WHERE is_called")  # noqa: S608
        row = cursor.fetchone()
        if row:
            stood[column] = row[0]
    return stood


def _holds(cursor: Any, rows: str) -> bool:
    cursor.execute(f"SELECT EXISTS ({rows})")
    return bool(cursor.fetchone()[0])
