"""Counts the SQL statements that a block of code sends."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

WRITES = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "ALTER", "CREATE", "DROP")


@contextmanager
def recorded_statements() -> Iterator[list[str]]:
    """Yield a list that fills with the statements sent meanwhile; savepoints of the tests do not count.

    Nor does what goes past SQLAlchemy: the version of the content, and the counting of attempts, which is all
    that a GET may write. tests/conventions/test_code.py names who does that.
    """
    statements: list[str] = []

    def record(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        if "SAVEPOINT" not in statement:
            statements.append(statement)

    event.listen(Engine, "before_cursor_execute", record)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", record)


def is_write(statement: str) -> bool:
    """Tell whether a statement changes anything."""
    return statement.lstrip().upper().startswith(WRITES)
