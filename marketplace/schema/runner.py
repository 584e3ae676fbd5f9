"""Takes a plan's steps: locked, checked, asked for, backed up, each in its transaction and in the ledger."""

import time
from dataclasses import replace
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from marketplace.schema import history, ledger, troubleshooting
from marketplace.schema.asking import confirm
from marketplace.schema.contents import count_rows
from marketplace.schema.errors import DatabaseBusy, VersionNotReached
from marketplace.schema.expectation import find_expectations, tell
from marketplace.schema.files import RevisionFiles, read_files
from marketplace.schema.lock import only_runner
from marketplace.schema.observation import Observer
from marketplace.schema.plan import Direction, Plan, label, multiple_heads, plan_downgrade, plan_upgrade
from marketplace.schema.state import RAN, State, read_state, read_state_on
from marketplace.schema.steps import Run, of_file, take


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
        run = replace(run, afresh=target == "base")
        detail = _prepare(run, plan, f"{direction} {target}")
        # In an empty database there is nothing but what the steps write themselves.
        run = replace(run, keeps=any(detail["counts_before"].values()))
        expected = find_expectations(run.engine, plan, files)
        if expected:
            run = replace(run, observer=Observer(exact=False), expected=expected)
        started = time.monotonic()
        take(run, plan, files, detail)
        seconds = time.monotonic() - started
        _require_reached(run, plan, seconds)
    for line in tell(expected, run.observer.seen) if run.observer else []:
        run.announce(line)
    count = "1 migration" if len(plan.steps) == 1 else f"{len(plan.steps)} migrations"
    way = f"{plan.current or 'base'} → {plan.target or 'base'}"
    return f"{direction.capitalize()}d {way}: {count}, {seconds:.1f} s"


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
        back = f"flask db downgrade {plan.target}"
        return f"Already past {plan.target}: the database is at {at}; to go back: {back}"
    return f"Already at {at}{' (head)' if (plan.current,) == files.heads else ''}"


def _prepare(run: Run, plan: Plan, command: str) -> dict[str, Any]:
    """Ask for what would be lost, make a backup, and return what the ledger keeps with each step.

    Raises NotConfirmed or BackupFailed before anything has changed.
    """
    counts = _count_rows(run)
    detail: dict[str, Any] = {"counts_before": counts}
    if not any(counts.values()):
        return detail
    # Imported here: an empty database loses nothing and needs no backup.
    from marketplace.schema.backup import make_backup
    from marketplace.schema.losses import describe, find_losses, what_is_kept

    losses = find_losses(run.engine, plan, run.config)
    database = run.engine.url.database or ""
    agreed = confirm(
        f"{describe(losses)}\n{what_is_kept(losses, afresh=run.afresh)}",
        database,
        f"flask db {command}",
        yes=run.yes,
        forgiving=run.settings.forgiving and run.backup,
        losses=losses,
        ask=run.ask,
    )
    if agreed:
        detail["losses_agreed"] = agreed
    if not run.backup:
        detail["no_backup"] = True
        run.announce(f"No backup of {database} is made, as --no-backup says.")
        return detail
    with run.progress() as progress:
        # Before rows are lost, a backup that only may be good is not enough.
        backup = make_backup(run.engine, reason=command, progress=progress, proven=bool(losses))
    if backup is not None:
        detail["backup"] = str(backup.path)
        run.announce(f"Backup: {backup.path}{' (proven)' if backup.proof else ''}")
    return detail


def _count_rows(run: Run) -> dict[str, int]:
    """Count all rows. Raises DatabaseBusy when a table stays locked for longer than the run is patient."""
    with run.engine.connect() as connection:
        # The setting ends with this connection's transaction; 0 would mean to wait for ever.
        connection.execute(
            text("SELECT set_config('lock_timeout', :milliseconds, true)"),
            {"milliseconds": str(max(1, round(run.settings.patience * 1000)))},
        )
        try:
            return count_rows(connection)
        except OperationalError as error:
            if troubleshooting.sqlstate(error) != troubleshooting.LOCK_NOT_AVAILABLE:
                raise
            raise DatabaseBusy(
                "The rows cannot be counted before the migration: another session keeps a table locked; "
                "nothing was changed.\n"
                "Next: SELECT pid, query_start, query FROM pg_stat_activity WHERE pid IN "
                "(SELECT pid FROM pg_locks WHERE mode = 'AccessExclusiveLock'), and run this again"
            ) from error


def _require_reached(run: Run, plan: Plan, seconds: float) -> None:
    """Raises VersionNotReached unless a fresh connection reads the revision that the run was for."""
    reached = label(read_state(run.engine).heads)
    if reached == plan.target:
        return
    error = VersionNotReached(
        f"All steps ran, but a fresh connection reads {reached or 'base'} instead of {plan.target or 'base'}:"
        " a revision ended its own transaction, and what came after was rolled back.\n"
        "Next: flask db log, and take commit() or rollback() out of it: autocommit_block is for that"
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
