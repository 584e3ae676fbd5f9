"""A connection that whoever borrows it cannot close."""

from typing import Any


class Unclosed:
    """Passes everything on to a connection but its end."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def close(self) -> None:
        """The connection goes on."""
