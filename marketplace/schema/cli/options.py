"""What the commands of the chain share: their options, and Alembic's configuration made of them."""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema.console import plain_errors

directory_option = click.option(
    "-d", "--directory", default=None, help="The folder of the migrations, when it is another one."
)
x_option = click.option("-x", "--x-arg", multiple=True, help="What plain Alembic takes as -x.")
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Say more.")
sql_option = click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
tag_option = click.option("--tag", default=None, help="A word that env.py may use.")


def configuration(directory: str | None, *x_arguments: str, **command_options: Any) -> Any:
    """Return Alembic's configuration for a folder, with words for env.py."""
    from flask import current_app, g

    config = current_app.extensions["migrate"].migrate.get_config(
        directory or g.get("directory"), x_arg=[word for word in x_arguments if word]
    )
    for name, value in command_options.items():
        setattr(config.cmd_opts, name, value)
    return config


def register(*names: str, **settings: Any) -> Callable[[Callable[..., Any]], click.Command]:
    """Make a function the command of `db` that is called by its own name, in place of Flask-Migrate's."""

    def wrap(function: Callable[..., Any]) -> click.Command:
        command: click.Command = db.command(*names, context_settings=settings)(
            with_appcontext(plain_errors(function))
        )
        return command

    return wrap


def require_readable(config: Any) -> Any:
    """Read the files, and return them. Raises HistoryBroken when Alembic could not read the chain."""
    from pathlib import Path

    from marketplace.schema import history as told
    from marketplace.schema.application import current_engine
    from marketplace.schema.files import read_files
    from marketplace.schema.state import read_state_on

    files = read_files(Path(config.get_alembic_option("script_location")))
    if files.missing:
        with current_engine().connect() as connection:
            told.require_readable(told.examine(connection, read_state_on(connection), files))
    return files
