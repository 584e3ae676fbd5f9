"""Keyset cursors: a page begins after the last listing of the one before, so it never shifts."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

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


def requested_cursor() -> Cursor | None:
    """Return the cursor that the address asks for (`older=`), None for the first page; 404 for nonsense."""
    text = request.args.get("older")
    if text is None:
        return None
    return Cursor.parse(text) or abort(404)
