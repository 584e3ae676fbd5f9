"""`flask maintenance`: close the site, announce that it will be closed, and open it again."""

import re
from datetime import UTC, datetime, timedelta

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import text
from sqlalchemy.engine import Connection

from marketplace.schema.application import current_engine
from marketplace.schema.console import plain_errors
from marketplace.schema.ledger import CREATION_LOCK

CREATE = """
CREATE SCHEMA IF NOT EXISTS operations;
CREATE TABLE IF NOT EXISTS operations.maintenance (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    state text NOT NULL CHECK (state IN ('off', 'announced', 'on')),
    starts_at timestamptz,
    ends_at timestamptz,
    message text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE operations.maintenance IS 'Whether the site is closed, or will be; one row at most.';
GRANT USAGE ON SCHEMA operations TO PUBLIC;
GRANT SELECT ON operations.maintenance TO PUBLIC;
"""
SAVE = text(
    "INSERT INTO operations.maintenance (state, starts_at, ends_at, message)"
    " VALUES (:state, :starts_at, :ends_at, :message)"
    " ON CONFLICT (only_row) DO UPDATE SET state = excluded.state, starts_at = excluded.starts_at,"
    " ends_at = excluded.ends_at, message = excluded.message, changed_at = now()"
)
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class Duration(click.ParamType):
    """A number of minutes, hours or days: 30m, 2h, 1d."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Return the timedelta."""
        if isinstance(value, timedelta):
            return value
        match = re.fullmatch(r"(\d{1,4})([mhd])", str(value))
        if match is None or not int(match[1]):
            self.fail(f"{value!r} is no duration: write 30m, 2h or 1d.", param, ctx)
        return timedelta(**{UNITS[match[2]]: int(match[1])})


class Moment(click.ParamType):
    """A date and time, in UTC unless it says another zone."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Return the aware datetime."""
        if isinstance(value, datetime):
            return value
        try:
            moment = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f'{value!r} is no time: write "2026-03-01 22:00", in UTC.', param, ctx)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


message_option = click.option("--message", default="", help="A sentence that people read.")
duration_option = click.option("--for", "duration", type=Duration(), help="How long it will take: 30m, 2h.")


@click.group(invoke_without_command=True)
@click.pass_context
def maintenance(context: click.Context) -> None:
    """Close the site, announce that it will be closed, or say how it is."""
    if context.invoked_subcommand is None:
        context.invoke(status)


@maintenance.command()
@duration_option
@message_option
@with_appcontext
@plain_errors
def on(duration: timedelta | None, message: str) -> None:
    """Close the site: every page but /health answers with the maintenance page."""
    ends_at = datetime.now(UTC) + duration if duration else None
    save("on", None, ends_at, message)
    until = f" It says that it is expected back at {ends_at:%H:%M} UTC." if ends_at else ""
    click.echo(f"The site is closed within a second.{until} To open it: flask maintenance off")


@maintenance.command()
@with_appcontext
@plain_errors
def off() -> None:
    """Open the site, and take an announcement back."""
    save("off", None, None, "")
    click.echo("The site is open within a second.")


@maintenance.command()
@click.option(
    "--at", "moment", type=Moment(), required=True, help='When it begins: "2026-03-01 22:00", in UTC.'
)
@duration_option
@message_option
@with_appcontext
@plain_errors
def announce(moment: datetime, duration: timedelta | None, message: str) -> None:
    """Show a banner on every page that says when the site will be closed."""
    if moment <= datetime.now(UTC):
        raise click.BadParameter(f"{moment:%Y-%m-%d %H:%M} UTC is over.", param_hint="--at")
    save("announced", moment, moment + duration if duration else None, message)
    click.echo(f"Announced for {moment:%Y-%m-%d %H:%M} UTC. When the time has come: flask maintenance on")


@maintenance.command()
@with_appcontext
@plain_errors
def status() -> None:
    """Say whether the site is closed."""
    with current_engine().connect() as connection:
        state, starts_at, ends_at, message = _read(connection)
    if state == "off":
        click.echo("The site is open, and nothing is announced.")
        return
    times = [
        f"{word} {moment:%Y-%m-%d %H:%M} UTC"
        for word, moment in (("from", starts_at), ("until", ends_at))
        if moment
    ]
    click.echo(" ".join([f"Maintenance is {state}", *times]) + (f": {message}" if message else "."))


def save(state: str, starts_at: datetime | None, ends_at: datetime | None, message: str) -> None:
    """Write the state, making its table when it is first needed."""
    values = {"state": state, "starts_at": starts_at, "ends_at": ends_at, "message": message.strip()}
    with current_engine().begin() as connection:
        if not _is_there(connection):
            if state == "off":
                return
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": CREATION_LOCK})
            connection.exec_driver_sql(CREATE)
        connection.execute(SAVE, values)
    current_app.logger.info("Maintenance is %s.", state)


def _is_there(connection: Connection) -> bool:
    return bool(connection.execute(text("SELECT to_regclass('operations.maintenance') IS NOT NULL")).scalar())


def _read(connection: Connection) -> tuple[str, datetime | None, datetime | None, str]:
    if _is_there(connection):
        row = connection.execute(
            text("SELECT state, starts_at, ends_at, message FROM operations.maintenance")
        ).one_or_none()
        if row is not None:
            return row[0], row[1], row[2], row[3]
    return "off", None, None, ""
