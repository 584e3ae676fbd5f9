"""What the commands share: the engine, errors told in one sentence, tables and sizes for people."""

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, NoReturn

import click
from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError


def plain_errors(command: Callable[..., Any]) -> Callable[..., Any]:
    """Have a command end in the sentence of its error and exit status 1, never in a traceback."""

    @wraps(command)
    def guarded(*arguments: Any, **options: Any) -> Any:
        try:
            return command(*arguments, **options)
        except CommandError as error:
            fail(str(error))
        except DBAPIError as error:
            fail(f"The database says: {str(error.orig or error).strip().splitlines()[0]}")

    return guarded


def fail(message: str) -> NoReturn:
    """Tell what is wrong on the standard error and exit with status 1."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)


def ask_on_terminal(preview: str, database: str) -> str | None:
    """Show what would be lost; return what is typed for the database's name, None without a terminal."""
    print(preview, file=sys.stderr)
    if sys.stdin is None or not sys.stdin.isatty():
        return None
    print(f"Type the database's name ({database}) to go on: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip()


def size(number: int) -> str:
    """Write a number of bytes for people: 1234567 becomes 1.2 MB."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def counted(number: int, thing: str, things: str | None = None) -> str:
    """Write a number with its noun: 1 row, 1,200 rows."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def columns(rows: Iterable[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    """Return rows as lines with aligned columns; those whose index is in `right` end where they align."""
    table = [[str(cell) for cell in row] for row in rows]
    if not table:
        return []
    widths = [max(len(row[index]) for row in table) for index in range(len(table[0]))]
    to_the_right = set(right)
    return [
        "  ".join(
            cell.rjust(width) if index in to_the_right else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]
