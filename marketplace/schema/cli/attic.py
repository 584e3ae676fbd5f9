"""`flask db attic`."""

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema import console
from marketplace.schema.application import current_engine

if TYPE_CHECKING:
    from marketplace.schema.attic import Lying


@db.command()
@click.argument("revision", required=False)
@click.option("--empty", is_flag=True, help="Drop what is listed for good.")
@click.option("--older-than", type=click.IntRange(min=0), metavar="DAYS", help="Only what was kept before.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the list for programs.")
@with_appcontext
@console.plain_errors
def attic(revision: str | None, empty: bool, older_than: int | None, yes: bool, as_json: bool) -> None:
    """List what steps dropped and the attic keeps for the way back, all or of REVISION; or drop it."""
    from marketplace.schema import attic as keeping

    engine = current_engine()
    with engine.connect() as connection:
        found = keeping.lying(connection)
        connection.rollback()
    before = None if older_than is None else datetime.now(UTC) - timedelta(days=older_than)
    chosen = [
        each
        for each in found
        if revision in (None, each.kept.revision) and (before is None or each.kept.at < before)
    ]
    if not empty:
        click.echo(json.dumps([_fields(each) for each in chosen], indent=1) if as_json else _screen(chosen))
        return
    if not chosen:
        click.echo("The attic has nothing of that: nothing was changed." if found else "The attic is empty.")
        return
    asked = [] if older_than is None else [f"--older-than {older_than}"]
    _empty(chosen, [*([revision] if revision else []), *asked], yes)


def _empty(chosen: "list[Lying]", asked: list[str], yes: bool) -> None:
    """Drop what was chosen. Raises NotConfirmed, DatabaseBusy."""
    from marketplace.schema import attic as keeping
    from marketplace.schema.asking import confirm
    from marketplace.schema.lock import only_runner
    from marketplace.schema.settings import read_settings

    engine = current_engine()
    command = " ".join(["flask db attic", *asked, "--empty"])
    confirm(_screen(chosen), str(engine.url.database), command, yes=yes, forgiving=False, losses=chosen)
    patience = read_settings(current_app._get_current_object()).run_patience  # type: ignore[attr-defined]
    with only_runner(engine, patience, lambda words: click.echo(words, err=True)):
        keeping.empty(engine, [each.kept for each in chosen])
    size = console.size(sum(each.size for each in chosen))
    count = console.counted(len(chosen), "copy", "copies")
    click.echo(f"Dropped {count} from the attic, {size}.")


def _screen(found: "list[Lying]") -> str:
    if not found:
        return "The attic is empty."
    rows = [("KEPT", "BY", "REVISION", "WHAT", "ROWS", "SIZE", "COPY", "REMARK")]
    for each in found:
        kept = each.kept
        rows.append(
            (
                f"{kept.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
                kept.direction,
                kept.revision,
                f"{kept.kind} {kept.name}",
                f"{kept.amount:,}",
                console.size(each.size),
                f"attic.{kept.copy}",
                kept.remark or ("by a reset to base" if kept.afresh else ""),
            )
        )
    return "\n".join(console.columns(rows, right=(4, 5)))


def _fields(each: "Lying") -> dict[str, object]:
    kept = each.kept
    return {
        "at": kept.at.isoformat(),
        "revision": kept.revision,
        "direction": kept.direction,
        "what": kept.kind,
        "name": kept.name,
        "copy": f"attic.{kept.copy}",
        "amount": kept.amount,
        "size": each.size,
        "afresh": kept.afresh,
        "remark": kept.remark,
    }
