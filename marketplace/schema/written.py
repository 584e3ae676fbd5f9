"""What a step writes itself into a table or column that it makes, as far as its statements tell.

What comes from other rows is newer than a copy in the attic, and stays. One constant for all rows says
nothing, and gives way to the copy.
"""

import re
from collections.abc import Iterable
from typing import Literal

from marketplace.schema.statements import Reader, Statement, Token

Writing = Literal["nothing", "constants", "values"]

WRITERS = frozenset({"CALL", "COPY", "DO", "INSERT", "MERGE", "SELECT", "UPDATE", "WITH"})
# Words of which a constant may consist, beside strings, numbers and the type after ::.
CONSTANT = frozenset("CURRENT_DATE CURRENT_TIMESTAMP DEFAULT FALSE LOCALTIMESTAMP NOW NULL TRUE".split())  # noqa: SIM905
# What the driver puts a value in place of.
PLACEHOLDER = re.compile(r"%%|%\(\w+\)s|%s")


def writes_table(statements: Iterable[Statement], table: str) -> Writing:
    """Tell what these statements put into a new table: nothing, rows of constants alone, or others too."""
    writers = [each for each in statements if _may_write(each) and _names(each, table)]
    if not writers:
        return "nothing"
    plain = all(each.words(1) == ("INSERT",) and not each.has("SELECT") for each in writers)
    return "constants" if plain else "values"


def writes_column(statements: Iterable[Statement], table: str, column: str) -> Writing:
    """Tell what these statements put into a new column of a table, likewise."""
    writers = [
        each
        for each in statements
        if each.words(1)[0] in WRITERS and _names(each, table) and _names(each, column)
    ]
    if not writers:
        return "nothing"
    return "constants" if all(_sets_constant(each, column) for each in writers) else "values"


def without_placeholders(sql: str) -> str:
    """Return a statement as the server gets it, with a constant for each value that the driver puts in."""
    return PLACEHOLDER.sub(lambda match: "%" if match[0] == "%%" else "0", sql)


def _may_write(statement: Statement) -> bool:
    makes_of_rows = statement.words(2) == ("CREATE", "TABLE") and statement.has("SELECT")
    return statement.words(1)[0] in WRITERS or makes_of_rows


def _names(statement: Statement, name: str) -> bool:
    return any(
        name in token.value if token.kind == "string" else _is(token, name) for token in statement.tokens
    )


def _is(token: Token, name: str) -> bool:
    if token.kind == "quoted":
        return token.value[1:-1].replace('""', '"') == name
    return token.kind == "word" and token.value.lower() == name


def _sets_constant(statement: Statement, column: str) -> bool:
    """Whether it is an UPDATE of all rows, or of those without a value, to one and the same one."""
    reader = Reader(statement)
    if not reader.accept("UPDATE"):
        return False
    reader.until("SET")
    reader.accept("SET")
    while not reader.at_end():
        of = reader.tokens[reader.place]
        first = reader.place
        reader.until(",", "WHERE", "FROM", "RETURNING")
        if _is(of, column) and not _is_constant(reader.tokens[first + 2 : reader.place]):
            return False
        if not reader.accept(","):
            break
    if not reader.accept("WHERE"):
        return reader.peek() in ("", "RETURNING")
    first = reader.place
    reader.until("RETURNING")
    condition = [token for token in reader.tokens[first : reader.place] if token.value not in "()"]
    return _is(condition[0], column) and [token.value for token in condition[1:]] == ["IS", "NULL"]


def _is_constant(tokens: Iterable[Token]) -> bool:
    before = ""
    for token in tokens:
        if token.kind == "quoted" or (
            token.kind == "word" and token.value not in CONSTANT and before != ":" and before != "TYPE"
        ):
            return False
        before = "TYPE" if token.kind == "word" and before in (":", "TYPE") else token.value
    return True
