"""`flask db rehearse`."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
from flask import current_app

from marketplace.schema import console
from marketplace.schema.application import current_engine
from marketplace.schema.cli.options import configuration, directory_option, register

if TYPE_CHECKING:
    from marketplace.schema.observed import Observed
    from marketplace.schema.rehearsal import Rehearsal, Rehearsed

# PostgreSQL's names, as its manual and its statements write them.
LOCKS = {
    "AccessShareLock": "ACCESS SHARE",
    "RowShareLock": "ROW SHARE",
    "RowExclusiveLock": "ROW EXCLUSIVE",
    "ShareUpdateExclusiveLock": "SHARE UPDATE EXCLUSIVE",
    "ShareLock": "SHARE",
    "ShareRowExclusiveLock": "SHARE ROW EXCLUSIVE",
    "ExclusiveLock": "EXCLUSIVE",
    "AccessExclusiveLock": "ACCESS EXCLUSIVE",
}


# Without the setting, click would take `-1` for an option, where we can say what is wrong with it.
@register(ignore_unknown_options=True)
@click.argument("target", default="head")
@directory_option
@click.option("--json", "as_json", is_flag=True, help="Print all that was seen, for programs.")
def rehearse(target: str, directory: str | None, as_json: bool) -> None:
    """Run the pending revisions up to TARGET (head unless told) on a copy: up, down and up.

    The copy has the site's rows, is made beside its database while the site goes on, and is dropped
    afterwards. For each revision and statement it is told how long it took, what it locked, rewrote and
    changed, what going down would lose, and how long others would have waited. Exits with 1 for a danger.
    """
    from marketplace.schema.progress import Progress
    from marketplace.schema.rehearsal import rehearse as run
    from marketplace.schema.settings import read_settings

    migrate = current_app.extensions["migrate"]
    arguments = {"target_metadata": migrate.metadata, **migrate.configure_args}
    with Progress() as progress:
        rehearsal = run(
            current_engine(),
            configuration(directory),
            target,
            read_settings(current_app),
            arguments,
            progress,
        )
    if as_json:
        click.echo(json.dumps(_fields(rehearsal), indent=1))
    elif rehearsal is None:
        click.echo("Nothing is pending, so there is nothing to rehearse.")
    else:
        for line in _screen(rehearsal):
            click.echo(line)
    if rehearsal is not None and rehearsal.dangers:
        raise SystemExit(1)


def _fields(rehearsal: "Rehearsal | None") -> dict[str, Any]:
    from dataclasses import asdict

    if rehearsal is None:
        return {"revisions": [], "dangers": 0}
    fields = {**asdict(rehearsal), "dangers": rehearsal.dangers}
    for told, each in zip(fields["revisions"], rehearsal.revisions, strict=True):
        for finding, its in zip(told["findings"], each.findings, strict=True):
            finding["danger"] = its.is_danger
        told["waits"] = {} if each.up is None else _waits(each.up)
    return fields


def _waits(up: "Observed") -> dict[str, float]:
    from marketplace.schema.observed import STOPS_READERS, STOPS_WRITERS

    return {"reader": up.wait(STOPS_READERS)[0], "writer": up.wait(STOPS_WRITERS)[0]}


def _screen(rehearsal: "Rehearsal") -> Iterator[str]:
    tables = console.counted(rehearsal.tables, "table")
    yield (
        f"On a copy of {rehearsal.database}, made in {rehearsal.seconds:.1f} s: "
        f"{console.counted(rehearsal.rows, 'row')} in {tables}"
    )
    for each in rehearsal.revisions:
        yield ""
        yield f"{each.revision}   {each.title}"
        yield from _revision(each)
    dangers = rehearsal.dangers
    verdict = f"{console.counted(dangers, 'danger')} to look at" if dangers else "no danger was found"
    way = f"{rehearsal.current or 'base'} → {rehearsal.target or 'base'}"
    yield ""
    yield f"{way}: {console.counted(len(rehearsal.revisions), 'revision')}, {verdict}."


def _revision(each: "Rehearsed") -> Iterator[str]:
    for name, observed in (("up", each.up), ("down", each.down), ("up again", each.again)):
        if observed is not None:
            yield f"  {name:<9} {observed.seconds:.2f} s"
            yield from _statements(observed) if name != "up again" else ()
    for says in each.way_down:
        yield f"  going down {says}"
    if each.up is not None:
        waits = _waits(each.up)
        yield (
            f"  on the site a reader would wait up to {waits['reader']:.2f} s, "
            f"a writer up to {waits['writer']:.2f} s"
        )
    for finding in each.findings:
        yield f"  {'DANGER' if finding.is_danger else 'note  '}  {finding.kind}: {finding.says}"


def _statements(observed: "Observed") -> Iterator[str]:
    for statement in observed.statements:
        yield f"    {statement.seconds:.2f} s  {statement.sql}"
        for table, mode in statement.locks.items():
            held = observed.held.get(table, {}).get(mode, 0.0)
            yield f"            locks {table}: {LOCKS[mode]}, held {held:.2f} s"
        for table in statement.rewritten:
            yield f"            writes {table} anew"
        for table in statement.emptied:
            yield f"            empties {table}"
        for table, rows in statement.written.items():
            yield f"            changes {console.counted(rows, 'row')} of {table}"
        for table, rows in statement.read.items():
            yield f"            reads {console.counted(rows, 'row')} of {table}"
