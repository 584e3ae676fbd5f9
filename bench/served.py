"""The site as it is served, with a clock at each statement: `gunicorn bench.served:app`.

Each request appends the seconds that its statements took, and their number, to the file BENCH_TIMES.
With BENCH_ANEW no page is kept: each is made as if what it shows had just been changed.
"""

import os
import threading
import time
from collections.abc import Iterable
from typing import Any

from psycopg2.extensions import cursor
from sqlalchemy import event
from sqlalchemy.engine import Engine

from bench import times
from marketplace import create_app

_file = os.open(os.environ["BENCH_TIMES"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
_request = threading.local()


class TimedCursor(cursor):
    """Adds the time of each statement to that of the request."""

    def execute(self, *arguments: Any) -> None:
        started = time.perf_counter()
        try:
            super().execute(*arguments)
        finally:
            _request.seconds = getattr(_request, "seconds", 0.0) + time.perf_counter() - started
            _request.statements = getattr(_request, "statements", 0) + 1


@event.listens_for(Engine, "do_connect")
def _use_timed_cursor(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
    parameters["cursor_factory"] = TimedCursor


def timed(application: Any) -> Any:
    """Return the application with a clock around each request."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        _request.seconds, _request.statements = 0.0, 0
        body: Iterable[bytes] = application(environ, start_response)
        times.note(_file, _request.seconds, _request.statements)
        return body

    return answer


# One machine asks for all of it, far more often than any visitor.
settings = {"THROTTLING_SCALE": 1_000_000}
app = create_app(settings | ({"PAGE_STORE_BYTES": 0} if os.environ.get("BENCH_ANEW") else {}))
app.wsgi_app = timed(app.wsgi_app)  # type: ignore[method-assign]
