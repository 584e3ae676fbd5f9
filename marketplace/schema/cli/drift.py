"""`flask db drift`."""

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema import console
from marketplace.schema.application import current_engine
from marketplace.schema.cli.options import configuration, directory_option

if TYPE_CHECKING:
    from marketplace.schema.catalogue import Difference, Object
    from marketplace.schema.drift import Traces
    from marketplace.schema.fingerprint import Drift

EXIT_DRIFT = 3
SIGNS = {"added": "+", "removed": "-", "changed": "~"}


@db.command()
@directory_option
@click.option("--accept", is_flag=True, help="Take the present state for the right one.")
@click.option("--write", is_flag=True, help="Write the revision that makes the changes part of the chain.")
@click.option("-m", "--message", default=None, help="What that revision does.")
@click.option("--json", "as_json", is_flag=True, help="Print the changes for programs.")
@with_appcontext
@console.plain_errors
def drift(directory: str | None, accept: bool, write: bool, message: str | None, as_json: bool) -> None:
    """Show what was changed outside of a migration since the last one; exit with 3 when something was.

    Compared are tables, columns, constraints, indexes, functions, triggers, views, sequences, types,
    policies, grants and comments, but neither owners nor values.
    """
    from marketplace.schema import drift as drifting
    from marketplace.schema import fingerprint

    if accept and write:
        raise click.UsageError("--accept and --write are two ways to settle the same: choose one.")
    if write != bool(message):
        raise click.UsageError('--write and -m go together: flask db drift --write -m "what was changed"')
    engine = current_engine()
    if accept:
        accepted = fingerprint.accept_drift(engine)
        what = console.counted(len(accepted.outer), "change")
        click.echo(
            f"Accepted as it is, with {what} outside of a migration."
            if accepted.since
            else "Accepted as it is: whatever is changed outside of a migration from here on is told."
        )
        return
    if write:
        path, adopted = drifting.write_adoption(
            engine, Path(configuration(directory).get_main_option("script_location")), str(message)
        )
        click.echo(f"{path} adopts {console.counted(len(adopted.outer), 'change')}.")
        click.echo("Next: read it, then: flask db upgrade head")
        return
    found = fingerprint.read_drift(engine)
    traces = drifting.find_traces(engine, found)
    click.echo(json.dumps(_fields(found, traces), indent=1) if as_json else _screen(found, traces))
    if found.changes:
        raise SystemExit(EXIT_DRIFT)


def _screen(found: "Drift", traces: "Traces") -> str:
    if found.since is None:
        return (
            "There is no fingerprint of this revision: no step was taken since this version of the code, "
            "or a run from or to base did not end.\n"
            "Next: flask db drift --accept, if the database is as it should be"
        )
    since = f"{found.since.revision or 'base'} of {found.since.at:%Y-%m-%d %H:%M:%S %Z}".strip()
    lines = []
    for change in found.outer:
        lines += _change(change, found, traces)
    if found.rendered:
        lines.append(
            f"{console.counted(len(found.rendered), 'definition')} cannot be compared word by "
            "word: PostgreSQL "
            f"{found.major} writes them otherwise than {found.since.major}; their facts are the same.\n"
            "Next: flask db drift --accept, after an upgrade of PostgreSQL"
        )
    if not found.changes:
        return "\n".join([*lines, f"Nothing was changed outside of a migration since {since}."])
    last = traces.last
    if last is not None:
        lines.append(
            f"The last step before: {last.action} of {last.revision or 'base'}, "
            f"{last.at:%Y-%m-%d %H:%M:%S %Z}, by {last.os_user}@{last.host} as {last.role}".rstrip()
        )
    lines.append(f"{console.counted(len(found.outer), 'change')} outside of a migration since {since}.")
    lines.append(
        'Next: undo them, or flask db drift --write -m "what was changed", or flask db drift --accept'
    )
    return "\n".join(lines)


def _change(change: "Difference", found: "Drift", traces: "Traces") -> list[str]:
    lines = [f"{SIGNS[change.what]} {change.key}"]
    inner = [each for each in found.changes if each.present.parent == change.key]
    before, after = _definition(change.before), _definition(change.after)
    if change.before is not None and change.after is not None and "\n" in before + after:
        compared = difflib.unified_diff(
            before.splitlines(), after.splitlines(), "before", "now", n=1, lineterm=""
        )
        lines += [f"    {line}" for line in compared]
    else:
        lines += [f"    {name}: {line}" for name, line in (("before", before), ("now", after)) if line]
    if inner and change.what != "changed":
        lines.append(f"    with {', '.join(each.key for each in inner)}")
    if change.present.owner:
        lines.append(f"    owner: {change.present.owner}")
    if change.key in traces.moments:
        lines.append(f"    committed: {traces.moments[change.key]:%Y-%m-%d %H:%M:%S %Z}".rstrip())
    for session in traces.sessions.get(change.key, ()):
        name = f" ({session.application})" if session.application else ""
        statement = " ".join(session.statement.split())[:80]
        lines.append(
            f"    may have been: process {session.pid} of {session.role}{name}, which ran {statement}"
        )
    return lines


def _definition(found: "Object | None") -> str:
    return found.definition if found else ""


def _fields(found: "Drift", traces: "Traces") -> dict[str, Any]:
    since, last = found.since, traces.last
    return {
        "drift": bool(found.changes),
        "since": since and {"at": since.at.isoformat(), "revision": since.revision, "sha256": since.sha256},
        "changes": [
            {
                "what": each.what,
                "kind": each.present.kind,
                "name": each.present.name,
                "before": each.before and each.before.definition,
                "now": each.after and each.after.definition,
                "owner": each.present.owner,
                "committed": traces.moments[each.key].isoformat() if each.key in traces.moments else None,
                "sessions": [vars(session) for session in traces.sessions.get(each.key, ())],
            }
            for each in found.changes
        ],
        "rendered_otherwise": list(found.rendered),
        "last_step": last
        and {
            "at": last.at.isoformat(),
            "action": last.action,
            "revision": last.revision,
            "by": f"{last.os_user}@{last.host}",
            "role": last.role,
        },
    }
