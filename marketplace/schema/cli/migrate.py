"""The commands of the chain: upgrade, downgrade, stamp, current, check, history, heads, merge, revision.

They take the place of Flask-Migrate's own, and hand all to Alembic, which comes by `migrations/env.py`.
"""

from collections.abc import Callable
from typing import Any

import click
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema.console import plain_errors

# Without the setting, click would take `-1` for an option.
RELATIVE = {"ignore_unknown_options": True}

directory_option = click.option(
    "-d", "--directory", default=None, help="The folder of the migrations, when it is another one."
)
x_option = click.option("-x", "--x-arg", multiple=True, help="What plain Alembic takes as -x.")
verbose_option = click.option("-v", "--verbose", is_flag=True, help="Say more.")
sql_option = click.option("--sql", is_flag=True, help="Print the SQL instead of running it.")
tag_option = click.option("--tag", default=None, help="A word that env.py may use.")
revision_options = (
    click.option("-m", "--message", default=None, help="What the revision does."),
    click.option("--sql", is_flag=True, help="Print the SQL instead of writing a file."),
    click.option("--head", default="head", help="The revision to follow."),
    click.option("--splice", is_flag=True, help="Follow a revision that another follows already."),
    click.option("--branch-label", default=None, help="A name for the branch."),
    click.option("--version-path", default=None, help="The folder for the file."),
    click.option("--rev-id", default=None, help="The id, instead of the next number."),
    click.option("--depends-on", multiple=True, help="A revision that must be applied before."),
)


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


def revision_arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what revision and migrate share."""
    for option in revision_options:
        command = option(command)
    return command


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
    _require_readable(config)
    command.heads(config, verbose=verbose, resolve_dependencies=resolve_dependencies)


@register()
@directory_option
@verbose_option
def branches(directory: str | None, verbose: bool) -> None:
    """Show where branches begin."""
    from alembic import command

    config = configuration(directory)
    _require_readable(config)
    command.branches(config, verbose=verbose)


@register()
@directory_option
@click.argument("revision", default="head")
def show(directory: str | None, revision: str) -> None:
    """Show one revision."""
    from alembic import command

    config = configuration(directory)
    _require_readable(config)
    command.show(config, revision)


@register()
@click.argument("revisions", nargs=-1)
@directory_option
@click.option("-m", "--message", default=None, help="What the branches were about.")
@click.option("--branch-label", default=None, help="A name for the branch.")
@click.option("--rev-id", default=None, help="The id, instead of the next number.")
@click.option("--splice", is_flag=True, help="Merge revisions that are no heads.")
def merge(
    revisions: tuple[str, ...],
    directory: str | None,
    message: str | None,
    branch_label: str | None,
    rev_id: str | None,
    splice: bool,
) -> None:
    """Merge the heads REVISIONS (all of them unless told) into one new revision."""
    from alembic import command

    from marketplace.schema.naming import next_id

    config = configuration(directory)
    files = _require_readable(config)
    message = message or "merge heads"
    command.merge(
        config,
        list(revisions) or "heads",
        message=message,
        branch_label=branch_label,
        rev_id=rev_id or next_id(files, message),
        splice=splice,
    )


@register()
@directory_option
@revision_arguments
@click.option("--autogenerate", is_flag=True, help="Fill it with what the models and the database differ in.")
def revision(directory: str | None, autogenerate: bool, depends_on: tuple[str, ...], **options: Any) -> None:
    """Make a new revision file."""
    from alembic import command

    config = configuration(directory, autogenerate=autogenerate)
    command.revision(config, autogenerate=autogenerate, depends_on=list(depends_on) or None, **options)  # type: ignore[arg-type]


@register()
@directory_option
@revision_arguments
@x_option
def migrate(
    directory: str | None, x_arg: tuple[str, ...], depends_on: tuple[str, ...], **options: Any
) -> None:
    """Make a new revision file from what the models and the database differ in."""
    from alembic import command

    config = configuration(directory, *x_arg, autogenerate=True)
    command.revision(config, autogenerate=True, depends_on=list(depends_on) or None, **options)  # type: ignore[arg-type]


def _words(verbose: bool, yes: bool, no_backup: bool) -> list[str]:
    """The operator's options as the words that env.py takes."""
    given = (("verbose", verbose), ("yes", yes), ("no-backup", no_backup))
    return [word for word, is_given in given if is_given]


def _require_readable(config: Any) -> Any:
    """Read the files, and return them. Raises HistoryBroken when Alembic could not read the chain."""
    from pathlib import Path

    from flask import current_app

    from marketplace.schema import history as told
    from marketplace.schema.files import read_files
    from marketplace.schema.state import read_state_on

    files = read_files(Path(config.get_main_option("script_location")))
    if files.missing:
        with current_app.extensions["migrate"].db.engine.connect() as connection:
            told.require_readable(told.examine(connection, read_state_on(connection), files))
    return files
