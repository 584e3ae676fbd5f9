"""Times each public page on the database that the application uses now: `.venv/bin/python bench/pages.py`.

Prints, for each page, the median and the slowest of its runs in milliseconds on the server, from the
request to the finished page, and the number of SQL statements. Pages are taken from all over the
catalogue: roots and leaves of the category tree, their first page and one far down.
"""

import argparse
import statistics
import time

from flask import Flask
from rich.console import Console
from rich.table import Table
from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from marketplace import create_app
from marketplace.categories.queries import load_tree
from marketplace.extensions import db
from marketplace.listings.paging import Cursor


def public_pages(app: Flask) -> list[str]:
    """Return the addresses to measure."""
    with app.test_request_context():
        roots = load_tree().roots
        leaves = [node for node in load_tree().nodes() if not node.children]
        old = db.session.execute(
            text("SELECT id, created_at FROM listings ORDER BY created_at OFFSET 1000 LIMIT 1")
        ).one()
        listing_id, item_id = db.session.execute(
            text("SELECT listing_id, id FROM listing_items ORDER BY id DESC LIMIT 1")
        ).one()
    cursor = Cursor(old.created_at, old.id)
    categories = [f"/categories/{node.path}" for node in (*roots[:2], leaves[0], leaves[-1])]
    return [
        "/",
        *categories,
        *(f"{address}?older={cursor}" for address in categories[::2]),
        f"/listings/{listing_id}",
        f"/items/{item_id}",
        "/login",
        "/health",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="how often each page is asked for")
    runs = parser.parse_args().runs
    app = create_app()
    client = app.test_client()
    statements: list[str] = []
    event.listen(
        Engine, "before_cursor_execute", lambda _connection, _cursor, sql, *_others: statements.append(sql)
    )
    table = Table("Page", "Median ms", "Slowest ms", "Statements")
    for address in public_pages(app):
        client.get(address)
        times = []
        for _ in range(runs):
            statements.clear()
            started = time.perf_counter()
            response = client.get(address)
            times.append((time.perf_counter() - started) * 1000)
            if response.status_code != 200:
                raise SystemExit(f"{address} answered {response.status}.")
        table.add_row(address, f"{statistics.median(times):.1f}", f"{max(times):.1f}", str(len(statements)))
    Console().print(table)


if __name__ == "__main__":
    main()
