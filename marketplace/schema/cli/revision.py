"""The commands that make revision files: revision, migrate, merge."""

from collections.abc import Callable
from typing import Any

import click

from marketplace.schema.cli.options import (
    configuration,
    directory_option,
    register,
    require_readable,
    x_option,
)

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


def revision_arguments(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what revision and migrate share."""
    for option in revision_options:
        command = option(command)
    return command


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
    files = require_readable(config)
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
    """Make a new revision file; with --autogenerate as many as it takes to hold nobody up."""
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
    """Make a new revision file, or several, from what the models and the database differ in."""
    from alembic import command

    config = configuration(directory, *x_arg, autogenerate=True)
    command.revision(config, autogenerate=True, depends_on=list(depends_on) or None, **options)  # type: ignore[arg-type]
