"""What the clocked site writes about each request, and how it is read."""

import os
import struct
from pathlib import Path

_RECORD = struct.Struct("dd")


def note(file: int, seconds: float, statements: int) -> None:
    """Append how long a request's statements took, and how many they were, to an open file."""
    os.write(file, _RECORD.pack(seconds, statements))


def read(file: Path) -> list[tuple[float, float]]:
    """Return the (seconds, statements) of each request noted in the file."""
    return list(_RECORD.iter_unpack(file.read_bytes()))
