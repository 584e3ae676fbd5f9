"""`flask serve`: the whole site with one command: database, schema, categories and web server."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click
from alembic import command
from alembic.util import CommandError
from flask import Flask, current_app
from flask.cli import with_appcontext
from gunicorn.app.base import BaseApplication

from marketplace.categories import command as categories_command
from marketplace.categories import queries as categories
from marketplace.extensions import db
from marketplace.mail.command import send_beside
from marketplace.search.vocabulary import any_word_is_known, refresh_words

WORKERS = 2
THREADS = 4
# How long requests may go on after Ctrl-C; a page takes a fraction of a second.
GRACE_SECONDS = 3


def init_app(app: Flask) -> None:
    """Register the command."""
    app.cli.add_command(serve)


@click.command()
@click.option("--host", default="localhost", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8000,
    envvar="PORT",
    show_default=True,
    type=click.IntRange(1, 65535),
    help="Port to listen on.",
)
@with_appcontext
def serve(host: str, port: int) -> None:
    """Bring the database up to date and serve the site until Ctrl-C."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    _require_free_port(host, port)
    # Letters that are written in a command have no request that would say so.
    app.config["PORT"] = port
    # Alembic says in a line of its own what it did.
    _upgrade(app)
    loaded = _load_first_categories()
    _learn_first_words()
    # Else this process would sit in its last query's transaction, and keep a lock, as long as it serves.
    db.session.remove()
    db.engine.dispose()
    where = (
        "its own PostgreSQL under instance/"
        if app.config["EMBEDDED_DATABASE"]
        else "the server of DATABASE_URL"
    )
    click.echo(f"Kula keeps its data in {where}{loaded}.")
    click.echo(f"Kula is at http://{host}:{port} — stop it with Ctrl-C.")
    with _letters_sent_beside(app):
        Gunicorn(app, f"{host}:{port}").run()


class Gunicorn(BaseApplication):
    """gunicorn, configured from here: a few processes that share nothing but the database."""

    def __init__(self, app: Flask, address: str) -> None:
        self.app = app
        self.address = address
        super().__init__()

    def load_config(self) -> None:
        settings: dict[str, Any] = {
            "bind": [self.address],
            "workers": WORKERS,
            "worker_class": "marketplace.worker.Worker",
            "threads": THREADS,
            # Above the site's own limit, which has a page; see limits.py.
            "limit_request_line": 8190,
            "loglevel": "critical",
            # Each worker opens its own connections; none may be inherited from the parent.
            "preload_app": True,
            # A worker that is still starting misses the signal to end, and is waited for in vain.
            "graceful_timeout": GRACE_SECONDS,
            # It would lie in the home folder, where a second site would take it from the first.
            "control_socket_disable": True,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self.app


@contextmanager
def _letters_sent_beside(app: Flask) -> Iterator[None]:
    """Have letters sent, in a process of its own, for as long as the block takes."""
    # Forked, as the web server's workers are: it has the same settings, and no connection is open yet.
    sender = os.fork()
    if sender == 0:
        try:
            send_beside(app)
        finally:
            os._exit(0)
    parent = os.getpid()
    try:
        yield
    finally:
        # The workers come by here as well when they end.
        if os.getpid() == parent:
            _end(sender)


def _end(process_id: int) -> None:
    """Tell a process to end, and wait for it; for one that does not, only so long."""
    # The web server may have noticed its end before.
    with suppress(ProcessLookupError, ChildProcessError):
        os.kill(process_id, signal.SIGTERM)
        for _ in range(GRACE_SECONDS * 20):
            if os.waitpid(process_id, os.WNOHANG)[0]:
                return
            time.sleep(0.05)
        os.kill(process_id, signal.SIGKILL)
        os.waitpid(process_id, 0)


def _require_free_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Port {port} on {host} cannot be used ({error.strerror}): "
                "choose another, as in `make run PORT=8001`."
            ) from error


def _upgrade(app: Flask) -> None:
    """Bring the schema to head, as `flask db upgrade` does, with all its checks."""
    try:
        command.upgrade(app.extensions["migrate"].migrate.get_config(), "head")
    except CommandError as error:
        raise click.ClickException(str(error)) from error


def _learn_first_words() -> None:
    """Learn the words that listings use, if none are known; from then on a nightly command does."""
    if not any_word_is_known():
        refresh_words()
        db.session.commit()


def _load_first_categories() -> str:
    """Load the starter categories if there are none, and return the words that say so."""
    if categories.any_category_exists():
        return ""
    result = categories_command.load_file(categories_command.STARTER_FILE)
    return f"; {result.added} starter categories were loaded"
