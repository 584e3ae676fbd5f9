"""The operators' side: what `flask db` does beyond Flask-Migrate. It knows the database, never a feature.

Any application with Flask-SQLAlchemy's `db` on PostgreSQL gets all of it by two lines:

    from marketplace import schema
    schema.init_app(app, db)
"""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy


def init_app(
    app: Flask, db: SQLAlchemy, *, directory: str | Path = "migrations", distribution: str | None = None
) -> None:
    """Give `app` the commands of `flask db`, for the models of `db` and the revisions in `directory`.

    A relative one counts from where the command is called, as Flask-Migrate has it. `distribution` is the
    installed package whose version the ledger keeps with each step.
    """
    from marketplace.schema import cli  # noqa: F401 - it extends Flask-Migrate's commands in place.

    if distribution is not None:
        app.config.setdefault("APP_DISTRIBUTION", distribution)
    Migrate(
        compare_type=True,
        compare_server_default=True,
        # CHECK constraints are compared only when this plugin is named.
        autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
        # A failing revision leaves the ones before it applied, and the next run goes on from there.
        transaction_per_migration=True,
        render_as_batch=False,
    ).init_app(app, db, directory=str(directory))
