"""Runs the migrations, whichever way they were called: `flask db …` or plain `alembic …`."""

from logging.config import fileConfig
from pathlib import Path

from flask import current_app

from marketplace.schema import environment

# The application's own loggers must go on working when an upgrade runs inside of it.
fileConfig(Path(__file__).with_name("alembic.ini"), disable_existing_loggers=False)

if not current_app:
    # Plain `alembic` has no application yet; the context lives as long as the command.
    from marketplace import create_app

    create_app().app_context().push()

environment.run(Path(__file__).parent)
