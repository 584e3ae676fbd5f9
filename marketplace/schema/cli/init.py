"""`flask db init`."""

from pathlib import Path

import click

from marketplace.schema.cli.options import directory_option, register


@register()
@directory_option
def init(directory: str | None) -> None:
    """Make the folder of the migrations, in an application that has none yet."""
    from flask import current_app

    from marketplace.schema.beginning import make_folder

    made = make_folder(Path(directory or current_app.extensions["migrate"].directory))
    click.echo(f"Made {made}, without a revision yet.")
    click.echo('Next: flask db revision --autogenerate -m "first tables"')
