"""The operators' side: what `flask db` does beyond Flask-Migrate. It knows the database, never a feature."""

from pathlib import Path

from flask import Flask
from flask_migrate import Migrate

from marketplace.extensions import db

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"

migrate = Migrate(
    compare_type=True,
    compare_server_default=True,
    # CHECK constraints are compared only when this plugin is named.
    autogenerate_plugins=["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
    # A failing revision leaves the ones before it applied, and the next run goes on from there.
    transaction_per_migration=True,
    render_as_batch=False,
)


def init_app(app: Flask) -> None:
    """Give `app` the migrations in the project's `migrations/` folder."""
    from marketplace.schema import cli  # noqa: F401 - it extends Flask-Migrate's commands in place.

    # Each step in the ledger tells which version of this distribution took it.
    app.config.setdefault("APP_DISTRIBUTION", "kula")
    migrate.init_app(app, db, directory=str(MIGRATIONS))
