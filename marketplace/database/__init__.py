"""The database: its base class, the embedded server, and one commit for each request."""

from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url


def init_app(app: Flask) -> None:
    """Settle which server `app` uses, starting the embedded one when none is configured."""
    from marketplace.database import content_versions, request_transaction  # noqa: F401 - a table.
    from marketplace.database.connections import READING

    if not app.config["SQLALCHEMY_DATABASE_URI"]:
        # Imported only here: a site with a server of its own never loads the embedded one.
        from marketplace.database import embedded

        url = embedded.start(Path(app.instance_path) / "postgres")
        app.config["SQLALCHEMY_DATABASE_URI"] = make_url(url).set(drivername="postgresql+psycopg2")
        app.config["EMBEDDED_DATABASE"] = True
    app.config.setdefault("EMBEDDED_DATABASE", False)
    # A page takes a fraction of these; without them, one that hangs would hold up all after it.
    app.config.setdefault("STATEMENT_TIMEOUT_MS", 5_000)
    app.config.setdefault("LOCK_TIMEOUT_MS", 3_000)
    defaults = {
        # A statement that fails is logged without its values: addresses, hashes, members' texts.
        "hide_parameters": True,
        # Two for each thread of a process, and some more: beside the session's own, the version of what the
        # site shows is read on another. They stay open, as opening one takes longer than a page. A thread
        # that gets none after all says so soon.
        "pool_size": 10,
        "max_overflow": 0,
        "pool_timeout": 2,
        "connect_args": {
            "connect_timeout": 5,
            "application_name": "kula",
            # A server that vanished from the network is given up after some 15 seconds.
            "keepalives_idle": 5,
            "keepalives_interval": 5,
            "keepalives_count": 2,
            "tcp_user_timeout": 15_000,
        },
    }
    options = app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", defaults)
    reading = {"url": app.config["SQLALCHEMY_DATABASE_URI"], "isolation_level": "AUTOCOMMIT", **options}
    app.config.setdefault("SQLALCHEMY_BINDS", {READING: reading})
    request_transaction.init_app(app)
