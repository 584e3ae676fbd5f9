"""`flask mail`."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from marketplace.extensions import db
from marketplace.mail.sending import Tally, carrier_of_site, send_due

PAUSE_SECONDS = 2
PAUSE_WHEN_AWAY_SECONDS = 30

mail = AppGroup("mail", help="Send the letters that the site has written.")
logger = logging.getLogger("marketplace.mail")


@mail.command("send")
@click.option("--loop", is_flag=True, help="Go on sending until Ctrl-C.")
def send(loop: bool) -> None:
    """Send the letters that are due. It can run at any time, and beside itself."""
    if loop:
        click.echo("Sending letters as they are written — stop it with Ctrl-C.")
        send_for_ever()
        return
    try:
        tally = send_due(carrier_of_site())
    except SQLAlchemyError as error:
        db.session.rollback()
        raise click.ClickException(
            f"The database refused ({type(error).__name__}): "
            "check it with `flask db current`, and bring it up to date with `flask db upgrade`."
        ) from error
    click.echo(
        f"Sent {tally.sent:,} letter{'' if tally.sent == 1 else 's'}; "
        f"{tally.later:,} to be tried again later, {tally.given_up:,} given up."
    )


def send_for_ever(is_alone: Callable[[], bool] = lambda: False) -> None:
    """Send letters as they are written until this process is told to end, or `is_alone()`.

    A letter that is being sent when that happens is sent to its end.
    """
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())

    def is_over() -> bool:
        return ending.is_set() or is_alone()

    carrier = carrier_of_site()
    while not is_over():
        try:
            tally = send_due(carrier, is_over)
        except SQLAlchemyError as error:
            logger.warning("The database is away (%s): letters wait.", type(error).__name__)
            with suppress(SQLAlchemyError):
                db.session.rollback()
            tally = Tally(away=True)
        finally:
            db.session.remove()
        _wait(PAUSE_WHEN_AWAY_SECONDS if tally.away else PAUSE_SECONDS, ending, is_over)


def send_beside(app: Flask) -> None:
    """Send letters in this process for as long as the one that began it lives."""
    parent = os.getppid()
    with app.app_context():
        send_for_ever(lambda: os.getppid() != parent)


def _wait(seconds: int, ending: threading.Event, is_over: Callable[[], bool]) -> None:
    for _ in range(seconds):
        if is_over() or ending.wait(1):
            return
