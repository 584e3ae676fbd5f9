"""Lets plain `alembic heads`, `branches` and `show` end in a sentence when the chain cannot be read.

They never reach `migrations/env.py`, in which both spellings of all other commands meet, and Alembic itself
ends in a traceback then. It loads this module by the entry point `alembic.plugins` whenever it is imported,
so what only the sentence needs is imported later.
"""

import sys
import warnings
from collections.abc import Callable
from traceback import walk_tb
from types import TracebackType
from typing import Any

Hook = Callable[[type[BaseException], BaseException, TracebackType | None], Any]


def setup(_plugin: Any) -> None:
    """Have exceptions that end one of Alembic's own commands told in our words; Alembic calls this once."""
    # Of two files with one revision Alembic only warns, and takes either.
    warnings.filterwarnings("error", message=r"Revision \S+ (referenced from .* is not|is present more)")
    sys.excepthook = _telling(sys.excepthook)


def _telling(otherwise: Hook) -> Hook:
    """Return a hook that says what is wrong with the files, and leaves all else to `otherwise`."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        # Raised by no command of Alembic's, it is no matter of ours.
        config = next(
            (
                frame.f_locals.get("config")
                for frame, _ in walk_tb(trace)
                if frame.f_globals.get("__name__") == "alembic.command"
            ),
            None,
        )
        message = None
        if config is not None and not getattr(config.cmd_opts, "raiseerr", False):
            message = _what_is_wrong(config)
        if message is None:
            otherwise(kind, error, trace)
        else:
            print(f"FAILED: {message}", file=sys.stderr)

    return tell


def _what_is_wrong(config: Any) -> str | None:
    """Return what `flask db` says of the files of a configuration, None when they are readable."""
    from alembic.util import CommandError
    from sqlalchemy.exc import SQLAlchemyError

    from marketplace.schema.application import application_context
    from marketplace.schema.cli.options import require_readable
    from marketplace.schema.environment import in_a_sentence
    from marketplace.schema.messages import in_plain_alembic

    try:
        with application_context():
            require_readable(config)
    except (CommandError, SQLAlchemyError, OSError) as broken:
        return in_plain_alembic(str(in_a_sentence(broken)))
    return None
