"""Asks before rows are lost."""

import sys
from collections.abc import Sequence
from typing import Any

from marketplace.schema.errors import NotConfirmed


def confirm(
    preview: str, database: str, command: str, *, yes: bool, forgiving: bool, losses: Sequence[Any]
) -> str | None:
    """Return how the loss of rows was agreed to, None when there is nothing to lose.

    With `yes` it was agreed to beforehand. On a terminal the name of the database must be typed. Without
    one, only a `forgiving` database goes on. Raises NotConfirmed.
    """
    if not losses:
        return None
    if yes:
        return "yes"
    print(preview, file=sys.stderr)
    if sys.stdin is not None and sys.stdin.isatty():
        print(f"Type the database's name ({database}) to go on: ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip() == database:
            return "typed"
        raise NotConfirmed(f"That was not {database}: nothing was changed.")
    if forgiving:
        return "development"
    raise NotConfirmed(
        f"Rows of {database} would be lost, and there is no terminal to ask on: nothing was changed.\n"
        f"Next: {command} --yes, when they may go"
    )
