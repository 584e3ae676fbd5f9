"""`flask db backup` and `flask db backups`."""

import json
from dataclasses import asdict

import click
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema import console
from marketplace.schema.application import current_engine


@db.command()
@click.option("--reason", default="by hand", show_default=True, help="Kept with the backup.")
@click.option(
    "--prove",
    is_flag=True,
    help="Restore it into a database of its own and compare all rows before it counts.",
)
@with_appcontext
@console.plain_errors
def backup(reason: str, prove: bool) -> None:
    """Back up the database into BACKUP_DIR, and read the file back.

    With --prove it is restored beside the database as well, and compared with the very instant that it was
    taken at, while the site goes on. The role must be allowed to create databases for that.
    """
    from marketplace.schema.backup import command, make_backup
    from marketplace.schema.errors import BackupFailed
    from marketplace.schema.progress import Progress

    if prove and command():
        raise BackupFailed(
            "BACKUP_COMMAND makes the backups of this site, so that only it can prove them; nothing was done."
            "\nNext: unset BACKUP_COMMAND, and then again: flask db backup --prove"
        )
    with Progress() as progress:
        made = make_backup(current_engine(), reason=reason, progress=progress, always=True, proven=prove)
    assert made is not None
    if not made.sha256:
        click.echo(f"Backed up by BACKUP_COMMAND: {made.path}")
        return
    rows = sum(contents.rows for contents in made.contents.values())
    click.echo(
        f"Backed up to {made.path}: {console.size(made.size)}, "
        f"{console.counted(len(made.contents), 'table')}, {console.counted(rows, 'row')}, read back whole."
    )
    if made.proof:
        click.echo(
            f"Proven: restored, and {console.counted(len(made.proof.tables), 'table')}, "
            f"{console.counted(len(made.proof.sequences), 'sequence')} and the schema are what they were, "
            f"{made.proof.seconds:.1f} s."
        )
    for path in made.removed:
        click.echo(f"Removed {path.name}, which the retention rule no longer keeps.")


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print the list for programs.")
@with_appcontext
@console.plain_errors
def backups(as_json: bool) -> None:
    """List the backups in BACKUP_DIR, oldest first."""
    from marketplace.schema.backup import folder
    from marketplace.schema.backup_files import list_backups

    stored = list_backups(folder())
    if as_json:
        click.echo(json.dumps([_fields(each) for each in stored], indent=1))
        return
    if not stored:
        click.echo(f"No backups in {folder()}. Next: flask db backup")
        return
    click.echo(f"{folder()}:")
    rows = [("FILE", "MADE", "REVISION", "SIZE", "ROWS", "PROVEN", "REASON")]
    for each in stored:
        rows.append(
            (
                each.path.name,
                f"{each.made_at:%Y-%m-%d %H:%M} UTC",
                each.revision or "none",
                console.size(each.size),
                f"{sum(table.rows for table in each.note.contents.values()):,}" if each.note else "?",
                "yes" if each.note and each.note.proof else "no",
                each.note.reason if each.note else "(no note beside it)",
            )
        )
    for line in console.columns(rows, right=(3, 4)):
        click.echo(line)


def _fields(stored) -> dict[str, object]:  # type: ignore[no-untyped-def]
    note = stored.note
    return {
        "path": str(stored.path),
        "database": stored.database,
        "revision": stored.revision,
        "made_at": stored.made_at.isoformat(),
        "size": stored.size,
        "sha256": note.sha256 if note else None,
        "reason": note.reason if note else None,
        "proof": asdict(note.proof) if note and note.proof else None,
        "rows": {table: contents.rows for table, contents in note.contents.items()} if note else None,
    }
