"""Which statements rewrite a table or lock it while they work, and against whom."""

import re
from dataclasses import dataclass

from marketplace.schema.statements import Reader, Statement

READS_AND_WRITES = "reading and writing"
WRITES = "writing"
# A text that may grow longer stays where it is; one that may not is checked, and squawk says so.
GROWS_IN_PLACE = ("TEXT", "VARCHAR", "CHARACTER VARYING")

# A default that is worked out for each row has to be written into each row.
VOLATILE = re.compile(
    r"\b(gen_random_uuid|uuid_generate_v\d\w*|random|clock_timestamp|timeofday|nextval)\s*\(|\bGENERATED\b"
    r"|\b(small|big)?serial\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Lock:
    """A statement that works through `table` while it keeps others from it; `why` says what takes long."""

    table: str
    against: str
    why: str
    rewrites: bool = False

    def __str__(self) -> str:
        return f"{self.why}; {self.table} is locked against {self.against} meanwhile"


def locks_of(statement: Statement) -> list[Lock]:
    """Return the long locks that a statement takes; those that last an instant are left out."""
    words = (*statement.words(3), "", "", "")
    if words[0] == "ALTER" and words[1] == "TABLE":
        return _alter_table(statement)
    if words[0] == "CREATE" and "INDEX" in words[1:3] and not statement.has("CONCURRENTLY"):
        return _create_index(statement)
    if words[0] in ("REINDEX", "CLUSTER") and not statement.has("CONCURRENTLY"):
        return [Lock(_last_name(statement), READS_AND_WRITES, f"{words[0]} writes it anew", rewrites=True)]
    if words[0] == "VACUUM" and statement.has("FULL"):
        return [Lock(_last_name(statement), READS_AND_WRITES, "VACUUM FULL writes it anew", rewrites=True)]
    if words[0] == "LOCK":
        return [Lock(_last_name(statement), READS_AND_WRITES, "LOCK keeps it until the end")]
    return []


def _last_name(statement: Statement) -> str:
    return statement.tokens[-1].value.lower()


def _create_index(statement: Statement) -> list[Lock]:
    reader = Reader(statement)
    reader.until("ON")
    reader.accept("ON")
    reader.accept("ONLY")
    return [Lock(reader.name(), WRITES, "an index is built without CONCURRENTLY")]


def _alter_table(statement: Statement) -> list[Lock]:
    reader = Reader(statement, 2)
    reader.accept("IF", "EXISTS")
    reader.accept("ONLY")
    table = reader.name()
    reader.accept("*")
    locks = []
    while not reader.at_end():
        lock = _action(reader, table)
        if lock is not None:
            locks.append(lock)
        reader.until(",")
        reader.accept(",")
    return locks


def _action(reader: Reader, table: str) -> Lock | None:
    """Read one action of ALTER TABLE to its end."""
    if reader.accept("ADD"):
        return _addition(reader, table)
    if reader.accept("VALIDATE"):
        return None
    if reader.accept("ALTER"):
        if reader.accept("CONSTRAINT"):
            return None
        reader.accept("COLUMN")
        column = reader.name()
        if reader.accept("SET", "NOT", "NULL"):
            return Lock(table, READS_AND_WRITES, f"every row is read to see that {column} is never empty")
        reader.accept("SET", "DATA")
        if reader.accept("TYPE"):
            new_type = reader.until(",")
            if new_type.upper().startswith(GROWS_IN_PLACE):
                return None
            why = f"every row is written anew to make {column} {new_type}"
            return Lock(table, READS_AND_WRITES, why, rewrites=True)
        return None
    if reader.accept("SET") and reader.peek() in ("LOGGED", "UNLOGGED", "TABLESPACE", "ACCESS"):
        return Lock(table, READS_AND_WRITES, f"SET {reader.until(',')} writes it anew", rewrites=True)
    return None


def _addition(reader: Reader, table: str) -> Lock | None:
    if reader.accept("CONSTRAINT"):
        reader.name()
    kind, rest = reader.peek(), reader.until(",")
    added = rest.upper()
    if kind == "FOREIGN":
        return None if "NOT VALID" in added else Lock(table, WRITES, "every row is checked for a foreign key")
    if kind == "CHECK":
        if "NOT VALID" in added:
            return None
        return Lock(table, READS_AND_WRITES, "every row is checked for a new rule")
    if kind in ("UNIQUE", "PRIMARY", "EXCLUDE"):
        if "USING INDEX" in added:
            return None
        return Lock(table, READS_AND_WRITES, "an index is built for a constraint")
    if VOLATILE.search(rest):
        return Lock(table, READS_AND_WRITES, "every row is written anew for a new column", rewrites=True)
    return None
