"""The commands that move the database along the chain: upgrade, downgrade, stamp.

They take the place of Flask-Migrate's own, and hand all to Alembic, which comes by `migrations/env.py`.
"""

from collections.abc import Callable
from functools import wraps
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


def run_options(*, asks: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Add what the three share, and hand it to the command as Alembic's configuration.

    Where nothing is ever asked or backed up, the options for that are taken and not shown.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def configured(
            directory: str | None,
            x_arg: tuple[str, ...],
            verbose: bool,
            yes: bool,
            no_backup: bool,
            **arguments: Any,
        ) -> None:
            given = (("verbose", verbose), ("yes", yes), ("no-backup", no_backup))
            words = [word for word, is_given in given if is_given]
            command(configuration(directory, *x_arg, *words), **arguments)

        for option in (
            directory_option,
            sql_option,
            tag_option,
            x_option,
            verbose_option,
            click.option(
                "--yes", is_flag=True, hidden=not asks, help="Agree to the loss of rows beforehand."
            ),
            click.option(
                "--no-backup",
                is_flag=True,
                hidden=not asks,
                help="Make no backup first; the ledger keeps that.",
            ),
        ):
            configured = option(configured)
        return configured

    return add


@register(**RELATIVE)
@click.argument("revision", default="head")
@run_options(asks=True)
def upgrade(config: Any, revision: str, sql: bool, tag: str | None) -> None:
    """Bring the database up: to head, to REVISION, or by +N."""
    from alembic import command

    command.upgrade(config, revision, sql=sql, tag=tag)


@register(**RELATIVE)
@click.argument("revision", default="-1")
@run_options(asks=True)
def downgrade(config: Any, revision: str, sql: bool, tag: str | None) -> None:
    """Bring the database down: by -N, to REVISION, which stays applied, or to base."""
    from alembic import command

    if sql and revision == "-1":
        revision = "head:-1"
    command.downgrade(config, revision, sql=sql, tag=tag)


@register()
@click.argument("revisions", nargs=-1)
@run_options(asks=False)
@click.option("--purge", is_flag=True, help="Forget what the database says it is at first.")
def stamp(config: Any, revisions: tuple[str, ...], sql: bool, tag: str | None, purge: bool) -> None:
    """Mark REVISIONS (head unless told) as applied without running them, and accept the files as they are."""
    from alembic import command

    command.stamp(config, list(revisions) or "head", sql=sql, tag=tag, purge=purge)
