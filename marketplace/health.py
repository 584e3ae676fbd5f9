"""`/health`: whether the site can work, for load balancers, deploy scripts and people with curl.

`/health/details` and `/metrics` tell more, to whoever has the token that the site's settings name.
"""

import hmac
import logging
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg2
from flask import Blueprint, Flask, Response, abort, current_app, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import NullPool, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError

from marketplace import access
from marketplace.database.patience import wait
from marketplace.schema.errors import HistoryBroken
from marketplace.schema.revisions import Chain, read_chain
from marketplace.schema.status import Status, as_fields, as_metrics, read_status

# The whole answer takes less than a second, also when the database accepts connections and then hangs.
PATIENCE_SECONDS = 0.8
# The details take longer. The driver knows no less than two seconds for a connection.
DETAILS_CONNECT_SECONDS, DETAILS_STATEMENT_MS = 2, 3000

# A check as the servers' access lines write it, with or without a query. Only the request itself
# counts, which is quoted first: what a line says of the browser is the browser's to choose.
CHECK = re.compile(r'^[^"]*(?<!\\)"(GET|HEAD) /health[ ?]')

# Whether the ledger says that both were applied, and not taken back: our own newest revision, and one that a
# later release brought.
AHEAD = """SELECT count(*) = 2 FROM (
SELECT DISTINCT ON (revision) action FROM operations.ledger
WHERE revision IN (%s, %s) AND outcome = 'done' AND action IN ('upgrade', 'downgrade', 'stamp', 'repair')
ORDER BY revision, id DESC) AS newest WHERE action <> 'downgrade'"""

blueprint = Blueprint("health", __name__)


class QuietHealth(logging.Filter):
    """Keeps the checks of a load balancer, several a minute, out of the access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.INFO or not CHECK.search(record.getMessage())


def init_app(app: Flask) -> None:
    """Register the page, and keep it out of the servers' access logs."""
    app.register_blueprint(blueprint)
    for name in ("gunicorn.access", "werkzeug"):
        logging.getLogger(name).addFilter(QuietHealth())


@blueprint.get("/health")
@access.public
def health() -> ResponseReturnValue:
    """Answer 200 when the schema has all that this release needs, else 503; the fields are the same."""
    chain = read_chain(current_app.extensions["migrate"].directory)
    record = _examine(current_app.config["SQLALCHEMY_DATABASE_URI"], chain)
    return jsonify(record), 200 if record["status"] == "ok" else 503


@blueprint.get("/health/details")
@access.public
def details() -> ResponseReturnValue:
    """Answer with the record of `flask db status`, but for the risks, which would take a review."""
    _require_token()
    status = _read_status()
    if status is None:
        return jsonify({"verdict": "database unreachable"}), 503
    return jsonify(as_fields(status))


@blueprint.get("/metrics")
@access.public
def metrics() -> ResponseReturnValue:
    """Answer with the same record in Prometheus' text format."""
    _require_token()
    return Response(
        as_metrics(_read_status(), "kula"), content_type="text/plain; version=0.0.4; charset=utf-8"
    )


def _require_token() -> None:
    """Answer as if there were no such page, unless the request shows the site's token."""
    token = current_app.config["HEALTH_TOKEN"]
    shown = request.headers.get("Authorization", "")
    if not token or not hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
        abort(404)


def _read_status() -> Status | None:
    """Read the record on connections of its own; None when the database or the files cannot be read."""
    engine = create_engine(
        current_app.config["SQLALCHEMY_DATABASE_URI"],
        poolclass=NullPool,
        connect_args={"connect_timeout": DETAILS_CONNECT_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def only_read_and_not_for_long(driver: Any, _record: Any) -> None:
        driver.set_session(readonly=True, autocommit=True)
        with driver.cursor() as cursor:
            cursor.execute("SET statement_timeout = %s", [DETAILS_STATEMENT_MS])
        driver.autocommit = False

    try:
        return read_status(engine, Path(current_app.extensions["migrate"].directory))
    except (DBAPIError, HistoryBroken) as error:
        current_app.logger.error("The state of the database cannot be read: %s", type(error).__name__)
        return None


def _examine(url: URL, chain: Chain) -> dict[str, Any]:
    try:
        revision, ahead = _read_revision(url, chain)
    except (psycopg2.Error, TimeoutError):
        return {
            "status": "database unreachable",
            "database": False,
            "revision": None,
            "head": chain.head,
            "pending": None,
        }
    return {
        "status": "ok" if ahead or revision == chain.head else "schema is not at head",
        "database": True,
        "revision": revision,
        "head": chain.head,
        "pending": len(chain.pending_after(revision)),
    }


def _read_revision(url: URL, chain: Chain) -> tuple[str | None, bool]:
    """Return the revision of the database, None when it has none, and whether it is a later release's.

    A release is followed by the schema of the next one before that one's code, and works on it.

    It uses a connection of its own, so that neither a full pool nor a hung server can hold it up.
    Raises psycopg2.Error, or TimeoutError when `PATIENCE_SECONDS` have passed.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = psycopg2.connect(dsn, async_=True)
    try:
        wait(connection, deadline)
        with connection.cursor() as cursor:
            cursor.execute("SELECT version_num FROM alembic_version ORDER BY version_num")
            wait(connection, deadline)
            rows = cursor.fetchall()
            revision = rows[0][0] if len(rows) == 1 else None
            if revision is None or revision in chain.ids:
                return revision, False
            with suppress(psycopg2.errors.UndefinedTable, psycopg2.errors.InsufficientPrivilege):
                cursor.execute(AHEAD, [chain.head, revision])
                wait(connection, deadline)
                row = cursor.fetchone()
                return revision, row is not None and row[0]
            return revision, False
    except psycopg2.errors.UndefinedTable:
        return None, False
    finally:
        connection.close()
