"""`flask db status`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema import console
from marketplace.schema.application import current_engine
from marketplace.schema.cli.options import configuration, directory_option

if TYPE_CHECKING:
    from marketplace.schema.status import Status


@db.command()
@directory_option
@click.option("--json", "as_json", is_flag=True, help="Print the record for programs.")
@with_appcontext
@console.plain_errors
def status(directory: str | None, as_json: bool) -> None:
    """Show how the database stands: revision, pending ones and their risks, drift, backup, last step.

    Exits with 0 when all is fine, 4 when applied files are not as they were applied, 5 for multiple heads, 3
    for changes outside of a migration, 2 for pending migrations: of several the first in this order, and 1
    when it cannot be told.
    """
    from marketplace.schema.status import as_fields, read_status

    config = configuration(directory)
    found = read_status(current_engine(), Path(config.get_main_option("script_location")), config)
    click.echo(json.dumps(as_fields(found), indent=1) if as_json else _screen(found))
    if found.code:
        raise SystemExit(found.code)


def _screen(found: "Status") -> str:
    from marketplace.schema.plan import label

    current = label(found.current) or "base"
    rows = [("Revision", f"{current}{' (head)' if found.current == found.heads else ''}")]
    if found.current != found.heads:
        rows.append(("Head", label(found.heads) or "none"))
    if found.pending:
        rows.append(("Pending", console.counted(len(found.pending), "revision")))
    for each in found.pending:
        rows.append(("", f"  {each.revision}   {each.title}"))
        rows += [("", f"      {risk}") for risk in each.risks or ()]
    if not found.pending:
        rows.append(("Pending", "nothing"))
    rows.append(("Files", "all applied ones are as they were" if not found.checksums else "not as applied:"))
    rows += [("", f"  {fault.splitlines()[0]}") for fault in found.checksums]
    rows.append(("Drift", _drift(found)))
    rows += [("", f"  {line}") for line in found.drift or ()]
    rows += [("Backup", _backup(found)), ("Last step", _step(found))]
    lines = [f"{name:<10} {words}".rstrip() for name, words in rows]
    return "\n".join([*lines, f"{found.database}: {found.verdict}."])


def _drift(found: "Status") -> str:
    if found.drift is None:
        return f"not known: {found.drift_unknown}"
    if not found.drift:
        return "none"
    return f"{console.counted(len(found.drift), 'change')} outside of a migration: flask db drift"


def _backup(found: "Status") -> str:
    backup = found.backup
    if backup is None:
        return "none: flask db backup"
    hours = backup.age_seconds / 3600
    age = (
        f"{hours * 60:.0f} minutes"
        if hours < 2
        else f"{hours:.0f} hours"
        if hours < 48
        else f"{hours / 24:.0f} days"
    )
    proof = "proven" if backup.proven else "read back, not proven"
    gone = "" if backup.is_there in (True, None) else ", and not there any more"
    return f"{backup.made_at:%Y-%m-%d %H:%M}, {age} ago, {proof}{gone}: {backup.path}"


def _step(found: "Status") -> str:
    step = found.step
    if step is None:
        return "none"
    failed = f", which failed: {step.error}" if step.outcome != "done" else ""
    return (
        f"{step.action} of {step.revision or 'base'} on {step.at:%Y-%m-%d %H:%M}, {step.seconds:.2f} s, "
        f"by {step.os_user}@{step.host} as {step.role}{failed}"
    )
