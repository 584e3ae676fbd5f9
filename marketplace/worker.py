"""gunicorn's worker with threads, none of which waits for ever: not for a slow browser, nor for what hangs.

gunicorn itself limits how long it waits for the first byte of a request, and not for the rest.
"""

import os
import signal
import socket
import struct
import time
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

# For the head of a request, and for its body beside the time that its length takes at the slowest rate.
READ_SECONDS = 10
SLOWEST_BYTES_PER_SECOND = 100_000
# A reader that takes nothing of its page for so long is given up.
SEND_SECONDS = 20
# For the answer, a form full of the largest pictures included. Only what hangs takes longer, such as a
# database that stopped in its tracks, and no thread can be told to give up waiting for that.
ANSWER_SECONDS = 300


class Worker(ThreadWorker):
    """A worker whose main thread looks once a second at the requests that are being read or answered."""

    def init_process(self) -> None:
        """Begin; the requests on the way are kept by their connection."""
        self.under_way: dict[Any, Reading] = {}
        super().init_process()

    def handle(self, conn: Any) -> Any:
        """Read and answer a request, in one of the threads."""
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("@ll", SEND_SECONDS, 0))
        self.under_way[conn] = Reading()
        try:
            return super().handle(conn)
        finally:
            del self.under_way[conn]

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request whose head has been read."""
        self.under_way[conn].allow(dict(req.headers).get("CONTENT-LENGTH", ""))
        return super().handle_request(req, conn)

    def notify(self) -> None:
        """Tell the other process that this one is alive, once a second, and end what takes too long."""
        super().notify()
        now = time.monotonic()
        for conn, reading in list(self.under_way.items()):
            if now > reading.deadline + ANSWER_SECONDS:
                self.log.critical("A request hangs: this worker ends, and another one takes its place.")
                os.kill(os.getpid(), signal.SIGKILL)
            if now > reading.deadline:
                # Whoever waits for more of the request is told that there is none. An answer can still go.
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RD)


class Reading:
    """Until when a request must have come."""

    def __init__(self) -> None:
        self.deadline = time.monotonic() + READ_SECONDS

    def allow(self, content_length: str) -> None:
        """Allow the body its time; one of unknown length gets none beside what everybody has."""
        length = int(content_length) if content_length.isdecimal() else 0
        self.deadline = time.monotonic() + READ_SECONDS + length / SLOWEST_BYTES_PER_SECOND
