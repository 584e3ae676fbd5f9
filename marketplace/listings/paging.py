"""Keyset cursors: a page begins after a listing, or ends before one, so that it never shifts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, request

from marketplace.database.base import MAX_BIGINT

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """The place of a listing in the order newest first."""

    created_at: datetime
    id: int

    def __str__(self) -> str:
        """The cursor as it stands in an address: microseconds since 1970, and the id."""
        return f"{(self.created_at - _EPOCH) // _MICROSECOND}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        """Read what `str` wrote; None for anything else."""
        match = re.fullmatch(r"([0-9]{1,18})-([0-9]{1,19})", text, re.ASCII)
        if match is None or int(match[2]) > MAX_BIGINT:
            return None
        try:
            return cls(_EPOCH + int(match[1]) * _MICROSECOND, int(match[2]))
        except OverflowError:
            return None


@dataclass(frozen=True)
class Place:
    """Which page is meant: the one after `cursor`, the one before it when `back`, the first without one."""

    cursor: Cursor | None = None
    back: bool = False

    def parameters(self) -> dict[str, Any]:
        """Return the values with which a statement finds what lies beyond the place."""
        if self.cursor is None:
            return {"created_at": "infinity", "id": MAX_BIGINT}
        return {"created_at": self.cursor.created_at, "id": self.cursor.id}


@dataclass(frozen=True)
class Part:
    """The rows of one page, newest first, and the cursors of the pages beside it, where there are any."""

    rows: Sequence[Any]
    newer: Cursor | None
    older: Cursor | None


def requested_place() -> Place:
    """Return the place that the address asks for (`older=` or `newer=`); 404 for nonsense."""
    for name, back in (("older", False), ("newer", True)):
        text = request.args.get(name)
        if text is not None:
            return Place(Cursor.parse(text) or abort(404), back)
    return Place()


def part_of(rows: Sequence[Any], size: int, place: Place) -> Part:
    """Return the part of `rows` (created_at, id) that one page shows.

    They begin at the place and go on from it; one more than `size` says that there are more.
    """
    shown = rows[:size][::-1] if place.back else rows[:size]
    if not shown:
        return Part(shown, None, None)
    has_more = len(rows) > size
    newest, oldest = (Cursor(row.created_at, row.id) for row in (shown[0], shown[-1]))
    return Part(
        shown,
        newer=newest if (has_more if place.back else place.cursor) else None,
        older=oldest if place.back or has_more else None,
    )
