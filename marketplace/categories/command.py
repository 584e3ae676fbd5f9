"""`flask categories load FILE`."""

import tomllib
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from marketplace.categories import actions
from marketplace.categories.rules import CategoryFileError, flatten
from marketplace.extensions import db

STARTER_FILE = Path(__file__).with_name("starter.toml")

categories = AppGroup("categories", help="Manage the tree of categories.")


@categories.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def load(file: Path) -> None:
    """Add the categories of FILE (TOML) that are missing; those that are known stay as they are."""
    result = load_file(file)
    click.echo(f"{result.added} categories added, {result.known} known already.")


def load_file(file: Path) -> actions.LoadResult:
    """Load the categories of `file` and commit.

    Raises ClickException, one sentence, when the file or the database refuses.
    """
    try:
        paths = flatten(tomllib.loads(file.read_text(encoding="utf-8")))
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{file} is not UTF-8 text.") from error
    except tomllib.TOMLDecodeError as error:
        raise click.ClickException(f"{file} is not TOML: {error}.") from error
    except CategoryFileError as error:
        raise click.ClickException(f"{file}: {error}") from error
    try:
        result = actions.load_categories(paths)
        db.session.commit()
    except DBAPIError as error:
        db.session.rollback()
        raise click.ClickException(
            f"The database refused the categories ({type(error.orig).__name__}): "
            "check it with `flask db current`, and bring it up to date with `flask db upgrade`."
        ) from error
    return result
