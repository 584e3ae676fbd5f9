"""What was measured, as tables that Markdown understands."""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import astuple

from rich import box
from rich.table import Table

from bench import comparison, pages, swaps, writing
from bench.database import Databases
from bench.weight import weigh

# Requests per second, as shares of those of the same page from memory.
TARGETS = {"visitor, unchanged": 3.0, "from memory": None}
TARGET = 0.6
# Writing is measured in databases of these sizes, then at this rate for so long.
SIZES = (1_000, 100_000, 1_000_000)
PER_SECOND, SECONDS = 50, 60


def write(databases: Databases) -> Iterator[Table | str]:
    """Post and edit in databases of three sizes, then post at a rate while others browse the largest."""
    yield _costs_in_all_sizes(databases, writing.costs)
    url = databases.filled(SIZES[-1])
    sent, browsed = writing.post_while_browsing(url, PER_SECOND, SECONDS, "/")
    yield f"{len(sent.seconds):,} were posted in {max(sent.seconds):.1f} s; {len(sent.problems)} failed."
    yield f"Meanwhile the home page was asked for {browsed.requests:,} times; {browsed.failed} failed."
    yield from sent.problems[:5]


def swap(databases: Databases) -> Table:
    """Propose, accept and look through ten thousand swaps in databases of three sizes."""
    return _costs_in_all_sizes(databases, swaps.costs)


def _costs_in_all_sizes(databases: Databases, costs: Callable[[str], dict[str, writing.Cost]]) -> Table:
    table = new_table(
        "One after the other", "Listings", "What", "Milliseconds", "Web ms", "PostgreSQL ms", "Waited ms"
    )
    for size in SIZES:
        for what, cost in costs(databases.filled(size)).items():
            table.add_row(f"{size:,}", what, *(f"{each:.1f}" for each in astuple(cost)))
    return table


def look_at(bench: pages.Bench, chosen: list[pages.Page], options: argparse.Namespace) -> Table:
    """Measure each page, asked for by visitors and by a member."""
    table = new_table(
        f"{options.listings:,} listings", "Page", "Asked for by", "Requests/s", "Of memory's", "Target",
        "Web ms", "PostgreSQL ms", "Waited ms, p95", "Statements",
    )  # fmt: skip
    for page in chosen:
        ways = bench.ways()
        pages.measure(bench, ways, page, options.turns, options.seconds)
        for way in ways:
            table.add_row(*row(page, way, ways))
    return table


def weights(bench: pages.Bench, chosen: list[pages.Page]) -> Table:
    """Weigh each page."""
    table = new_table(
        "Bytes of a first look", "Page", "", "HTML", "Packed", "Static files", "Theirs", "In all"
    )
    for page in chosen:
        weight = weigh(bench, page)
        figures = (weight.page, weight.packed, weight.files, weight.static, weight.packed + weight.static)
        table.add_row(page.name, "", *(f"{figure:,}" for figure in figures))
    return table


def compare(bench: pages.Bench, url: str, chosen: list[pages.Page], options: argparse.Namespace) -> Table:
    """Measure the pages that other frameworks have as well."""
    table = new_table(
        f"{options.listings:,} listings", "Page", "Made by", "Requests/s", "Of this site's",
        "Web ms", "PostgreSQL ms",
    )  # fmt: skip
    for page in chosen:
        with comparison.started(url, bench) as ways:
            pages.measure(bench, ways, page, options.turns, options.seconds)
        for way in ways:
            table.add_row(
                page.name,
                way.name,
                shown(pages.middle(way.per_second), "{:.0f}"),
                shown(pages.ratio(way, ways[0]), "{:.2f}"),
                shown(pages.middle(way.web_ms), "{:.2f}"),
                shown(pages.middle(way.database_ms), "{:.2f}"),
            )
    return table


def row(page: pages.Page, way: pages.Way, ways: list[pages.Way]) -> list[str]:
    """Return a way's line of the table."""
    person = way.name.partition(",")[0]
    memory = next(each for each in ways if each.name == f"{person}, from memory")
    target = TARGETS.get(way.name, TARGET) if way is not memory else None
    waited = pages.percentile_95(way.waited_ms)
    return [
        page.name,
        way.name,
        shown(pages.middle(way.per_second), "{:.0f}"),
        shown(pages.ratio(way, memory), "{:.2f}"),
        shown(target, "{:.1f}"),
        shown(pages.middle(way.web_ms), "{:.2f}"),
        shown(pages.middle(way.database_ms), "{:.2f}"),
        f"{shown(waited, '{:.1f}')} (< {page.database_ms})" if waited is not None else "",
        shown(pages.middle(way.statements), "{:.0f}"),
    ]


def shown(figure: float | None, pattern: str) -> str:
    """Return a figure as text, none of none."""
    return "" if figure is None else pattern.format(figure)


def new_table(title: str, *columns: str) -> Table:
    """Return a table that Markdown understands, figures at the right."""
    table = Table(title=title, box=box.MARKDOWN)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < 2 else "right", no_wrap=True)
    return table
