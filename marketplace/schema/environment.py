"""What `migrations/env.py` does. Both spellings of a command pass here, so what must hold for both is here.

Plain `alembic` takes the operator's words as `-x yes`, `-x no-backup` and `-x verbose`.
"""

import logging
import sys
from pathlib import Path
from typing import Any

import click
from alembic import context
from alembic.util import CommandError
from flask import Flask, current_app
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from marketplace.schema import (
    backfill,  # noqa: F401 - it adds op.backfill to Alembic's operations.
    history,
    inspection,
    naming,
)
from marketplace.schema.application import application_context, current_engine
from marketplace.schema.errors import SchemaError
from marketplace.schema.files import RevisionFiles, read_files
from marketplace.schema.ledger import first_line
from marketplace.schema.messages import in_plain_alembic
from marketplace.schema.plan import multiple_heads
from marketplace.schema.settings import read_settings
from marketplace.schema.state import State, read_state, read_state_on

OPTIONS = frozenset({"yes", "no-backup", "verbose"})


def run(directory: Path) -> None:
    """Carry out the command that Alembic is in the middle of, on the files under `directory`.

    Raises CommandError; called by plain `alembic` it prints the message instead, as it is, and ends the
    process with 1.
    """
    command_line = getattr(context.config, "cmd_opts", None)
    plain = hasattr(command_line, "cmd")
    try:
        with application_context():
            _Environment(directory, plain).run()
    except (CommandError, SQLAlchemyError, OSError) as error:
        shown = in_a_sentence(error)
        if not plain or getattr(command_line, "raiseerr", False):
            raise shown from error
        # Alembic would wrap the lines of a longer message into one another.
        print(f"FAILED: {in_plain_alembic(str(shown))}", file=sys.stderr)
        raise SystemExit(1) from error


