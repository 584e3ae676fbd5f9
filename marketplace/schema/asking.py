"""Agrees with the operator before rows are lost. Who asks, and where, is the caller's matter."""

from collections.abc import Callable, Sequence
from typing import Any

from marketplace.schema.errors import NotConfirmed

# Shows what would be lost and asks for the database's name: what was typed, None where nobody can be asked.
Ask = Callable[[str, str], str | None]


def nobody(_preview: str, _database: str) -> str | None:
    """Ask nobody."""
    return None


def confirm(
    preview: str,
    database: str,
    command: str,
    *,
    yes: bool,
    forgiving: bool,
    losses: Sequence[Any],
    ask: Ask = nobody,
) -> str | None:
    """Return how the loss of rows was agreed to, None when there is nothing to lose.

    With `yes` it was agreed to beforehand. Whoever can be asked must type the name of the database. Where
    nobody can, only a `forgiving` database goes on. Raises NotConfirmed.
    """
    if not losses:
        return None
    if yes:
        return "yes"
    typed = ask(preview, database)
    if typed is not None:
        if typed == database:
            return "typed"
        raise NotConfirmed(f"That was not {database}: nothing was changed.")
    if forgiving:
        return "development"
    raise NotConfirmed(
        f"Rows of {database} would be lost, and there is no terminal to ask on: nothing was changed.\n"
        f"Next: {command} --yes, when they may go"
    )
