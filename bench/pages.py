"""Drives each page of the site, and the same from memory, in turns."""

import json
import os
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.progress import track

from bench import load, times
from bench.addresses import PAGES, Catalogue, Page, member_visits, read_catalogue
from bench.database import SECRET, environment, server_process
from bench.servers import Server, gunicorn, processor_seconds

WARM_SECONDS = 3


@dataclass
class Way:
    """One way of asking for a page: of which server, and as whom. The rest are the figures of its turns."""

    name: str
    server: Server
    cookie: str = ""
    unchanged: bool = False
    has_database: bool = True
    per_second: list[float] = field(default_factory=list)
    web_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    waited_ms: list[float] = field(default_factory=list)
    statements: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """The servers of a run, and where the clocks of the site write to."""

    site: Server
    anew: Server
    memory: Server
    clocks: Path
    database: psutil.Process | None
    member: str
    catalogue: Catalogue

    def ways(self) -> list[Way]:
        """Return the ways in which each page is asked for."""
        return [
            Way("visitor", self.site),
            Way("visitor, made anew", self.anew),
            Way("visitor, unchanged", self.site, unchanged=True),
            Way("visitor, from memory", self.memory, has_database=False),
            Way("member", self.site, self.member),
            Way("member, made anew", self.anew, self.member),
            Way("member, from memory", self.memory, self.member, has_database=False),
        ]


@contextmanager
def started(url: str, pages: Sequence[Page]) -> Iterator[Bench]:
    """Start the site, the site without its store of pages, and the pages from memory; end them afterwards."""
    catalogue, member = read_catalogue(url), member_visits(url, SECRET, 1)[0].cookie
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        clocks = Path(folder, "times")
        prepared = Path(folder, "pages.json")
        addresses = [address for page in pages for address in page.addresses(catalogue)]
        prepared.write_text(json.dumps([[each, cookie] for each in addresses for cookie in ("", member)]))

        def start(application: str, **more: str) -> Server:
            env = environment(url, APP_ENV="production", BENCH_TIMES=str(clocks), **more)
            return stack.enter_context(Server(gunicorn(application), env))

        site = start("bench.served:app")
        if site.get("/my/listings", {"Cookie": member}).status != 200:
            raise SystemExit("The site does not know the member whose pages are to be measured.")
        yield Bench(
            site=site,
            anew=start("bench.served:app", BENCH_ANEW="yes"),
            memory=start("bench.memory:app", BENCH_PAGES=str(prepared)),
            clocks=clocks,
            database=server_process(url),
            member=member,
            catalogue=catalogue,
        )


def measure(bench: Bench, ways: list[Way], page: Page, turns: int, seconds: int) -> None:
    """Drive a page in all these ways, in turns, and add their figures to them."""
    for turn in track(range(turns + 1), description=page.name, transient=True):
        for way in ways:
            # The first turn only warms up.
            figures = way if turn else Way(way.name, way.server, way.cookie, way.unchanged)
            _drive(bench, page, figures, seconds if turn else WARM_SECONDS)
    for way in ways:
        if way.has_database:
            _look_at_clocks(bench, page, way, seconds)


def _drive(bench: Bench, page: Page, way: Way, seconds: int) -> None:
    """Drive a page in one way for one turn, and add its figures to the way's."""
    wish = _wish(bench, page, way)
    if wish is None:
        return
    web, database = processor_seconds(way.server.process()), processor_seconds(bench.database)
    done = load.ask(way.server, *wish, seconds)
    if done.failed or not done.requests:
        raise SystemExit(f"{page.name}, {way.name}: {done.failed} of {done.requests} requests failed.")
    way.per_second.append(done.per_second)
    way.web_ms.append(((processor_seconds(way.server.process()) or 0) - (web or 0)) / done.requests * 1000)
    if database is not None:
        used = (processor_seconds(bench.database) or 0) - database
        way.database_ms.append(used / done.requests * 1000)


def _look_at_clocks(bench: Bench, page: Page, way: Way, seconds: int) -> None:
    """Ask for one page after the other, so that the database is waited for and no other request."""
    wish = _wish(bench, page, way)
    if wish is None:
        return
    os.truncate(bench.clocks, 0)
    load.ask(way.server, *wish, seconds, connections=1)
    for waited, statements in times.read(bench.clocks):
        way.waited_ms.append(waited * 1000)
        way.statements.append(statements)


def _wish(bench: Bench, page: Page, way: Way) -> tuple[list[str], dict[str, str]] | None:
    """Return the addresses and headers to ask with; None when there is no such answer as "unchanged"."""
    addresses = page.addresses(bench.catalogue)
    headers = {"Cookie": way.cookie} if way.cookie else {}
    if not way.unchanged:
        return addresses, headers
    # One tag fits one address.
    tag = way.server.get(addresses[0], headers).headers["ETag"]
    headers["If-None-Match"] = tag or ""
    answer = way.server.get(addresses[0], headers) if tag else None
    return (addresses[:1], headers) if answer and answer.status == 304 else None


def ratio(way: Way, memory: Way) -> float | None:
    """Return the median of the turns' ratios of requests per second; None without any."""
    pairs = zip(way.per_second, memory.per_second, strict=False)
    return middle([ours / theirs for ours, theirs in pairs])


def middle(figures: Sequence[float]) -> float | None:
    """Return the median, None of nothing."""
    return statistics.median(figures) if figures else None


def percentile_95(figures: Sequence[float]) -> float | None:
    """Return what 95 of 100 stay below, None of nothing."""
    return sorted(figures)[int(len(figures) * 0.95)] if figures else None


def selected(names: str | None) -> list[Page]:
    """Return the pages whose name has one of these words, separated by commas, in it; all without words."""
    words = [word.strip().lower() for word in names.split(",")] if names else [""]
    return [page for page in PAGES if any(word in page.name.lower() for word in words)]
