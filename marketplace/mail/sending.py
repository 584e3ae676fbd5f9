"""Sends what is due, each letter once.

A letter is claimed by moving the moment when it is due beyond the time that sending takes, and that is
committed before anything is sent: a sender that is killed leaves a letter that is due again. Right before
the last byte goes out, which makes the letter the server's, that is committed too. Whoever is killed between
that moment and the server's answer leaves a letter that has arrived, as good as surely: it is given up with
a sentence that says so, and never sent again.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import func, or_, select, update

from marketplace.extensions import db
from marketplace.mail.carriers import Away, Carrier, Folder, NotCarried, Refused, Server, Unanswered
from marketplace.mail.messages import message_of
from marketplace.mail.models import Letter
from marketplace.mail.rules import CLAIM_LASTS, pause_after
from marketplace.mail.writers import write_due

OUTLIVED = "Its last byte went out, and no answer came: it may have arrived, and is not sent again."

logger = logging.getLogger("marketplace.mail")

_IS_OPEN = (Letter.sent_at.is_(None), Letter.failed_at.is_(None))
# A letter that was never tried is due whatever the clock says, which may have been set back since.
_IS_DUE = (*_IS_OPEN, or_(Letter.attempts == 0, Letter.due_at <= func.now()))
_NO_WORDS: dict[str, Any] = {"text": None, "html": None}
_FAILED = {"failed_at": func.now(), **_NO_WORDS}


@dataclass
class Tally:
    """How many letters were sent, are tried again later, and were given up."""

    sent: int = 0
    later: int = 0
    given_up: int = 0
    away: bool = False


class LostClaimError(Exception):
    """Another sender has claimed the letter meanwhile: this one took too long."""


def carrier_of_site() -> Carrier:
    """Return who carries the site's letters, as the settings say."""
    if url := current_app.config["SMTP_URL"]:
        return Server(url)
    return Folder(Path(current_app.config["OUTBOX_PATH"]))


def send_due(carrier: Carrier, is_over: Callable[[], bool] = lambda: False) -> Tally:
    """Send the letters that are due, one by one, until none is left, `is_over()`, or none can be sent.

    Before that, what is due by the clock is written.
    """
    write_due()
    tally = Tally()
    tally.given_up += _give_up_old()
    while not is_over() and not tally.away and (letter := _claim()):
        _send(letter, carrier, tally)
    carrier.close()
    return tally


def _give_up_old() -> int:
    """Give up the letters that are no use any more, and those whose sender ended at the last moment."""
    may_have_arrived = Letter.ending_at.is_not(None)
    outlived = _close(_IS_DUE, may_have_arrived, error=OUTLIVED)
    late = _close(_IS_DUE, Letter.useless_at <= func.now())
    db.session.commit()
    return outlived + late


def _close(due: Any, *conditions: Any, **values: Any) -> int:
    statement = (
        update(Letter)
        .where(*due, *conditions)
        .values(**_FAILED, **values)
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    )
    return len(db.session.scalars(statement).all())


def _claim() -> Letter | None:
    """Claim the letter that has been due for longest, and return it as it is now; None when none is due."""
    first = (
        select(Letter.id)
        .where(*_IS_DUE)
        .order_by(Letter.due_at, Letter.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    statement = (
        update(Letter)
        .where(Letter.id == first.scalar_subquery())
        .values(attempts=Letter.attempts + 1, due_at=func.now() + CLAIM_LASTS)
        .returning(Letter)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    letter = db.session.scalar(statement)
    if letter is not None:
        db.session.expunge(letter)
    db.session.commit()
    return letter


def _send(letter: Letter, carrier: Carrier, tally: Tally) -> None:
    with suppress(LostClaimError):
        try:
            message = message_of(letter)
        except Exception:
            # One that cannot be put together would stop all that come after it, again and again.
            logger.exception("Letter %s (%s) cannot be put together.", letter.id, letter.name)
            _note(letter, error="It cannot be put together; the log says why.", **_FAILED)
            tally.given_up += 1
            return
        try:
            carrier.carry(message, _file_name(letter), lambda: _note(letter, ending_at=func.now()))
        except (Refused, Unanswered) as reason:
            _note(letter, error=str(reason), **_FAILED)
            tally.given_up += 1
            logger.warning("Letter %s (%s) was given up.", letter.id, letter.name)
        except NotCarried as reason:
            pause = pause_after(letter.attempts)
            tally.away = isinstance(reason, Away)
            _note(letter, error=str(reason), ending_at=None, due_at=func.now() + pause)
            tally.later += 1
            logger.warning("Letter %s (%s) is tried again in %s.", letter.id, letter.name, pause)
        else:
            _note(letter, sent_at=func.now(), error=None, **_NO_WORDS)
            tally.sent += 1


def _note(letter: Letter, **values: Any) -> None:
    """Commit what became of a letter. Raises LostClaimError when it is no longer this sender's."""
    statement = (
        update(Letter)
        .where(Letter.id == letter.id, Letter.attempts == letter.attempts, *_IS_OPEN)
        .values(**values)
        .returning(Letter.id)
        .execution_options(synchronize_session=False)
    )
    mine = db.session.scalar(statement)
    db.session.commit()
    if mine is None:
        raise LostClaimError


def _file_name(letter: Letter) -> str:
    return f"{letter.created_at:%Y%m%d-%H%M%S}-{letter.id}"
