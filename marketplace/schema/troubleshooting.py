"""Turns what went wrong in a migration into a sentence in the guide's words, and the commands to type."""

import re
import traceback
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from marketplace.schema.errors import MigrationFailed, SchemaError
from marketplace.schema.files import RevisionFile, RevisionFiles
from marketplace.schema.ledger import first_line
from marketplace.schema.plan import Step, label
from marketplace.schema.session import OwnTransaction, invalid_indexes
from marketplace.schema.state import MARKED, State, read_state_on

UNDEFINED_TABLE, DEPENDENT_OBJECTS = "42P01", "2BP01"
# PostgreSQL 18 has a code of its own for keys that say RESTRICT.
FOREIGN_KEY = ("23503", "23001")
LOCK_NOT_AVAILABLE = "55P03"

KEY_DETAIL = re.compile(
    r"Key \((?P<columns>.+)\)=\((?P<values>.+)\) is (?P<what>(?:still )?referenced from|not present in)"
)
ADDED_KEY = re.compile(
    r"FOREIGN\s+KEY\s*\((?P<own>[^)]+)\)\s*REFERENCES\s+(?P<parent>[\w.\"]+)\s*\((?P<theirs>[^)]+)\)",
    re.IGNORECASE,
)
SHOWN_ROWS = 5


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five-character code of an error, if it has one."""
    return getattr(getattr(error, "orig", error), "pgcode", None)


def explain(error: BaseException, step: Step | None, engine: Engine, files: RevisionFiles) -> SchemaError:
    """Return the error to show for one that ended a run while `step` was being taken."""
    if isinstance(error, SchemaError):
        return error
    what = f"{step.direction.capitalize()} of {step.revision}" if step else "The run"
    try:
        with engine.connect() as connection:
            return MigrationFailed(_explain(error, what, step, connection, files))
    except SQLAlchemyError as unreachable:
        return MigrationFailed(
            f"{what} failed, and the database cannot be reached any more ({first_line(unreachable)}): what "
            "had not been committed is rolled back by the server.\n"
            "Next, when it is back: flask db current\n      flask db upgrade head"
        )


def _explain(
    error: BaseException, what: str, step: Step | None, connection: Connection, files: RevisionFiles
) -> str:
    state = read_state_on(connection)
    at = f"The database is at {label(state.heads) or 'base'}"
    again = "flask db downgrade" if step and step.direction == "downgrade" else "flask db upgrade head"
    code = sqlstate(error)
    if code == UNDEFINED_TABLE:
        return (
            f"{_undefined_table(error, what, step, state, files, connection)}\n{at}; {what} was rolled back."
        )
    if code in FOREIGN_KEY:
        return f"{_foreign_key(error, what, connection, again)}\n{at}; {what} was rolled back."
    if code == DEPENDENT_OBJECTS:
        return (
            f"Foreign key constraint errors: {what} would drop what others depend on: {_sentence(error)}\n"
            f"{at}; {what} was rolled back.\nNext: drop the dependencies first, in the same revision"
        )
    if isinstance(error, OwnTransaction):
        name = step.revision if step else "The revision"
        return (
            f"{name} would end its own transaction with {error}; nothing of it was applied. {at}.\n"
            f"Next: take {error} out of it (op.get_context().autocommit_block() is for work outside of one), "
            f"then {again}"
        )
    if isinstance(error, KeyboardInterrupt):
        return f"{what} was interrupted and rolled back. {at}.\nNext: {again}"
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return (
            f"The connection to the database was lost while {what[0].lower()}{what[1:]} was under way, which "
            f"was rolled back. {at}.\nNext: flask db current\n      {again}"
        )
    broken = invalid_indexes(connection)
    left = "".join(f"\nIt left the invalid index {name}; the next run builds it anew." for name in broken)
    return (
        f"{what} failed and was rolled back: {_sentence(error)}{_place(error, step)}\n{at}.{left}\n"
        f"Next: {again}, when the cause is mended"
    )


def _undefined_table(
    error: BaseException,
    what: str,
    step: Step | None,
    state: State,
    files: RevisionFiles,
    connection: Connection,
) -> str:
    """The guide's first problem, with the revision that makes the table and why it is not there."""
    match = re.search(r'relation "(?:public\.)?([^"]+)" does not exist', str(error)) or re.search(
        r'table "([^"]+)" does not exist', str(error)
    )
    table = match[1] if match else "?"
    where = connection.execute(text("SELECT current_database()")).scalar_one()
    found = f"relation '{table}' does not exist: {what} needs it"
    creator = files.creator_of(table)
    if creator is None:
        return f"{found}, and no revision creates it.\nNext: {_see(step)}"
    below = creator.parents[0] if creator.parents else "base"
    applied = (state.applied or {}).get(creator.revision)
    if creator.revision not in files.lineage(state.heads):
        return (
            f"{found} before it is created, which is what {creator.revision} does: migration order issue.\n"
            f"Next: let it follow {creator.revision} (its down_revision), then flask db upgrade head"
        )
    if applied is not None and applied.how == MARKED:
        return (
            f"{found}. {creator.revision} creates it, but was only stamped, and never ran.\n"
            f"Next: flask db current\n      flask db stamp {below}\n      flask db upgrade head"
        )
    return (
        f"{found}. {creator.revision} created it; it was dropped by other means since.\n"
        f"Next: flask db current\n"
        f"      flask db restore FILE   (a backup of {where}: see flask db backups)\n"
        "  or, when all data may go:\n      flask db downgrade base\n      flask db upgrade head"
    )


