"""People who browse and post all the while, as fast as they are answered, and what each of them waited."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from itertools import count

import psycopg2

from bench.addresses import Visit
from bench.servers import Server
from bench.writing import Poster

BROWSERS, SENDERS = 6, 2
# A report that reads for so long, again and again with a pause: what a change of the table waits for.
REPORT_SECONDS, REPORT_PAUSE_SECONDS = 1.5, 1.0


@dataclass(frozen=True)
class Request:
    """When one request began and ended, by the clock of `time.perf_counter`, and what was wrong with it."""

    began: float
    ended: float
    problem: str | None


@dataclass(frozen=True)
class Window:
    """What the requests of some seconds waited; `slowest` is in milliseconds."""

    requests: int
    failed: int
    slowest: float
    problems: tuple[str, ...]


class Traffic:
    """All requests so far."""

    def __init__(self) -> None:
        self._requests: list[Request] = []
        self._stop = threading.Event()

    def between(self, began: float, ended: float) -> Window:
        """Return what came of the requests that were under way at some moment between the two."""
        mine = [each for each in self._requests if each.ended >= began and each.began <= ended]
        problems = [each.problem for each in mine if each.problem]
        slowest = max((each.ended - each.began for each in mine), default=0.0) * 1000
        return Window(len(mine), len(problems), slowest, tuple(dict.fromkeys(problems[:3])))

    def wait_for_those_under_way(self, moment: float) -> None:
        """Return when whoever asked before `moment` must have been answered: each asks in turn."""
        people = BROWSERS + SENDERS
        deadline = time.perf_counter() + 60
        while time.perf_counter() < deadline:
            if sum(each.began > moment for each in self._requests[-100 * people :]) >= 3 * people:
                return
            time.sleep(0.05)

    def repeat(self, act: Callable[[], None]) -> None:
        """Act again and again until the end, noting each time."""
        while not self._stop.is_set():
            began, problem = time.perf_counter(), None
            try:
                act()
            except (RuntimeError, OSError, HTTPException) as error:
                problem = f"{type(error).__name__}: {error}"
            # A list takes one at a time from any number of threads.
            self._requests.append(Request(began, time.perf_counter(), problem))

    def report(self, url: str) -> None:
        """Read listings in long transactions, as somebody's report does."""
        with closing(psycopg2.connect(url)) as connection, suppress(psycopg2.Error):
            while not self._stop.is_set():
                with connection, connection.cursor() as cursor:
                    cursor.execute("SELECT count(*) FROM (SELECT 1 FROM listings LIMIT 1000) AS some")
                    cursor.execute("SELECT count(*) FROM (SELECT 1 FROM listing_items LIMIT 1000) AS some")
                    cursor.execute("SELECT pg_sleep(%s)", [REPORT_SECONDS])
                self._stop.wait(REPORT_PAUSE_SECONDS)

    def stop(self) -> None:
        """Have everybody end after what they are at."""
        self._stop.set()


@contextmanager
def under_way(
    url: str, server: Server, addresses: Sequence[str], visits: Sequence[Visit], category_id: int
) -> Iterator[Traffic]:
    """Let visitors and members browse, members post, and a report read, for as long as the block runs."""
    traffic, numbers = Traffic(), count()

    def browse(cookie: str) -> None:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=60)

        def ask() -> None:
            address = addresses[next(numbers) % len(addresses)]
            try:
                connection.request("GET", address, headers={"Cookie": cookie} if cookie else {})
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException):
                # The next request opens it again.
                connection.close()
                raise
            # A redirection is an answer.
            if response.status >= 400:
                raise RuntimeError(f"{address} answered {response.status}")

        with closing(connection):
            traffic.repeat(ask)

    def post(visit: Visit) -> None:
        sender = Poster(server.port, visit, category_id)

        def ask() -> None:
            try:
                sender.post()
            except (OSError, HTTPException):
                sender.connection.close()
                raise

        with closing(sender.connection):
            traffic.repeat(ask)

    cookies = [visit.cookie if number % 2 else "" for number, visit in enumerate(visits[:BROWSERS])]
    threads = [
        *(threading.Thread(target=browse, args=[cookie]) for cookie in cookies),
        *(threading.Thread(target=post, args=[visit]) for visit in visits[BROWSERS : BROWSERS + SENDERS]),
        threading.Thread(target=traffic.report, args=[url]),
    ]
    for thread in threads:
        thread.start()
    try:
        yield traffic
    finally:
        traffic.stop()
        for thread in threads:
            thread.join()
