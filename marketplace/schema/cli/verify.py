"""`flask db verify`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema import console
from marketplace.schema.application import current_engine

if TYPE_CHECKING:
    from marketplace.schema.verify import Verification


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print the result for programs.")
@with_appcontext
@console.plain_errors
def verify(as_json: bool) -> None:
    """Check schema, data and files as the guide does; exit with 1 when something is wrong."""
    from marketplace.schema.progress import Progress
    from marketplace.schema.verify import verify as run

    migrate = current_app.extensions["migrate"]
    with Progress() as progress:
        result = run(current_engine(), migrate.db.metadata, Path(migrate.directory), progress)
    click.echo(json.dumps(_fields(result), indent=1) if as_json else _screen(result))
    if not result.ok:
        raise SystemExit(1)


def _screen(result: "Verification") -> str:
    lines = []
    for check in result.checks:
        lines.append(
            f"{'ok  ' if check.ok else 'BAD '} {check.name:<13} {check.says if check.ok else ''}".rstrip()
        )
        lines += [f"     - {line}" for fault in check.faults for line in fault.splitlines()]
    table = [("", "table", "now", "before the last migration" if result.since else "")]
    # An empty table that was empty before tells nothing.
    filled = [row for row in result.rows if row.now is None or row.now or row.before]
    table += [
        ("", row.table, _number(row.now), _number(row.before) if result.since else "") for row in filled
    ]
    lines += ["", *(f"   {line}" for line in console.columns(table if filled else [], right=(2, 3)))]
    if len(filled) < len(result.rows):
        lines.append(f"     ({console.counted(len(result.rows) - len(filled), 'other table')} without rows)")
    if result.since:
        lines.append(f"     (the last migration: {result.since})")
    wrong = sum(len(check.faults) for check in result.checks)
    verdict = "everything is in order" if result.ok else f"{console.counted(wrong, 'thing')} to look at"
    return "\n".join([*lines, "", f"{result.database}: {verdict}."])


def _number(count: int | None) -> str:
    return "–" if count is None else f"{count:,}"


def _fields(result: "Verification") -> dict[str, object]:
    return {
        "database": result.database,
        "ok": result.ok,
        "checks": [
            {"name": check.name, "ok": check.ok, "says": check.says, "faults": list(check.faults)}
            for check in result.checks
        ],
        "rows": {row.table: {"now": row.now, "before": row.before} for row in result.rows},
        "last_migration": result.since or None,
    }