def _foreign_key(error: BaseException, what: str, connection: Connection, again: str) -> str:
    """The guide's last problem: which rows depend on which, and how to see and delete them."""
    diagnostics = getattr(getattr(error, "orig", None), "diag", None)
    child = getattr(diagnostics, "table_name", None) or "?"
    constraint = getattr(diagnostics, "constraint_name", None) or "?"
    keys = _keys(error, constraint, connection)
    if keys is None:
        return f"Foreign key constraint errors: {what} breaks {constraint}: {_sentence(error)}"
    parent, own, theirs = keys
    detail = KEY_DETAIL.match(getattr(diagnostics, "message_detail", None) or "")
    if detail and detail["what"] != "not present in":
        values = [f"'{value}'" for value in detail["values"].split(", ")]
        condition = f"({', '.join(own)}) = ({', '.join(values)})"
        story = f"refer to the row of {parent} that {what[0].lower()}{what[1:]} deletes"
    else:
        pairs = " AND ".join(f"p.{theirs_} = c.{own_}" for own_, theirs_ in zip(own, theirs, strict=True))
        present = " AND ".join(f"c.{column} IS NOT NULL" for column in own)
        condition = f"{present} AND NOT EXISTS (SELECT FROM {parent} p WHERE {pairs})"
        story = f"refer to rows of {parent} that do not exist"
    count, shown = _rows(connection, child, condition)
    rows = "1 row" if count == 1 else f"{count} rows"
    return (
        f"Foreign key constraint errors: {rows} of {child} ({shown}) {story} ({constraint}).\n"
        "Next: check for dependent data first, and delete the dependencies first:\n"
        + "".join(f"      {verb} FROM {child} c WHERE {condition};\n" for verb in ("SELECT *", "DELETE"))
        + f"      {again}"
    )


def _keys(
    error: BaseException, constraint: str, connection: Connection
) -> tuple[str, list[str], list[str]] | None:
    """The parent table, the child's columns and the parent's, of a key that exists or was being added."""
    row = connection.execute(
        text(
            "SELECT confrelid::regclass::text,"
            " ARRAY(SELECT quote_ident(attname) FROM unnest(conkey) WITH ORDINALITY k(n, i)"
            "   JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.n ORDER BY i),"
            " ARRAY(SELECT quote_ident(attname) FROM unnest(confkey) WITH ORDINALITY k(n, i)"
            "   JOIN pg_attribute a ON a.attrelid = confrelid AND a.attnum = k.n ORDER BY i)"
            " FROM pg_constraint WHERE contype = 'f' AND conname = :name LIMIT 1"
        ),
        {"name": constraint},
    ).one_or_none()
    if row is not None:
        return row[0], list(row[1]), list(row[2])
    match = ADDED_KEY.search(getattr(error, "statement", None) or "")
    if match is None:
        return None
    return match["parent"], re.split(r"\s*,\s*", match["own"]), re.split(r"\s*,\s*", match["theirs"])


def _rows(connection: Connection, child: str, condition: str) -> tuple[int, str]:
    """How many rows of `child` fulfil `condition`, and the keys of the first."""
    # Names and values come from the server's own message about this very key.
    count = connection.exec_driver_sql(f"SELECT count(*) FROM {child} c WHERE {condition}").scalar_one()  # noqa: S608
    key = connection.execute(
        text(
            "SELECT quote_ident(attname) FROM pg_index i JOIN pg_attribute a"
            " ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]"
            " WHERE i.indrelid = to_regclass(:child) AND i.indisprimary"
        ),
        {"child": child},
    ).scalar()
    if key is None:
        return int(count), "which have no key"
    rows = connection.exec_driver_sql(
        f"SELECT {key}::text FROM {child} c WHERE {condition} ORDER BY {key} LIMIT {SHOWN_ROWS}"  # noqa: S608
    ).scalars()
    more = ", …" if count > SHOWN_ROWS else ""
    return int(count), f"{key} {', '.join(rows)}{more}"


def _sentence(error: BaseException) -> str:
    """The first line of an error, without a program's name for it when it comes from the database."""
    if isinstance(error, DBAPIError):
        return first_line(error)
    return f"{type(error).__name__}: {first_line(error)}" if str(error).strip() else type(error).__name__


def _place(error: BaseException, step: Step | None) -> str:
    """The line of the revision's file at which an error arose."""
    if step is None:
        return ""
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).name == step.path.name
    ]
    return f" ({step.path.name}, line {lines[-1]})" if lines else ""


def _see(step: Step | None) -> str:
    return f"see what it refers to: {step.path}" if step else "flask db history"


def missing_tables(connection: Connection, marked: list[RevisionFile]) -> list[tuple[str, str]]:
    """The tables that revisions marked as applied would have created, and that are not there."""
    present: Any = set(
        connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars()
    )
    return [
        (file.revision, table) for file in marked for table in file.tables_created if table not in present
    ]
