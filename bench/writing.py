"""Posting and editing: how long each takes in databases of several sizes, and many while others browse."""

import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from bench import load, times
from bench.addresses import Visit, member_visits
from bench.database import SECRET, connected, environment, server_process
from bench.servers import Server, gunicorn, processor_seconds

MEMBERS = 16
SENDERS = 8
ONE_AFTER_THE_OTHER = 100
FORM = {
    "title": "Cordless drill with two batteries",
    "description": "It was used for one winter.",
    "lifetime_days": "30",
    "offers-0-name": "Cordless drill",
    "offers-0-value": "60",
    "wants-0-name": "Garden hose",
}


@dataclass
class Sent:
    """What came of some listings that were posted or edited."""

    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Sender:
    """One member's browser, on one connection."""

    def __init__(self, port: int, visit: Visit) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._visit = visit

    def look(self, address: str) -> None:
        """Ask for a page; RuntimeError when it is not given."""
        status, _ = self._ask("GET", address, None, {})
        if status != 200:
            raise RuntimeError(f"{address} answered {status}")

    def submit(self, address: str, form: dict[str, str]) -> str:
        """Send a form, and return where it led; RuntimeError when it is refused."""
        sent = urlencode({**form, "csrf_token": self._visit.token})
        status, location = self._ask(
            "POST", address, sent, {"Content-Type": "application/x-www-form-urlencoded"}
        )
        if status != 303 or location is None:
            raise RuntimeError(f"{address} answered {status}")
        return location

    def _ask(
        self, method: str, address: str, sent: str | None, headers: dict[str, str]
    ) -> tuple[int, str | None]:
        """Send a request, and return the answer's status and where it leads."""
        self.connection.request(method, address, sent, {"Cookie": self._visit.cookie, **headers})
        response = self.connection.getresponse()
        response.read()
        # The server closes a connection that rests; the next request opens it again.
        self.connection.close()
        return response.status, response.headers["Location"]


class Poster(Sender):
    """A browser in which listings are written."""

    def __init__(self, port: int, visit: Visit, category_id: int) -> None:
        super().__init__(port, visit)
        self._form = {**FORM, "category_id": str(category_id)}

    def post(self) -> None:
        """Write a listing, and publish it; RuntimeError when that is refused."""
        self._publish(self._form, {})

    def edit(self, listing_id: int, changed: datetime) -> None:
        """Write a listing anew that was last changed at a moment; RuntimeError when that is refused."""
        known = {"listing": str(listing_id), "based_on": changed.isoformat()}
        self._publish(self._form | known, {"seen": changed.isoformat()})

    def _publish(self, form: dict[str, str], seen: dict[str, str]) -> None:
        address = f"/drafts/{uuid4()}"
        draft = self.submit(address, {**form, "saves": "0", "go": "check"}).removesuffix("/check")
        listing = self.submit(f"{draft}/publish", {"saves": "1", **seen})
        if not listing.startswith("/listings/"):
            raise RuntimeError(f"led to {listing}")


@dataclass(frozen=True)
class Cost:
    """What one posting or editing takes: medians, in milliseconds."""

    whole: float
    web: float
    database: float
    waited: float


def costs(url: str) -> dict[str, Cost]:
    """Post and edit one listing after the other, and return what each takes. What was posted is deleted."""
    with tempfile.TemporaryDirectory() as folder, connected(url) as cursor:
        clocks = Path(folder, "times")
        env = environment(url, APP_ENV="production", BENCH_TIMES=str(clocks))
        visit, category_id = member_visits(url, SECRET, 1)[0], leaf(cursor)
        with Server(gunicorn("bench.served:app"), env) as server:
            sender = Poster(server.port, visit, category_id)
            last = last_listing(cursor)
            for _ in range(10):
                sender.post()
            posted = cost(url, server, clocks, sender.post)
            rows = iter(_listings_after(cursor, last))
            edited = cost(url, server, clocks, lambda: sender.edit(*next(rows)))
        cursor.execute("DELETE FROM listings WHERE id > %s", [last])
    return {"Post a listing": posted, "Edit a listing": edited}


def cost(url: str, server: Server, clocks: Path, act: Callable[[], None], requests: int = 2) -> Cost:
    """Do something that takes so many requests, again and again, and return what each time takes."""
    os.truncate(clocks, 0)
    process = server_process(url)
    web, database = processor_seconds(server.process()) or 0, processor_seconds(process) or 0
    whole = []
    for _ in range(ONE_AFTER_THE_OTHER):
        started = time.perf_counter()
        act()
        whole.append((time.perf_counter() - started) * 1000)
    used = (processor_seconds(server.process()) or 0) - web, (processor_seconds(process) or 0) - database
    waited = [seconds * 1000 for seconds, _ in times.read(clocks)]
    each_time = [sum(group) for group in zip(*[iter(waited)] * requests, strict=True)]
    per_act = [seconds * 1000 / ONE_AFTER_THE_OTHER for seconds in used]
    return Cost(statistics.median(whole), *per_act, statistics.median(each_time))


def post_while_browsing(url: str, per_second: int, seconds: int, address: str) -> tuple[Sent, load.Load]:
    """Publish so many listings each second while others browse; return what came of both.

    What was posted is deleted afterwards.
    """
    with tempfile.TemporaryDirectory() as folder, connected(url) as cursor:
        env = environment(url, APP_ENV="production", BENCH_TIMES=str(Path(folder, "times")))
        visits, category_id, last = member_visits(url, SECRET, MEMBERS), leaf(cursor), last_listing(cursor)
        with Server(gunicorn("bench.served:app"), env) as server, ThreadPoolExecutor(1) as browsing:
            looks = browsing.submit(load.ask, server, [address], {}, seconds, 2)
            sent = _post_at_rate(server, visits, category_id, per_second, per_second * seconds)
            browsed = looks.result()
        cursor.execute("DELETE FROM listings WHERE id > %s", [last])
    return sent, browsed


def _post_at_rate(server: Server, visits: list[Visit], category_id: int, per_second: int, total: int) -> Sent:
    """Publish `total` listings, each at its time, or as soon after it as there is a sender free."""
    sent, numbers, began = Sent(), count(), time.perf_counter()

    def work(visit: Visit) -> None:
        sender = Poster(server.port, visit, category_id)
        with closing(sender.connection):
            while (number := next(numbers)) < total:
                time.sleep(max(0.0, began + number / per_second - time.perf_counter()))
                try:
                    sender.post()
                except (RuntimeError, OSError) as error:
                    sent.problems.append(str(error))
                sent.seconds.append(time.perf_counter() - began)

    threads = [threading.Thread(target=work, args=[visit]) for visit in visits[:SENDERS]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sent


def leaf(cursor: Any) -> int:
    """Return a category that listings can be posted in."""
    cursor.execute("SELECT max(id) FROM categories WHERE is_active AND level = 3")
    return int(cursor.fetchone()[0])


def last_listing(cursor: Any) -> int:
    """Return the newest listing's id."""
    cursor.execute("SELECT max(id) FROM listings")
    return int(cursor.fetchone()[0])


def _listings_after(cursor: Any, last: int) -> list[tuple[int, datetime]]:
    cursor.execute("SELECT id, updated_at FROM listings WHERE id > %s ORDER BY id", [last])
    return list(cursor.fetchall())
