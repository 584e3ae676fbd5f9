"""Broken database rules, told by the name of their constraint."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from marketplace.extensions import db


class RuleBroken(Exception):  # noqa: N818 - it reads as the sentence it is.
    """A constraint refused a change; `constraint` is its name."""

    def __init__(self, constraint: str) -> None:
        super().__init__(constraint)
        self.constraint = constraint


@contextmanager
def flushed() -> Iterator[None]:
    """Run the block in a savepoint and flush it, so that a refused change leaves the session usable.

    Raises RuleBroken with the constraint's name.
    """
    try:
        with db.session.begin_nested():
            yield
    except IntegrityError as error:
        constraint = error.orig.diag.constraint_name if error.orig else None  # type: ignore[attr-defined]
        raise RuleBroken(constraint or "unknown") from error
