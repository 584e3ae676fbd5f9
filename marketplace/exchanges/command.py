"""`flask swaps`."""

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from marketplace.exchanges import sweep
from marketplace.extensions import db

swaps = AppGroup("swaps", help="Look after swaps.")


@swaps.command("remind")
def remind() -> None:
    """End swaps whose time is over, and remind of what is due. It can run at any time, and beside itself."""
    done = 0
    try:
        while sweep.step():
            db.session.commit()
            done += 1
    except DBAPIError as error:
        raise click.ClickException(
            f"The database refused ({type(error.orig).__name__}): "
            "check it with `flask db current`, and bring it up to date with `flask db upgrade`."
        ) from error
    finally:
        db.session.rollback()
    click.echo(f"Looked after {done:,} swap{'' if done == 1 else 's'} in which something was due.")
