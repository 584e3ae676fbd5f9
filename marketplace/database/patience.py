"""Waiting for the database no longer than one means to, also when it accepts connections and then hangs."""

import select
import time

import psycopg2
from psycopg2.extensions import POLL_ERROR, POLL_OK, POLL_READ, POLL_WRITE
from psycopg2.extensions import connection as AsyncConnection  # noqa: N812 - it is a class.


def wait(connection: AsyncConnection, deadline: float) -> None:
    """Let an asynchronous connection finish what it is doing.

    `deadline` is a value of time.monotonic(). Raises TimeoutError then, or psycopg2.Error.
    """
    while (state := connection.poll()) != POLL_OK:
        if state == POLL_ERROR:
            raise psycopg2.OperationalError("The connection failed.")
        left = deadline - time.monotonic()
        socket = connection.fileno()
        ready = select.select(
            [socket] if state == POLL_READ else [], [socket] if state == POLL_WRITE else [], [], max(left, 0)
        )
        if left <= 0 or not any(ready):
            raise TimeoutError
