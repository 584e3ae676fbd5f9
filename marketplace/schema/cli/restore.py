"""`flask db restore` and `flask db discard`."""

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema import console
from marketplace.schema.application import current_engine


@db.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Agree beforehand to lose what was written since the backup.")
@with_appcontext
@console.plain_errors
def restore(file: Path, yes: bool) -> None:
    """Put the backup FILE back; the database in use is kept under another name."""
    from marketplace.schema import restore as restoring
    from marketplace.schema.backup import folder
    from marketplace.schema.errors import RestoreFailed
    from marketplace.schema.progress import Progress

    engine = current_engine()
    database = str(engine.url.database)
    if not file.exists() and (folder() / file.name).exists():
        file = folder() / file.name
    with Progress() as progress:
        prepared = restoring.prepare(engine, file, progress)
    _preview(prepared, database)
    agreed = _ask(database, yes)
    if agreed is None:
        restoring.give_up(engine.url, prepared)
        raise RestoreFailed(f"{database} was not restored: nothing was changed.")
    with Progress() as progress:
        progress(f"Putting the restored {database} in use")
        done = restoring.put_in_use(engine, prepared, patience=60, agreed=agreed)
    rows = sum(prepared.rows.values())
    click.echo(
        f"Restored {database} from {file.name}: revision {done.revision or 'base'}, "
        f"{console.counted(len(prepared.rows), 'table')}, {console.counted(rows, 'row')}."
    )
    if done.kept:
        click.echo(f"The former database is kept; to remove it: flask db discard {done.kept}")
    click.echo("Next: flask db verify")


@db.command()
@click.argument("name", required=False)
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
@console.plain_errors
def discard(name: str | None, yes: bool) -> None:
    """Drop the database NAME that a restore kept; without NAME, list them."""
    from marketplace.schema import restore as restoring
    from marketplace.schema.errors import RestoreFailed

    url = current_engine().url
    if name is None:
        kept = restoring.kept_databases(url)
        rows = [(each, console.size(size), words) for each, words, size in kept]
        for line in console.columns(rows, right=(1,)) or ["No restore left a database."]:
            click.echo(line)
        return
    if name in [each for each, _, _ in restoring.kept_databases(url)] and _ask(name, yes) is None:
        raise RestoreFailed(f"{name} is still there: nothing was changed.")
    restoring.discard(url, name)
    click.echo(f"Dropped {name}.")


def _preview(prepared, database: str) -> None:  # type: ignore[no-untyped-def]
    """Tell what the database in use has that the backup does not know."""
    if prepared.note and prepared.note.database != database:
        click.echo(f"This backup is of {prepared.note.database}, not of {database}.")
    if not prepared.written_since:
        click.echo(f"Nothing was written to {database} since this backup.")
        return
    made = f" ({prepared.note.made_at:%Y-%m-%d %H:%M:%S} UTC)" if prepared.note else ""
    click.echo(f"Written to {database} since this backup{made}, and gone after the restore:")
    rows = [("", "new rows", "changed", "deleted, will be back")]
    rows += [
        (f"  {each.table}", f"{each.added:,}", f"{each.changed:,}", f"{each.removed:,}")
        for each in prepared.written_since
    ]
    for line in console.columns(rows, right=(1, 2, 3)):
        click.echo(line)


def _ask(name: str, yes: bool) -> str | None:
    """Return how it was agreed to, None when it was not."""
    if yes:
        return "yes"
    if not sys.stdin.isatty():
        click.echo("There is no terminal to ask on. Next: the same command with --yes", err=True)
        return None
    return "typed" if click.prompt(f"Type {name} to go on", default="", show_default=False) == name else None
