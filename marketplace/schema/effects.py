"""What one SQL statement does to the data that is there, as far as it can be told from its words."""

from dataclasses import dataclass
from itertools import pairwise

from marketplace.schema.statements import Reader, Statement


@dataclass(frozen=True)
class DropTable:
    """The table goes, with its rows."""

    table: str


@dataclass(frozen=True)
class DropSchema:
    """The schema goes, with the tables in it."""

    schema: str


@dataclass(frozen=True)
class DropColumn:
    """The column goes, with its values."""

    table: str
    column: str


@dataclass(frozen=True)
class Change:
    """The column gets another type; `using` is the expression for its values, empty for a plain cast."""

    table: str
    column: str
    new_type: str
    using: str


@dataclass(frozen=True)
class Delete:
    """Rows go: those for which `condition` holds, all when it is empty."""

    table: str
    alias: str
    using: str
    condition: str


@dataclass(frozen=True)
class Truncate:
    """All rows of the tables go; with `cascade`, those of all tables that point to them."""

    tables: tuple[str, ...]
    cascade: bool


@dataclass(frozen=True)
class Create:
    """A table comes, so that nothing in it can be lost by this plan."""

    table: str


@dataclass(frozen=True)
class Rename:
    """A table has another name from here on; with `column`, one of its columns has."""

    table: str
    new_name: str
    column: str = ""


@dataclass(frozen=True)
class Unknown:
    """Nobody can tell without running it."""

    excerpt: str


Effect = DropTable | DropSchema | DropColumn | Change | Delete | Truncate | Create | Rename | Unknown

# Statements that delete nothing, whatever comes after their first word.
HARMLESS = frozenset(
    """
    ABORT ANALYZE BEGIN CLOSE CLUSTER COMMENT COMMIT COPY END EXPLAIN FETCH GRANT INSERT LISTEN LOCK
    NOTIFY REFRESH REINDEX RELEASE RESET REVOKE ROLLBACK SAVEPOINT SECURITY SET SHOW START TABLE UPDATE
    VACUUM VALUES
    """.split()  # noqa: SIM905 - it reads better than quotes around each.
)
# Dropping these takes columns along, but only when CASCADE is said.
TAKES_COLUMNS_ALONG = frozenset({"TYPE", "DOMAIN", "EXTENSION", "COLLATION", "CAST", "LANGUAGE"})
# Dropping these takes no rows along.
HOLDS_NO_ROWS = frozenset(
    """
    ACCESS AGGREGATE CONVERSION EVENT FUNCTION INDEX MATERIALIZED OPERATOR POLICY PROCEDURE PUBLICATION
    ROLE ROUTINE RULE SEQUENCE STATISTICS SUBSCRIPTION TEXT TRIGGER USER VIEW
    """.split()  # noqa: SIM905 - it reads better than quotes around each.
)
# Functions that a SELECT may call without changing the rows of a table.
READING_FUNCTIONS = frozenset(
    """
    ARRAY_AGG CAST COALESCE CONCAT COUNT CURRENT_SCHEMA EXISTS FORMAT GREATEST IN LEAST LENGTH LOWER MAX
    MIN NEXTVAL NOW NULLIF PG_ADVISORY_LOCK PG_ADVISORY_UNLOCK PG_ADVISORY_XACT_LOCK
    PG_GET_SERIAL_SEQUENCE PG_SLEEP SET_CONFIG SETVAL STRING_AGG SUM TO_REGCLASS UPPER VALUES VERSION
    AND OR NOT ANY ALL AS FROM SELECT WHERE ON USING BY THEN ELSE WHEN OVER FILTER
    """.split()  # noqa: SIM905 - it reads better than quotes around each.
)


def effects_of(statement: Statement) -> list[Effect]:
    """Return what a statement does to rows that are there; empty when it does nothing to them."""
    first, second = (*statement.words(2), "", "")[:2]
    if statement.has("DELETE") and first in ("WITH", "MERGE", "EXPLAIN", "INSERT", "UPDATE"):
        # FOREIGN KEY … ON DELETE stands in other statements; here it deletes in the midst of something else.
        return [Unknown(statement.excerpt())]
    if first in HARMLESS or (first in ("WITH", "MERGE") and not statement.has("TRUNCATE")):
        return []
    if first == "SELECT":
        return [] if _only_reads(statement) else [Unknown(statement.excerpt())]
    if first == "CREATE":
        return _creation(statement)
    if first == "DROP":
        return _drop(statement, second)
    if first == "ALTER":
        return _alter(statement, second)
    if first == "DELETE":
        return _delete(statement)
    if first == "TRUNCATE":
        return _truncate(statement)
    return [Unknown(statement.excerpt())]


