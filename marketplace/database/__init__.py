"""The database: its base class, the embedded server, and one commit for each request."""

from pathlib import Path

from flask import Flask
from sqlalchemy.engine import make_url


def init_app(app: Flask) -> None:
    """Settle which server `app` uses, starting the embedded one when none is configured."""
    from marketplace.database import content_versions, request_transaction  # noqa: F401 - a table.

    if not app.config["SQLALCHEMY_DATABASE_URI"]:
        # Imported only here: a site with a server of its own never loads the embedded one.
        from marketplace.database import embedded

        url = embedded.start(Path(app.instance_path) / "postgres")
        app.config["SQLALCHEMY_DATABASE_URI"] = make_url(url).set(drivername="postgresql+psycopg2")
        app.config["EMBEDDED_DATABASE"] = True
    app.config.setdefault("EMBEDDED_DATABASE", False)
    app.config.setdefault(
        "SQLALCHEMY_ENGINE_OPTIONS",
        {
            "pool_pre_ping": True,
            # A statement that fails is logged without its values: addresses, hashes, members' texts.
            "hide_parameters": True,
            "connect_args": {"connect_timeout": 5, "application_name": "kula"},
        },
    )
    request_transaction.init_app(app)
