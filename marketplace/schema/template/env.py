"""Runs the migrations, whichever way they were called: `flask db …` or plain `alembic …`."""

from logging.config import fileConfig
from pathlib import Path

from marketplace.schema import environment

# The application's own loggers must go on working when an upgrade runs inside of it.
fileConfig(Path(__file__).with_name("alembic.ini"), disable_existing_loggers=False)

environment.run(Path(__file__).parent)
