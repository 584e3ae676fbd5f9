"""`flask media`: compares the pictures' rows with their files, and removes what nothing shows."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from marketplace.extensions import db
from marketplace.pictures import actions
from marketplace.pictures.storage import StorageError
from marketplace.pictures.storage import media as media_place
from marketplace.pictures.strays import count_keys, find_strays

# For so long a picture may belong to nothing, and files to no row.
LOOSE_LASTS = timedelta(days=1)

media = AppGroup("media", help="Compare pictures with their files, and remove what nothing shows.")


@media.command("check")
def check() -> None:
    """Name every picture without its files, and all files without a picture; status 1 when there are any."""
    with _plain_errors():
        strays = 0
        for stray in find_strays(datetime.now(UTC)):
            click.echo(f"{stray.key}  {stray.what}")
            strays += 1
        pictures = _counted(count_keys(), "picture")
    if strays:
        click.echo(
            f"{_counted(strays, 'stray')} beside {pictures}. `flask media sweep` removes files.", err=True
        )
        sys.exit(1)
    click.echo(f"{pictures}, no strays.")


@media.command("sweep")
def sweep() -> None:
    """Delete pictures that belonged to no item and no draft for a day, and files that no picture has."""
    now = datetime.now(UTC)
    with _plain_errors():
        unneeded = actions.delete_loose_pictures(now - LOOSE_LASTS)
        # First the rows: files that outlive them are strays, which the next sweep finds.
        db.session.commit()
        for key in unneeded:
            media_place().delete(key)
        strays = [stray.key for stray in find_strays(now, LOOSE_LASTS) if stray.is_files]
        for key in strays:
            media_place().delete(key)
    pictures = _counted(len(unneeded), "picture")
    click.echo(f"Removed {pictures} that nothing showed, and {_counted(len(strays), 'stray')}.")


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


@contextmanager
def _plain_errors() -> Iterator[None]:
    """End in one sentence when the storage or the database cannot be used."""
    try:
        yield
    except StorageError as error:
        raise click.ClickException(f"The pictures' storage cannot be used: {error}") from error
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise click.ClickException(f"The database refused: {reason}") from error
