"""Runs the migrations, whichever way they were called: `flask db …` or plain `alembic …`."""

import re
from collections.abc import Iterable
from logging.config import fileConfig
from pathlib import Path

from alembic import context
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

REVISION_ID_LENGTH = 32

config = context.config
# The application's own loggers must go on working when an upgrade runs inside of it.
fileConfig(Path(__file__).with_name("alembic.ini"), disable_existing_loggers=False)

if not current_app:
    # Plain `alembic` has no application yet; the context lives as long as the command.
    from marketplace import create_app

    create_app().app_context().push()

migrate = current_app.extensions["migrate"]


def name_revision(
    _context: MigrationContext,
    _revision: str | Iterable[str | None] | Iterable[str],
    directives: list[MigrationScript],
) -> None:
    """Give a new revision the next number and its message as id, and make no empty ones by autogenerate."""
    script = directives[0]
    if (
        getattr(config.cmd_opts, "autogenerate", False)
        and script.upgrade_ops
        and script.upgrade_ops.is_empty()
    ):
        directives[:] = []
        config.print_stdout("The models and the database agree: no revision was made.")
        return
    numbers = [
        int(match[1])
        for known in ScriptDirectory.from_config(config).walk_revisions()
        if (match := re.match(r"(\d{4})_", known.revision))
    ]
    # The founding chain has five revisions, so the first numbered one is 0006.
    number = max(numbers, default=5) + 1
    slug = re.sub(r"[^a-z0-9]+", "_", (script.message or "change").lower()).strip("_")
    script.rev_id = f"{number:04}_{slug}"[:REVISION_ID_LENGTH].rstrip("_")


options = {
    "target_metadata": migrate.metadata,
    "process_revision_directives": name_revision,
    **migrate.configure_args,
}

if context.is_offline_mode():
    context.configure(
        url=migrate.db.engine.url, literal_binds=True, dialect_opts={"paramstyle": "named"}, **options
    )
    with context.begin_transaction():
        context.run_migrations()
else:
    with migrate.db.engine.connect() as connection:
        # No statement may run on this connection before configure(): it would begin a transaction
        # that Alembic does not own, and the whole upgrade would be rolled back without a word.
        context.configure(connection=connection, **options)
        with context.begin_transaction():
            context.run_migrations()
