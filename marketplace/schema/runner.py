"""Takes a plan's steps: locked, checked, asked for, backed up, each in its transaction and in the ledger."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from marketplace.schema import history, ledger, troubleshooting
from marketplace.schema.asking import confirm
from marketplace.schema.checksums import tree_sha256
from marketplace.schema.errors import DatabaseBusy, SchemaError, VersionNotReached
from marketplace.schema.files import RevisionFile, RevisionFiles, read_files
from marketplace.schema.lock import only_runner
from marketplace.schema.plan import Direction, Plan, Step, label, multiple_heads, plan_downgrade, plan_upgrade
from marketplace.schema.session import BlockerWatch, migration_connection
from marketplace.schema.settings import Settings
from marketplace.schema.state import RAN, State, count_rows, read_state, read_state_on


@dataclass(frozen=True)
class Run:
    """What a run needs to know: where it works, with what, and what the operator said beforehand."""

    context: EnvironmentContext
    config: Config
    script: ScriptDirectory
    engine: Engine
    directory: Path
    settings: Settings
    configure_args: dict[str, Any]
    announce: Callable[[str], None]
    yes: bool = False
    backup: bool = True


def migrate(run: Run, direction: Direction, target: str) -> str:
    """Bring the database up or down to `target` and return the line that says so.

    Raises a SchemaError; the steps that had been committed by then stay.
    """
    files = read_files(run.directory)
    if direction == "upgrade" and target in ("head", "heads") and _is_at_head(run, files):
        return f"Already at {files.heads[0]} (head)"
    ledger.ensure(run.engine)
    with only_runner(run.engine, run.settings.run_patience, run.announce):
        state = examined(run, files, strict=True)
        planner = plan_upgrade if direction == "upgrade" else plan_downgrade
        if direction == "upgrade" and target == "head" and len(files.heads) > 1:
            raise multiple_heads({head: files[head].path for head in files.heads})
        plan = planner(run.config, state.heads, target)
        if not plan.steps:
            return _nothing_to_do(plan, files)
        detail = _prepare(run, plan, f"{direction} {target}")
        started = time.monotonic()
        _take(run, plan, files, detail)
        seconds = time.monotonic() - started
        _require_reached(run, plan, seconds)
    count = "1 migration" if len(plan.steps) == 1 else f"{len(plan.steps)} migrations"
    return f"{direction.capitalize()}d {plan.current or 'base'} → {plan.target or 'base'}: {count}, {seconds:.1f} s"


def examined(run: Run, files: RevisionFiles, *, strict: bool) -> State:
    """Read the database's state and compare the files with it.

    Raises HistoryBroken or ChecksumMismatch for any fault; unless `strict`, only when the chain cannot be
    read. What was applied before there was a ledger is entered into it, when there is one by now.
    """
    with run.engine.connect() as connection:
        state = read_state_on(connection)
        findings = history.examine(connection, state, files)
        if strict:
            history.require_intact(findings)
        elif files.missing or set(state.heads) - set(files.by_revision):
            history.require_readable(findings)
        if state.applied is not None and strict:
            for revision in files.in_order(files.lineage(state.heads) - set(state.applied)):
                ledger.record_in(
                    connection,
                    action="repair",
                    revision=revision,
                    previous=label(state.heads),
                    seconds=0,
                    detail={"how": RAN, "adopted": "it was applied before there was a ledger"},
                    **of_file(files[revision]),
                )
            connection.commit()
    return state


def of_file(file: RevisionFile) -> dict[str, str]:
    """What an entry of the ledger keeps of a revision's file."""
    return {
        "file": file.path.name,
        "source": file.source,
        "raw_sha256": file.raw_sha256,
        "tree_sha256": tree_sha256(file.source),
    }


