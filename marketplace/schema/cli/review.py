"""`flask db review`."""

import json
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate.cli import db

from marketplace.schema import console
from marketplace.schema.application import current_engine

if TYPE_CHECKING:
    from alembic.config import Config

    from marketplace.schema.plan import Plan


# Without the setting, click would take `-1` for an option.
@db.command(context_settings={"ignore_unknown_options": True})
@click.argument("target", default="head")
@click.option("--json", "as_json", is_flag=True, help="Print the findings for programs.")
@with_appcontext
@console.plain_errors
def review(target: str, as_json: bool) -> None:
    """Say what the way to TARGET (head unless told) destroys, locks and mixes; exit with 1 for a loss.

    TARGET is a revision above or below the database's, +N, -N, base or head.
    """
    from marketplace.schema.review import review as read
    from marketplace.schema.review import squawk_program

    engine = current_engine()
    plan, config = _plan(target)
    reviewed = read(engine, plan, config)
    destructive = any(finding.destructive for each in reviewed for finding in each.findings)
    if as_json:
        click.echo(
            json.dumps(
                {
                    "from": plan.current,
                    "to": plan.target,
                    "destructive": destructive,
                    "revisions": [
                        {
                            "revision": each.revision,
                            "direction": each.direction,
                            "file": each.file,
                            "findings": [
                                {
                                    "kind": finding.kind,
                                    "destructive": finding.destructive,
                                    "says": finding.says,
                                }
                                for finding in each.findings
                            ],
                        }
                        for each in reviewed
                    ],
                },
                indent=1,
            )
        )
    elif not reviewed:
        click.echo(f"Nothing to review: the database is at {plan.current or 'base'}.")
    else:
        for each in reviewed:
            click.echo(f"{each.direction} {each.file}")
            for finding in each.findings:
                click.echo(f"  {'LOSS' if finding.destructive else 'note'}  {finding.says}")
            if not each.findings:
                click.echo("  nothing to note")
        if squawk_program() is None:
            click.echo(
                "squawk is not installed, so its rules were not looked at. Next: pip install squawk-cli"
            )
        verdict = "rows or values would be lost" if destructive else "nothing would be lost"
        way = f"{plan.current or 'base'} → {plan.target or 'base'}"
        click.echo(f"{way}: {console.counted(len(reviewed), 'revision')}, {verdict}.")
    if destructive:
        raise SystemExit(1)


def _plan(target: str) -> "tuple[Plan, Config]":
    """Return the way up or down to a target, and Alembic's configuration."""
    from alembic.script import ScriptDirectory

    from marketplace.schema.cli.options import configuration
    from marketplace.schema.plan import lineage, plan_downgrade, plan_upgrade
    from marketplace.schema.state import read_state

    config = configuration(current_app.extensions["migrate"].directory)
    heads = read_state(current_engine()).heads
    down = target == "base" or target.startswith("-")
    if not down and heads and target not in ("head", "heads") and not target.startswith("+"):
        script = ScriptDirectory.from_config(config)
        applied = lineage(script, heads)
        down = target not in heads and any(each.startswith(target) for each in applied)
    return (plan_downgrade if down else plan_upgrade)(config, heads, target), config
