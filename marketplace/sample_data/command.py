"""`flask sample-data`: fills the database with sample members, listings and items."""

import sys
from contextlib import closing
from datetime import UTC, datetime
from time import monotonic

import click
from flask import current_app
from psycopg2 import Error as DatabaseError
from psycopg2.extensions import QueryCanceledError, connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from marketplace.extensions import db
from marketplace.pictures.storage import StorageError
from marketplace.sample_data.gallery import with_files
from marketplace.sample_data.generate import generate
from marketplace.sample_data.load import Added, load, lock_and_read_first_ids, read_categories
from marketplace.sample_data.vocabulary import load_vocabulary
from marketplace.search.vocabulary import refresh_words

MOST_LISTINGS = 10_000_000


@click.command("sample-data")
@click.option(
    "--listings", type=click.IntRange(1, MOST_LISTINGS), required=True, help="How many listings to add."
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same rows.")
def sample_data(listings: int, seed: int) -> None:
    """Fill the database with believable sample members, listings and items.

    Nobody can sign in as a sample member. Everything is added, or nothing; not available in production.
    """
    if current_app.config["ENV_NAME"] == "production":
        raise click.ClickException("Sample data is not for production; nothing was added.")
    started = monotonic()
    try:
        with closing(db.engine.raw_connection()) as pooled:
            driver = pooled.driver_connection
            assert isinstance(driver, connection)
            added = _fill(driver, listings, seed)
            pooled.commit()
    except (KeyboardInterrupt, QueryCanceledError):
        # A Ctrl-C in the middle of a COPY arrives as the second.
        raise click.ClickException("Stopped; nothing was added.") from None
    except StorageError as error:
        raise click.ClickException(f"The pictures cannot be stored ({error}); nothing was added.") from None
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise click.ClickException(f"The database refused ({reason}); nothing was added.") from None
    refresh_words()
    db.session.commit()
    seconds = monotonic() - started
    click.echo(
        f"Added {added.listings:,} listings, {added.members:,} members and {added.items:,} items"
        f" in {seconds:.0f} s."
    )


def _fill(driver: connection, listings: int, seed: int) -> Added:
    """Store so many listings without committing, and show how far it is."""
    categories = read_categories(driver)
    if not categories:
        raise click.ClickException(
            "There are no categories yet: run "
            "`flask categories load marketplace/categories/starter.toml` first."
        )
    today = datetime.now(UTC).date()
    batches = generate(
        listings,
        seed=seed,
        categories=categories,
        today=today,
        vocabulary=load_vocabulary(today.year),
        first_ids=lock_and_read_first_ids(driver),
    )
    columns = (TextColumn("Listings"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr)) as progress:
        task = progress.add_task("", total=listings)
        return load(driver, with_files(batches, seed), lambda count: progress.advance(task, count))
