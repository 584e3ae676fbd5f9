"""`flask db doctor`."""

import json
from pathlib import Path

import click
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema import console
from marketplace.schema.application import current_engine
from marketplace.schema.cli.options import configuration, directory_option


@db.command()
@directory_option
@click.option("--json", "as_json", is_flag=True, help="Print the complaints for programs.")
@with_appcontext
@console.plain_errors
def doctor(directory: str | None, as_json: bool) -> None:
    """Look for what may be wrong with the database, and say what to type; exit with 1 when something is.

    It only reads, and waits for nobody.
    """
    from marketplace.schema.diagnosis import diagnose

    found = diagnose(current_engine(), Path(configuration(directory).get_main_option("script_location")))
    if as_json:
        fields = {
            "database": found.database,
            "ok": not found.complaints,
            "complaints": [{**vars(each), "commands": list(each.commands)} for each in found.complaints],
            "unknown": list(found.unknown),
        }
        click.echo(json.dumps(fields, indent=1))
    else:
        for each in found.complaints:
            click.echo(f"{each.kind}: {each.what}")
            click.echo(f"  where: {each.where}")
            click.echo(f"  why:   {each.why}")
            for number, command in enumerate(each.commands):
                click.echo(f"{'  next: ' if number == 0 else '        '} {command}")
        for words in found.unknown:
            click.echo(f"Not looked at: {words}.")
        verdict = (
            console.counted(len(found.complaints), "complaint") if found.complaints else "nothing is wrong"
        )
        click.echo(f"{found.database}: {verdict}.")
    if found.complaints:
        raise SystemExit(1)
