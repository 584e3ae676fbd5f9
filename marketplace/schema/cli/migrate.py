"""The commands that move the database along the chain: upgrade, downgrade, stamp.

They take the place of Flask-Migrate's own, and hand all to Alembic, which comes by `migrations/env.py`.
"""

from collections.abc import Callable
from typing import Any

import click

from marketplace.schema.cli.options import (
    configuration,
    directory_option,
    register,
    sql_option,
    tag_option,
    verbose_option,
    x_option,
)

# Without the setting, click would take `-1` for an option.
RELATIVE = {"ignore_unknown_options": True}


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what upgrade and downgrade share."""
    for option in (
        directory_option,
        sql_option,
        tag_option,
        x_option,
        verbose_option,
        click.option("--yes", is_flag=True, help="Agree to the loss of rows beforehand."),
        click.option("--no-backup", is_flag=True, help="Make no backup first; the ledger keeps that."),
    ):
        command = option(command)
    return command


@register(**RELATIVE)
@click.argument("revision", default="head")
@run_options
def upgrade(
    revision: str,
    directory: str | None,
    sql: bool,
    tag: str | None,
    x_arg: tuple[str, ...],
    verbose: bool,
    yes: bool,
    no_backup: bool,
) -> None:
    """Bring the database up: to head, to REVISION, or by +N."""
    from alembic import command

    config = configuration(directory, *x_arg, *_words(verbose, yes, no_backup))
    command.upgrade(config, revision, sql=sql, tag=tag)


@register(**RELATIVE)
@click.argument("revision", default="-1")
@run_options
def downgrade(
    revision: str,
    directory: str | None,
    sql: bool,
    tag: str | None,
    x_arg: tuple[str, ...],
    verbose: bool,
    yes: bool,
    no_backup: bool,
) -> None:
    """Bring the database down: by -N, to REVISION, which stays applied, or to base."""
    from alembic import command

    config = configuration(directory, *x_arg, *_words(verbose, yes, no_backup))
    if sql and revision == "-1":
        revision = "head:-1"
    command.downgrade(config, revision, sql=sql, tag=tag)


@register()
@click.argument("revisions", nargs=-1)
@directory_option
@sql_option
@tag_option
@x_option
@verbose_option
@click.option("--purge", is_flag=True, help="Forget what the database says it is at first.")
@click.option("--yes", is_flag=True, hidden=True, help="Nothing is ever asked here.")
@click.option("--no-backup", is_flag=True, hidden=True, help="No backup is ever made here.")
def stamp(
    revisions: tuple[str, ...],
    directory: str | None,
    sql: bool,
    tag: str | None,
    x_arg: tuple[str, ...],
    verbose: bool,
    purge: bool,
    yes: bool,
    no_backup: bool,
) -> None:
    """Mark REVISIONS (head unless told) as applied without running them, and accept the files as they are."""
    from alembic import command

    config = configuration(directory, *x_arg, *_words(verbose, yes, no_backup))
    command.stamp(config, list(revisions) or "head", sql=sql, tag=tag, purge=purge)


def _words(verbose: bool, yes: bool, no_backup: bool) -> list[str]:
    """The operator's options as the words that env.py takes."""
    given = (("verbose", verbose), ("yes", yes), ("no-backup", no_backup))
    return [word for word, is_given in given if is_given]