def _is_at_head(run: Run, files: RevisionFiles) -> bool:
    """Whether nothing is to be done, and nothing to be said: told by reading alone, without the lock."""
    with run.engine.connect() as connection:
        state = read_state_on(connection)
        if state.heads != files.heads or len(files.heads) != 1 or files.missing:
            return False
        lineage = files.lineage(state.heads)
        if state.applied is None or not lineage <= set(state.applied):
            return False
        history.require_intact(history.examine(connection, state, files))
        return True


def _nothing_to_do(plan: Plan, files: RevisionFiles) -> str:
    at = plan.current or "base"
    if plan.current and plan.target and plan.target != plan.current:
        return f"Already past {plan.target}: the database is at {at}; to go back: flask db downgrade {plan.target}"
    return f"Already at {at}{' (head)' if (plan.current,) == files.heads else ''}"


def _prepare(run: Run, plan: Plan, command: str) -> dict[str, Any]:
    """Ask for what would be lost, make a backup, and return what the ledger keeps with each step.

    Raises NotConfirmed or BackupFailed before anything has changed.
    """
    counts = count_rows(run.engine)
    detail: dict[str, Any] = {"counts_before": counts}
    if not any(counts.values()):
        return detail
    # Imported here: an empty database loses nothing and needs no backup.
    from marketplace.schema.backup import make_backup
    from marketplace.schema.losses import describe, find_losses
    from marketplace.schema.progress import Progress

    losses = find_losses(run.engine, plan, run.config)
    database = run.engine.url.database or ""
    agreed = confirm(
        describe(losses),
        database,
        f"flask db {command}",
        yes=run.yes,
        forgiving=run.settings.forgiving and run.backup,
        losses=losses,
    )
    if agreed:
        detail["losses_agreed"] = agreed
    if not run.backup:
        detail["no_backup"] = True
        run.announce(f"No backup of {database} is made, as --no-backup says.")
        return detail
    with Progress() as progress:
        backup = make_backup(run.engine, reason=command, progress=progress)
    if backup is not None:
        detail["backup"] = str(backup.path)
        run.announce(f"Backup: {backup.path}")
    return detail


class _Progress:
    """Which step is being taken, and since when."""

    def __init__(self, run: Run, plan: Plan, files: RevisionFiles, detail: dict[str, Any]) -> None:
        self.run, self.plan, self.files, self.detail = run, plan, files, detail
        self.step: Step | None = None
        self.at = plan.current
        self.started = time.monotonic()

    def steps(self, heads: tuple[str, ...], _context: MigrationContext) -> Iterator[MigrationStep]:
        """Yield what Alembic shall run: the plan's steps that a database at `heads` still lacks."""
        applied = self.files.lineage(heads)
        self.at = label(heads)
        for step in self.plan.steps:
            if (step.revision in applied) == (step.direction == "upgrade"):
                continue
            self.step, self.started = step, time.monotonic()
            make = (
                MigrationStep.upgrade_from_script
                if step.direction == "upgrade"
                else MigrationStep.downgrade_from_script
            )
            yield make(self.run.script.revision_map, self.run.script.get_revision(step.revision))
        self.step = None

    def applied(self, ctx: MigrationContext, heads: set[str], **_: Any) -> None:
        """Write the step into the ledger, in the step's own transaction."""
        step = self.step
        if step is None or ctx.connection is None:
            return
        ledger.record_in(
            ctx.connection,
            action=step.direction,
            revision=step.revision,
            previous=self.at,
            seconds=time.monotonic() - self.started,
            detail=self.detail,
            **of_file(self.files[step.revision]),
        )
        self.at = label(sorted(heads))


