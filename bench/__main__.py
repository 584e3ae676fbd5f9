"""`python -m bench`, which `make bench` calls: measures the site, and prints tables of what came of it."""

import argparse

from rich.console import Console

from bench import comparison, load, pages, tables
from bench.database import Databases


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--listings", type=int, default=20_000, help="the size of the database (20,000)")
    parser.add_argument("--turns", type=int, default=3, help="how often each page is driven in each way (3)")
    parser.add_argument("--seconds", type=int, default=2, help="how long a turn takes (2)")
    parser.add_argument("--pages", help="only pages with one of these words in the name: home,item")
    parser.add_argument("--peers", action="store_true", help="compare with other frameworks instead")
    parser.add_argument("--writing", action="store_true", help="post and edit instead, in three sizes")
    parser.add_argument("--swaps", action="store_true", help="propose and accept instead, in three sizes")
    options = parser.parse_args()
    load.require_wrk()
    databases = Databases()
    console = Console(width=200)
    if options.writing:
        for each in tables.write(databases):
            console.print(each)
        return
    if options.swaps:
        console.print(tables.swap(databases))
        return
    url = databases.filled(options.listings)
    chosen = pages.selected(options.pages)
    if options.peers:
        chosen = [page for page in chosen if page.name in comparison.PAGES]
    with pages.started(url, chosen) as bench:
        if options.peers:
            console.print(tables.compare(bench, url, chosen, options))
        else:
            console.print(tables.look_at(bench, chosen, options), tables.weights(bench, chosen))


if __name__ == "__main__":
    main()