def _only_reads(statement: Statement) -> bool:
    tokens = statement.tokens
    called = {
        before.value
        for before, after in pairwise(tokens)
        if before.kind in ("word", "quoted") and after.value == "("
    }
    return called <= READING_FUNCTIONS


def _creation(statement: Statement) -> list[Effect]:
    reader = Reader(statement, 1)
    for word in ("GLOBAL", "LOCAL", "TEMPORARY", "TEMP", "UNLOGGED", "FOREIGN"):
        reader.accept(word)
    if not reader.accept("TABLE"):
        return []
    if reader.accept("IF", "NOT", "EXISTS"):
        # It may be there already, and then it has rows.
        return []
    return [Create(reader.name())]


def _drop(statement: Statement, kind: str) -> list[Effect]:
    cascades = statement.tokens[-1].value == "CASCADE"
    if kind in HOLDS_NO_ROWS or (kind in TAKES_COLUMNS_ALONG and not cascades):
        return []
    reader = Reader(statement, 2)
    if kind == "FOREIGN" and not reader.accept("TABLE"):
        return []
    if kind not in ("TABLE", "SCHEMA", "FOREIGN"):
        return [Unknown(statement.excerpt())]
    if kind == "SCHEMA" and not cascades:
        return []
    reader.accept("IF", "EXISTS")
    names = _names(reader)
    return [DropSchema(name) if kind == "SCHEMA" else DropTable(name) for name in names]


def _names(reader: Reader) -> list[str]:
    names = []
    while not reader.at_end() and reader.peek() not in ("CASCADE", "RESTRICT", "RESTART", "CONTINUE"):
        reader.accept("ONLY")
        names.append(reader.name())
        reader.accept("*")
        if not reader.accept(","):
            break
    return names


def _alter(statement: Statement, kind: str) -> list[Effect]:
    if kind == "TYPE" and statement.has("DROP", "ATTRIBUTE"):
        return [Unknown(statement.excerpt())]
    if kind != "TABLE":
        return []
    reader = Reader(statement, 2)
    if reader.accept("ALL", "IN"):
        return []
    reader.accept("IF", "EXISTS")
    reader.accept("ONLY")
    table = reader.name()
    reader.accept("*")
    effects: list[Effect] = []
    while not reader.at_end():
        effects += _action(reader, table)
        reader.until(",")
        reader.accept(",")
    return effects


def _action(reader: Reader, table: str) -> list[Effect]:
    """Read one action of ALTER TABLE, as far as it matters."""
    if reader.accept("RENAME"):
        if reader.accept("TO"):
            return [Rename(table, reader.name())]
        if reader.accept("CONSTRAINT"):
            return []
        reader.accept("COLUMN")
        column = reader.name()
        reader.accept("TO")
        return [Rename(table, reader.name(), column)]
    if reader.accept("SET", "SCHEMA"):
        name = table.rsplit(".", 1)[-1]
        return [Rename(table, f"{reader.name()}.{name}")]
    if reader.accept("DROP"):
        if reader.accept("CONSTRAINT"):
            return []
        reader.accept("COLUMN")
        reader.accept("IF", "EXISTS")
        return [DropColumn(table, reader.name())]
    if reader.accept("ALTER"):
        if reader.accept("CONSTRAINT"):
            return []
        reader.accept("COLUMN")
        column = reader.name()
        reader.accept("SET", "DATA")
        if not reader.accept("TYPE"):
            return []
        new_type = reader.until("USING", "COLLATE", ",")
        if reader.accept("COLLATE"):
            reader.name()
        using = reader.until(",") if reader.accept("USING") else ""
        return [Change(table, column, new_type, using)]
    return []


def _delete(statement: Statement) -> list[Effect]:
    reader = Reader(statement, 1)
    if not reader.accept("FROM") or statement.has("CURRENT", "OF"):
        return [Unknown(statement.excerpt())]
    reader.accept("ONLY")
    table = reader.name()
    reader.accept("*")
    reader.accept("AS")
    alias = reader.name() if reader.peek() not in ("", "USING", "WHERE", "RETURNING") else ""
    using = reader.until("WHERE", "RETURNING") if reader.accept("USING") else ""
    condition = reader.until("RETURNING") if reader.accept("WHERE") else ""
    return [Delete(table, alias, using, condition)]


def _truncate(statement: Statement) -> list[Effect]:
    reader = Reader(statement, 1)
    reader.accept("TABLE")
    names = _names(reader)
    return [Truncate(tuple(names), statement.tokens[-1].value == "CASCADE")]
