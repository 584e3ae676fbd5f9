"""`stamp`: marks revisions as applied or not without running them, and accepts the files as they are."""

from collections.abc import Collection, Mapping
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationInfo

from marketplace.schema import backfill_progress, fingerprint, ledger, troubleshooting
from marketplace.schema.console import counted
from marketplace.schema.files import RevisionFiles, read_files
from marketplace.schema.lock import only_runner
from marketplace.schema.plan import label
from marketplace.schema.runner import examined
from marketplace.schema.session import migration_connection
from marketplace.schema.state import MARKED, RAN, State, read_state
from marketplace.schema.steps import Run, of_file

UNMARKED = "unmarked"


def stamp(run: Run) -> str:
    """Do what Alembic's stamp command asked for, enter it into the ledger, and return the line that says so.

    Files of applied revisions that were edited are accepted as they are, and so is the schema.
    Raises a SchemaError.
    """
    files = read_files(run.directory)
    ledger.ensure(run.engine)
    with only_runner(run.engine, run.settings.run_patience, run.announce):
        if run.context.get_context().opts.get("purge") and not files.missing:
            # What the database says it is at will be forgotten, so it may be unknown here.
            state = read_state(run.engine)
        else:
            state = examined(run, files, strict=False)
        recorder = _Recorder(files, state)
        try:
            with migration_connection(
                run.engine, run.settings.connect_args, run.settings.lock_timeout_ms
            ) as connection:
                run.context.configure(
                    connection=connection, on_version_apply=recorder.applied, **run.configure_args
                )
                with run.context.begin_transaction():
                    run.context.run_migrations()
        except Exception as error:
            raise troubleshooting.explain(error, None, run.engine, files) from error
        after = read_state(run.engine)
        accepted = _accept(run, files, after)
        changes = len(fingerprint.read_drift(run.engine).outer)
        with run.engine.begin() as connection:
            fingerprint.accept(connection)
    return _line(run, state, after, recorder, accepted, changes, files)


class _Recorder:
    """Enters each revision that a stamp marks or unmarks, in the stamp's own transaction."""

    def __init__(self, files: RevisionFiles, state: State) -> None:
        self.files = files
        self.before = files.lineage(state.heads)
        self.at = label(state.heads)
        self.marked: list[str] = []
        self.unmarked: list[str] = []

    def applied(
        self, ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
    ) -> None:
        after = self.files.lineage(heads)
        for how, revisions in ((MARKED, after - self.before), (UNMARKED, self.before - after)):
            for revision in self.files.in_order(revisions):
                assert ctx.connection is not None
                ledger.record_in(
                    ctx.connection,
                    action="stamp",
                    revision=revision,
                    previous=self.at,
                    seconds=0,
                    detail={"how": how},
                    **of_file(self.files[revision]),
                )
                backfill_progress.forget(ctx.connection, revision)
                (self.marked if how == MARKED else self.unmarked).append(revision)
        self.before, self.at = after, label(sorted(heads))


def _accept(run: Run, files: RevisionFiles, state: State) -> list[str]:
    """Enter the present text of each applied file that differs from the stored one; return their names."""
    applied = state.applied or {}
    accepted = []
    with run.engine.begin() as connection:
        for revision in files.in_order(files.lineage(state.heads)):
            file, known = files[revision], applied.get(revision)
            if known is not None and known.raw_sha256 == file.raw_sha256 and known.file == file.path.name:
                continue
            ledger.record_in(
                connection,
                action="stamp",
                revision=revision,
                previous=label(state.heads),
                seconds=0,
                detail={"how": known.how if known else RAN, "accepted": True},
                **of_file(file),
            )
            accepted.append(file.path.name)
    return accepted


def _line(
    run: Run,
    before: State,
    after: State,
    recorder: _Recorder,
    accepted: list[str],
    changes: int,
    files: RevisionFiles,
) -> str:
    at = f"{label(after.heads) or 'base'}{' (head)' if after.heads == files.heads else ''}"
    if after.heads == before.heads:
        line = f"Already at {at}"
    else:
        line = f"Stamped {label(before.heads) or 'base'} → {at}: nothing was run"
    if accepted:
        line += f"; accepted as they are: {', '.join(accepted)}"
    if changes:
        line += f"; accepted as it is: {counted(changes, 'change')} outside of a migration"
    if not recorder.marked:
        return line
    with run.engine.connect() as connection:
        missing = troubleshooting.missing_tables(connection, [files[each] for each in recorder.marked])
    if missing:
        revision = missing[0][0]
        below = files[revision].parents[0] if files[revision].parents else "base"
        tables = ", ".join(name for _, name in missing)
        run.announce(
            f"Skipped: {', '.join(recorder.marked)} are marked as applied, but these tables do not exist: "
            f"{tables}.\nNext: flask db stamp {below}\n      flask db upgrade {revision}"
        )
    return line
