"""`flask db log` and `flask db repair`: what was done to this database, and what can be mended."""

import json
from typing import Any

import click
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema.application import current_engine
from marketplace.schema.cli.options import configuration, directory_option
from marketplace.schema.console import columns, plain_errors


@db.command()
@click.option("--json", "as_json", is_flag=True, help="Print all that is known, for programs.")
@click.option("-n", "--limit", type=click.IntRange(1), default=None, help="Only the newest so many.")
@with_appcontext
@plain_errors
def log(as_json: bool, limit: int | None) -> None:
    """Show every step that was ever taken on this database, oldest first."""
    from marketplace.schema.ledger import entries

    found = entries(current_engine(), limit)
    if as_json:
        click.echo(json.dumps([_fields(entry) for entry in found], indent=1))
        return
    if not found:
        click.echo("Nothing was done to this database yet. Next: flask db upgrade head")
        return
    rows = [("WHEN", "WHAT", "REVISION", "FROM", "SECONDS", "WHO", "VERSION", "REMARK")]
    rows += [
        (
            entry.at.strftime("%Y-%m-%d %H:%M:%S"),
            entry.action,
            entry.revision or "base",
            entry.previous or "base",
            f"{entry.seconds:.2f}",
            f"{entry.os_user}@{entry.host} as {entry.role}",
            entry.app_version or "",
            _remark(entry.detail),
        )
        for entry in found
    ]
    for line in columns(rows, right=(4,)):
        click.echo(line)


@db.command()
@directory_option
@click.option("--restore-file", "revision", default=None, help="The revision whose applied text to put back.")
@with_appcontext
@plain_errors
def repair(directory: str | None, revision: str | None) -> None:
    """Say what is not as it was applied, or put the applied text of one file back."""
    from pathlib import Path

    from marketplace.schema import repair as mending

    folder = Path(configuration(directory).get_main_option("script_location"))
    if revision:
        path = mending.put_back(current_engine(), folder, revision)
        click.echo(f"{path.name} has the text again that was applied.")
        return
    found = mending.findings(current_engine(), folder)
    if not found:
        click.echo("All files are as they were applied.")
    for finding in found:
        click.echo(finding.message)
    if any(finding.is_fault for finding in found):
        raise SystemExit(1)


def _fields(entry: Any) -> dict[str, Any]:
    return {**vars(entry), "at": entry.at.isoformat(), "detail": dict(entry.detail)}


def _remark(detail: Any) -> str:
    """What is worth knowing at a glance."""
    remarks = [
        ("error" in detail, str(detail.get("error"))),
        ("backup" in detail, f"backup {detail.get('backup')}"),
        ("no_backup" in detail, "no backup"),
        ("losses_agreed" in detail, f"losses agreed ({detail.get('losses_agreed')})"),
        ("accepted" in detail, "accepted as it is"),
        ("accepted_drift" in detail, f"{len(detail.get('accepted_drift', ()))} changes accepted"),
        ("adopted" in detail, "applied before there was a ledger"),
        ("restored" in detail, f"{detail.get('restored')} put back"),
        (detail.get("how") in ("marked", "unmarked"), f"{detail.get('how')} without running"),
        ("path" in detail, str(detail.get("path"))),
        ("proof" in detail, "proven"),
        ("dangers" in detail, f"dangers: {detail.get('dangers')}"),
    ]
    return "; ".join(words for holds, words in remarks if holds)