class _Environment:
    """One command's surroundings: the application, its engine, the files and the operator's words."""

    def __init__(self, directory: Path, plain: bool) -> None:
        self.directory, self.plain = directory, plain
        self.app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        self.migrate = self.app.extensions["migrate"]
        self.options = self._options()
        # Alembic's own report of each step is for those who ask for it.
        logging.getLogger("alembic").setLevel(logging.INFO if "verbose" in self.options else logging.WARNING)

    def _options(self) -> set[str]:
        given = {word.partition("=")[0] for word in context.get_x_argument()}
        unknown = given - OPTIONS
        if unknown:
            raise SchemaError(
                f"-x {sorted(unknown)[0]} is not known: there are {', '.join(sorted(OPTIONS))}."
            )
        return given

    def run(self) -> None:
        if context.is_offline_mode():
            self._offline()
            return
        # Configured without a connection, Alembic tells which of its commands it is carrying out.
        context.configure(dialect_name="postgresql")
        self.opts = context.get_context().opts
        self.function = self.opts["fn"]
        command = self.function.__qualname__.partition(".")[0]
        handler = getattr(self, f"_{command}", self._other)
        handler()

    def _upgrade(self) -> None:
        self._migrate("upgrade")

    def _downgrade(self) -> None:
        self._migrate("downgrade")

    def _migrate(self, direction: Any) -> None:
        from marketplace.schema import runner

        self.say(runner.migrate(self._run(), direction, str(self.opts["destination_rev"])))

    def _stamp(self) -> None:
        from marketplace.schema import stamping

        self.say(stamping.stamp(self._run()))

    def _current(self) -> None:
        files, state = self._files_and_state()
        if "verbose" in self.options or getattr(context.config.cmd_opts, "verbose", False):
            self._other()
            return
        for line in inspection.say_current(state, files):
            self.say(line)
        if getattr(context.config.cmd_opts, "check_heads", False):
            inspection.require_up_to_date(state, files)

    def _check(self) -> None:
        files, state = self._files_and_state()
        with self.engine.connect() as connection:
            findings = history.examine(connection, state, files)
        history.require_intact(findings)
        line = inspection.require_up_to_date(state, files)
        for finding in findings:
            self.announce(finding.message)
        self.say(line)

        def settle(_context: Any, _revision: Any, scripts: Any) -> None:
            inspection.require_no_drift(scripts[0].upgrade_ops)

        self._online({**self.migrate.configure_args, "process_revision_directives": settle})

    def _revision(self) -> None:
        files = self._readable_files()
        arguments = self.opts["revision_context"].command_args
        settle = naming.directives(
            files,
            autogenerate=arguments["autogenerate"],
            on_change=lambda message: self._put_back(files, message),
            announce=self.say,
        )
        configure = {**self.migrate.configure_args, "process_revision_directives": settle}
        if not arguments["autogenerate"]:
            # Nothing of the database is needed for an empty revision.
            self._offline_function(configure)
            return
        if len(files.heads) > 1 and arguments["head"] in (None, "head"):
            if "merge" not in (arguments["message"] or "").lower():
                raise multiple_heads({head: files[head].path for head in files.heads})
            # A merge has no difference of its own, and the database cannot be at both heads yet.
            self.function = lambda rev, ctx: self.opts["revision_context"].run_no_autogenerate(rev, ctx) or []
            self._offline_function(configure)
            return
        inspection.require_up_to_date(read_state(self.engine), files)
        self._online(configure)

    def _put_back(self, files: RevisionFiles, message: str) -> None:
        """After the guide's `revision --autogenerate -m "fix checksum"`: the difference has a revision now.

        So the edited files get their applied text again; else a new database would meet it twice.
        """
        if "checksum" not in message.lower():
            return
        from marketplace.schema.repair import put_back

        with self.engine.connect() as connection:
            findings = history.examine(connection, read_state_on(connection), files)
        for finding in findings:
            if finding.kind == history.EDITED:
                kept = files[finding.revision].path.with_suffix(".py.edited")
                kept.write_text(files[finding.revision].source, encoding="utf-8")
                restored = put_back(self.engine, self.directory, finding.revision)
                self.say(
                    f"{restored.name} has its applied text again; the edited one is kept as {kept.name}."
                )

    def _history(self) -> None:
        self._readable_files()
        arguments = context.config.cmd_opts
        if getattr(arguments, "indicate_current", False) or "current" in (
            getattr(arguments, "rev_range", None) or ""
        ):
            self._other()
        else:
            self.function((), context.get_context())

    def _merge(self) -> None:
        self._readable_files()

    def _other(self) -> None:
        self._readable_files()
        self._online(self.migrate.configure_args)

    def _online(self, configure: dict[str, Any]) -> None:
        with self.engine.connect() as connection:
            # No statement may run on this connection before configure(): it would begin a
            # transaction that Alembic does not own, and would not commit.
            context.configure(connection=connection, target_metadata=self.migrate.metadata, **configure)
            with context.begin_transaction():
                context.run_migrations()

    def _offline_function(self, configure: dict[str, Any]) -> None:
        """Run the command's function without a database."""
        context.configure(dialect_name="postgresql", target_metadata=self.migrate.metadata, **configure)
        self.function((), context.get_context())

    def _offline(self) -> None:
        """Print the SQL instead of running it; nothing is read or written, so nothing is recorded."""
        self._readable_files()
        context.configure(
            dialect_name="postgresql",
            target_metadata=self.migrate.metadata,
            literal_binds=True,
            dialect_opts={"paramstyle": "named"},
            **self.migrate.configure_args,
        )
        with context.begin_transaction():
            context.run_migrations()

    @property
    def engine(self) -> Any:
        return current_engine()

    def _run(self) -> Any:
        from marketplace.schema.console import ask_on_terminal
        from marketplace.schema.progress import Progress
        from marketplace.schema.steps import Run

        return Run(
            context=context,  # type: ignore[arg-type]
            config=context.config,
            script=context.script,
            engine=self.engine,
            directory=self.directory,
            settings=read_settings(self.app),
            configure_args={"target_metadata": self.migrate.metadata, **self.migrate.configure_args},
            announce=self.announce,
            yes="yes" in self.options,
            backup="no-backup" not in self.options,
            ask=ask_on_terminal,
            progress=Progress,
        )

    def _files_and_state(self) -> tuple[RevisionFiles, State]:
        return read_files(self.directory), read_state(self.engine)

    def _readable_files(self) -> RevisionFiles:
        """Read the files. Raises HistoryBroken when Alembic could not read the chain."""
        files = read_files(self.directory)
        if files.missing:
            with self.engine.connect() as connection:
                history.require_readable(history.examine(connection, read_state_on(connection), files))
        return files

    def say(self, line: str) -> None:
        """Print a result."""
        click.echo(in_plain_alembic(line) if self.plain else line)

    def announce(self, line: str) -> None:
        """Print what is going on, apart from results."""
        click.echo(in_plain_alembic(line) if self.plain else line, err=True)


def in_a_sentence(error: Exception) -> SchemaError:
    """Return the error as one of ours, whose message is a sentence."""
    if isinstance(error, SchemaError):
        return error
    if isinstance(error, DBAPIError):
        return SchemaError(
            f"The database cannot be used: {first_line(error)}.\n"
            "Next: see that its server runs and that DATABASE_URL leads to it"
        )
    return SchemaError(str(error))
