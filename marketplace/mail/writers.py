"""What is written before letters are sent: by the clock, and not because somebody did something."""

import logging
from collections.abc import Callable

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from marketplace.extensions import db

# Writes some of the letters that are due, and returns 0 when there are none left.
Write = Callable[[], int]

logger = logging.getLogger("marketplace.mail")


def register(app: Flask, write: Write) -> None:
    """Call `write` whenever letters are about to be sent, each time in a transaction of its own."""
    app.extensions.setdefault("letter_writers", []).append(write)


def write_due() -> None:
    """Let all that is due be written. Letters that are there already do not wait for a mistake in it."""
    writers: list[Write] = current_app.extensions.get("letter_writers", [])
    for write in writers:
        try:
            while write():
                db.session.commit()
        except SQLAlchemyError:
            raise
        except Exception:
            logger.exception("Letters that are due cannot be written.")
        finally:
            db.session.rollback()
