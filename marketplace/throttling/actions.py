"""Counting attempts, each in a transaction of its own: what fails afterwards was tried all the same.

The statements go past the session, on a connection that commits each of them at once. So they hold no lock
while a password is checked, and a search can be counted although a request that reads may not write.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import psycopg2
from flask import current_app
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests

from marketplace.database.connections import READING
from marketplace.extensions import db
from marketplace.throttling.models import Throttle
from marketplace.throttling.rules import SLACK, Limit, in_words

# Attempts at the same moment wait here for each other, and each sees what the one before has left. One
# that is refused changes nothing, and returns no row. A row that lies further in the future than its limit
# can have put it was written before the clock was set back, and means nothing, like one that is old.
COUNT = """
INSERT INTO throttles AS kept (purpose, key, attempts, blocked_until, forgotten_at)
VALUES (
    %(purpose)s, %(key)s, %(number)s, now() + interval '1 second' * %(wait)s,
    now() + interval '1 second' * %(within)s
)
ON CONFLICT (purpose, key) DO UPDATE SET (attempts, blocked_until, forgotten_at) = (
    SELECT
        CASE WHEN goes_on THEN total ELSE excluded.attempts END,
        CASE WHEN goes_on
            THEN now() + interval '1 second'
                * (%(waits)s)[least(total - %(free)s + 1, cardinality(%(waits)s))]
            ELSE excluded.blocked_until
        END,
        CASE WHEN goes_on THEN kept.forgotten_at ELSE excluded.forgotten_at END
    FROM (
        SELECT
            kept.attempts + excluded.attempts AS total,
            kept.forgotten_at BETWEEN now() AND excluded.forgotten_at + interval '1 second' * %(slack)s
                AS goes_on
    ) AS added
)
WHERE (kept.blocked_until > now()) IS NOT TRUE
    OR kept.forgotten_at NOT BETWEEN now() AND excluded.forgotten_at + interval '1 second' * %(slack)s
RETURNING attempts
"""
WAIT_LEFT = """
SELECT ceil(extract(epoch FROM least(blocked_until, forgotten_at) - now()))::int
FROM throttles WHERE purpose = %(purpose)s AND key = %(key)s
"""
FORGET = "DELETE FROM throttles WHERE purpose = %(purpose)s AND key = %(key)s"


class Throttled(TooManyRequests):
    """Too many attempts; `retry_after` says in how many seconds the next one is let through."""

    retry_after: int

    def __init__(self, seconds: int) -> None:
        super().__init__(retry_after=seconds)

    @property
    def headers(self) -> dict[str, str]:
        """The headers of the answer."""
        return {"Retry-After": str(self.retry_after)}

    @property
    def when(self) -> str:
        """When the next attempt is let through, as people say it."""
        return in_words(self.retry_after)

    @property
    def sentence(self) -> str:
        """What to tell whoever tried, beside the form."""
        return f"This was tried too often: try again {self.when}"


def count_attempt(limit: Limit, *whose: object, number: int = 1) -> int:
    """Count an attempt, or a `number` of them at once, and return how many were let through so far.

    `whose` names the visitor or the account. Raises Throttled when there were too many already.
    """
    limit = replace(limit, free=limit.free * current_app.config["THROTTLING_SCALE"])
    values = {
        "purpose": limit.purpose,
        "key": _key(whose),
        "number": number,
        "wait": limit.wait_after(number),
        "free": limit.free,
        "waits": limit.waits(),
        "within": limit.within,
        "slack": SLACK,
    }
    row = _execute(COUNT, values)
    if row is None:
        left = _execute(WAIT_LEFT, values)
        # The wait may have ended between the two statements.
        raise Throttled(max(1, left[0] if left else 1))
    return int(row[0])


def forget_attempts(limit: Limit, *whose: object) -> None:
    """Forget what was counted: whoever tried has shown that it was no guess."""
    _execute(FORGET, {"purpose": limit.purpose, "key": _key(whose)})


def remove_forgotten(limit: int) -> int:
    """Delete rows that mean nothing any more, at most `limit`; return how many."""
    old = (
        select(Throttle.purpose, Throttle.key)
        .where(Throttle.forgotten_at < func.now())
        .limit(limit)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    statement = (
        delete(Throttle)
        .where(Throttle.purpose == old.c.purpose, Throttle.key == old.c.key)
        .returning(Throttle.purpose)
    )
    return len(db.session.scalars(statement, execution_options={"synchronize_session": False}).all())


def _key(whose: tuple[object, ...]) -> bytes:
    """Return what stands for `whose` in the table: nobody reads addresses or names out of it."""
    secret = blake2b(current_app.config["SECRET_KEY"].encode()).digest()
    return blake2b(repr(whose).encode(), digest_size=16, key=secret).digest()


def _execute(statement: str, values: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """Send a statement past the request's transaction, and return its row if it has one."""
    try:
        with (
            closing(db.engines[READING].raw_connection()) as connection,
            closing(connection.cursor()) as cursor,
        ):
            cursor.execute(statement, values)
            return cursor.fetchone() if cursor.description else None
    except psycopg2.Error as error:
        raise OperationalError(statement, None, error) from error
