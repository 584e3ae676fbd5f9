"""The application whose database a command is about, and that database."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from flask import current_app
from flask.cli import ScriptInfo
from sqlalchemy.engine import Engine

from marketplace.schema.errors import SchemaError


@contextmanager
def application_context() -> Iterator[None]:
    """Enter the context of the application that `flask` would find here, unless there is one already.

    Plain `alembic` knows of none. Raises SchemaError when there is no application here.
    """
    if current_app:
        yield
        return
    try:
        app = ScriptInfo(set_debug_flag=False).load_app()
    except click.UsageError as error:
        raise SchemaError(
            f"{error.format_message()}\nNext: call alembic where the application lies, or set FLASK_APP"
        ) from error
    with app.app_context():
        yield


def current_engine() -> Engine:
    """Return the engine of the application's database. Raises SchemaError unless psycopg2 leads to it."""
    engine: Engine = current_app.extensions["migrate"].db.engine
    if (engine.dialect.name, engine.driver) != ("postgresql", "psycopg2"):
        raise SchemaError(
            f"The database is reached by {engine.dialect.name}+{engine.driver}, and migrations here are for "
            "PostgreSQL by psycopg2.\nNext: begin the database's URL with postgresql+psycopg2://"
        )
    return engine