def _take(run: Run, plan: Plan, files: RevisionFiles, detail: dict[str, Any]) -> None:
    """Take the steps, trying again when another process's lock is in the way. Raises a SchemaError."""
    deadline = time.monotonic() + run.settings.patience
    settings, attempt, told = run.settings, 0, None
    reset = plan.target is None and plan.steps[0].direction == "downgrade"
    with BlockerWatch(run.engine, settings.connect_args) as watch:
        while True:
            progress = _Progress(run, plan, files, detail)
            try:
                with migration_connection(
                    run.engine, settings.connect_args, settings.lock_timeout_ms, forgive_missing=reset
                ) as connection:
                    watch.follow(connection)
                    arguments = {**run.configure_args}
                    callbacks = [*_as_list(arguments.pop("on_version_apply", None)), progress.applied]
                    # No statement may run on this connection before configure(): it would begin a
                    # transaction that Alembic does not own, and everything would be rolled back.
                    run.context.configure(
                        connection=connection, fn=progress.steps, on_version_apply=callbacks, **arguments
                    )
                    with run.context.begin_transaction():
                        run.context.run_migrations()
                return
            except (Exception, KeyboardInterrupt) as error:
                blocked = troubleshooting.sqlstate(error) == troubleshooting.LOCK_NOT_AVAILABLE
                who = watch.last_seen() or "another process"
                if blocked and time.monotonic() < deadline:
                    if who != told:
                        told = who
                        run.announce(
                            f"{_name(progress)} gives way to {who}, and is tried again until it ends."
                        )
                    time.sleep(_pause(attempt))
                    attempt += 1
                    continue
                shown = _busy(run, progress, who) if blocked else None
                shown = shown or troubleshooting.explain(error, progress.step, run.engine, files)
                _record_failure(run, progress, error, shown)
                raise shown from error


def _pause(attempt: int) -> float:
    """How long to leave the lock's queue to others: from a quarter of a second, growing to two."""
    return min(0.25 * 1.5**attempt, 2) * random.uniform(0.8, 1.2)  # noqa: S311 - it only spreads the tries.


def _name(progress: _Progress) -> str:
    return progress.step.revision if progress.step else "The run"


def _busy(run: Run, progress: _Progress, who: str) -> SchemaError:
    at = label(read_state(run.engine).heads) or "base"
    pid = who.split()[1] if who.startswith("process ") else "PID"
    again = "flask db upgrade head"
    if progress.plan.steps[0].direction == "downgrade":
        again = f"flask db downgrade {progress.plan.target or 'base'}"
    return DatabaseBusy(
        f"{_name(progress)} was held up for {run.settings.patience:g} s by {who}: nothing of it was applied. "
        f"The database is at {at}.\n"
        f'Next: psql {run.engine.url.database} -c "SELECT pg_terminate_backend({pid})"\n      {again}'
    )


def _record_failure(run: Run, progress: _Progress, error: BaseException, shown: SchemaError) -> None:
    """Write a failed step into the ledger, if the database can still be reached."""
    step = progress.step
    try:
        ledger.record(
            run.engine,
            action="failure",
            outcome="failed",
            revision=step.revision if step else None,
            previous=progress.at,
            seconds=time.monotonic() - progress.started,
            detail={
                "direction": progress.plan.steps[0].direction,
                "error": str(shown).splitlines()[0],
                "sqlstate": troubleshooting.sqlstate(error),
            },
        )
    except (SQLAlchemyError, SchemaError):
        run.announce("The failure could not be written to the ledger: the database cannot be reached.")


def _require_reached(run: Run, plan: Plan, seconds: float) -> None:
    """Raises VersionNotReached unless a fresh connection reads the revision that the run was for."""
    reached = label(read_state(run.engine).heads)
    if reached == plan.target:
        return
    error = VersionNotReached(
        f"All steps ran, but a fresh connection reads {reached or 'base'} instead of {plan.target or 'base'}: a "
        "revision ended its own transaction, and what came after was rolled back.\n"
        "Next: flask db log, and take commit() or rollback() out of the revision (autocommit_block is for that)"
    )
    ledger.record(
        run.engine,
        action="failure",
        outcome="failed",
        revision=plan.steps[-1].revision,
        previous=plan.current,
        seconds=seconds,
        detail={"direction": plan.steps[0].direction, "error": str(error).splitlines()[0]},
    )
    raise error


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]
