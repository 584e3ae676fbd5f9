"""What a database holds: its tables, and for each the number of rows and a hash of them all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import TextClause, text
from sqlalchemy.engine import Connection, Engine

Progress = Callable[[str, float], None]

OWN_SCHEMA = "operations"
# What steps dropped is kept there, for the way back. Like the ledger it is no part of the chain.
ATTIC = "attic"
OWN_SCHEMAS = (OWN_SCHEMA, ATTIC)
VERSION_TABLE = "alembic_version"

# Rows are compared as text, which must not depend on anybody's settings.
SETTINGS = (
    "SET LOCAL DateStyle = 'ISO, YMD'",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL IntervalStyle = 'iso_8601'",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL extra_float_digits = 1",
)

TABLES = text("""
    SELECT namespace.nspname, class.relname
    FROM pg_class AS class
    JOIN pg_namespace AS namespace ON namespace.oid = class.relnamespace
    WHERE class.relkind IN ('r', 'p') AND NOT class.relispartition AND class.relpersistence <> 't'
      AND namespace.nspname NOT IN ('pg_catalog', 'information_schema')
      AND namespace.nspname <> ALL (CAST(:own_schemas AS text[]))
      AND NOT EXISTS (
        SELECT FROM pg_depend
        WHERE classid = 'pg_class'::regclass AND objid = class.oid AND deptype = 'e'
      )
    ORDER BY namespace.nspname <> 'public', namespace.nspname, class.relname
""")


@dataclass(frozen=True, order=True)
class Table:
    """A table that holds data of the application."""

    schema: str
    name: str

    def __str__(self) -> str:
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"


@dataclass(frozen=True)
class Contents:
    """How many rows a table has, and a hash that does not depend on their order."""

    rows: int
    hash: str


@contextmanager
def one_instant(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that only reads, and sees the database as it is at one instant."""
    with engine.connect().execution_options(
        isolation_level="REPEATABLE READ", postgresql_readonly=True
    ) as connection:
        for setting in SETTINGS:
            connection.exec_driver_sql(setting)
        yield connection
        connection.rollback()


def find_tables(connection: Connection, *, everything: bool = False) -> list[Table]:
    """Return the tables with the application's data, those in public first.

    Ours and Alembic's are among them only with `everything`.
    """
    rows = connection.execute(TABLES, {"own_schemas": [] if everything else [*OWN_SCHEMAS]})
    return [Table(*row) for row in rows if everything or row.relname != VERSION_TABLE]


def quoted(connection: Connection, table: Table) -> str:
    """Return the table's full name as SQL."""
    quote = connection.dialect.identifier_preparer.quote
    return f"{quote(table.schema)}.{quote(table.name)}"


def has_rows(connection: Connection) -> bool:
    """Tell whether any table of the application has a row."""
    questions = [f"EXISTS (SELECT FROM {quoted(connection, table)})" for table in find_tables(connection)]
    return bool(questions) and bool(
        connection.execute(plain("SELECT " + " OR ".join(questions))).scalar_one()
    )


def count_rows(connection: Connection) -> dict[str, int]:
    """Return the exact number of rows of each table, by its name."""
    tables = find_tables(connection)
    if not tables:
        return {}
    counts = [f"(SELECT count(*) FROM {quoted(connection, table)})" for table in tables]  # noqa: S608
    row = connection.execute(plain(f"SELECT {', '.join(counts)}")).one()
    return {str(table): int(count) for table, count in zip(tables, row, strict=True)}


def read_contents(
    connection: Connection, progress: Progress | None = None, *, everything: bool = False
) -> dict[str, Contents]:
    """Return each table's rows and hash, by its name; `connection` comes from `one_instant`.

    `progress` is called with each table and the share that is read by then. `everything` as in `find_tables`.
    """
    tables = find_tables(connection, everything=everything)
    sizes = [_size(connection, table) for table in tables] if progress else []
    contents: dict[str, Contents] = {}
    # Some values name a table, and do so with its schema or without it as this setting says.
    with connection.begin_nested() as settings:
        connection.exec_driver_sql("SET LOCAL search_path = pg_catalog")
        for index, table in enumerate(tables):
            if progress is not None:
                progress(str(table), sum(sizes[:index]) / max(sum(sizes), 1))
            name = quoted(connection, table)
            row_hash = 'hashtextextended(("whole row".*)::text, 0)::numeric'
            statement = f'SELECT count(*), coalesce(sum({row_hash}), 0)::text FROM {name} AS "whole row"'  # noqa: S608
            rows, digest = connection.execute(plain(statement)).one()
            contents[str(table)] = Contents(int(rows), digest)
        settings.rollback()
    return contents


def application_contents(contents: Mapping[str, Contents]) -> dict[str, Contents]:
    """Return of what `read_contents` found in everything what is the application's."""
    own = tuple(f"{schema}." for schema in OWN_SCHEMAS)
    return {
        table: each
        for table, each in contents.items()
        if table.rpartition(".")[2] != VERSION_TABLE and not table.startswith(own)
    }


def _size(connection: Connection, table: Table) -> int:
    statement = text("SELECT pg_table_size(CAST(:table AS regclass))")
    return int(connection.execute(statement, {"table": quoted(connection, table)}).scalar_one())


def plain(statement: str) -> TextClause:
    """Return SQL in which a colon begins no parameter."""
    return text(statement.replace(":", "\\:"))
