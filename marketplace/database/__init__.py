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
    options = {
        # A statement that fails is logged without its values: addresses, hashes, members' texts.
        "hide_parameters": True,
        "connect_args": {"connect_timeout": 5, "application_name": "kula"},
    }
    app.config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    reading = {"url": app.config["SQLALCHEMY_DATABASE_URI"], "isolation_level": "AUTOCOMMIT", **options}
    app.config.setdefault("SQLALCHEMY_BINDS", {READING: reading})
    request_transaction.init_app(app)
