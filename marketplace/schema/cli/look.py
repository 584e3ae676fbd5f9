"""The commands that only look: current, check, history, heads, branches, show."""

import click

from marketplace.schema.cli.options import (
    configuration,
    directory_option,
    register,
    require_readable,
    verbose_option,
)


@register()
@directory_option
@verbose_option
@click.option("-c", "--check-heads", is_flag=True, help="Exit with 1 unless the database is at head.")
def current(directory: str | None, verbose: bool, check_heads: bool) -> None:
    """Show the revision that the database is at."""
    from alembic import command

    command.current(configuration(directory, verbose=verbose, check_heads=check_heads), verbose=verbose)


@register()
@directory_option
def check(directory: str | None) -> None:
    """Show what is pending, and then where the models and the database disagree."""
    from alembic import command

    command.check(configuration(directory))


@register()
@directory_option
@click.option("-r", "--rev-range", default=None, help="Only [start]:[end].")
@verbose_option
@click.option("-i", "--indicate-current", is_flag=True, help="Mark the revision that the database is at.")
def history(directory: str | None, rev_range: str | None, verbose: bool, indicate_current: bool) -> None:
    """List the revisions, newest first."""
    from alembic import command

    config = configuration(directory, rev_range=rev_range, indicate_current=indicate_current)
    command.history(config, rev_range, verbose=verbose, indicate_current=indicate_current)


@register()
@directory_option
@verbose_option
@click.option("--resolve-dependencies", is_flag=True, help="Count what a revision depends on as below it.")
def heads(directory: str | None, verbose: bool, resolve_dependencies: bool) -> None:
    """Show the newest revision; more than one need a merge."""
    from alembic import command

    config = configuration(directory)
    require_readable(config)
    command.heads(config, verbose=verbose, resolve_dependencies=resolve_dependencies)


@register()
@directory_option
@verbose_option
def branches(directory: str | None, verbose: bool) -> None:
    """Show where branches begin."""
    from alembic import command

    config = configuration(directory)
    require_readable(config)
    command.branches(config, verbose=verbose)


@register()
@directory_option
@click.argument("revision", default="head")
def show(directory: str | None, revision: str) -> None:
    """Show one revision."""
    from alembic import command

    config = configuration(directory)
    require_readable(config)
    command.show(config, revision)
