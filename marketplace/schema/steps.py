"""Takes the steps of a plan, each in its own transaction and in the ledger, giving way to others' locks."""

import random
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationInfo, MigrationStep
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from marketplace.schema import backfill_progress, fingerprint, ledger, troubleshooting
from marketplace.schema.asking import Ask, nobody
from marketplace.schema.catalogue import Catalogue
from marketplace.schema.checksums import tree_sha256
from marketplace.schema.errors import DatabaseBusy, SchemaError
from marketplace.schema.expectation import Expectation, course_of
from marketplace.schema.files import RevisionFile, RevisionFiles
from marketplace.schema.keeping import Keeper, Told
from marketplace.schema.observation import Observer
from marketplace.schema.plan import Plan, Step, label
from marketplace.schema.reporting import Report, unseen
from marketplace.schema.session import BlockerWatch, migration_connection
from marketplace.schema.settings import Settings
from marketplace.schema.state import read_state


@dataclass(frozen=True)
class Run:
    """What a run needs to know: where it works, with what, and what the operator said beforehand.

    `afresh` says that this is a reset to base, after which everything begins anew, and `keeps` that what is
    dropped has to be kept in the attic. `observer` watches what the steps do, where somebody wants to know,
    and `expected` says what a rehearsal lets expect of them. `ask` asks before rows are lost, and `progress`
    makes what shows how far a backup is.
    """

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
    afresh: bool = False
    keeps: bool = True
    ask: Ask = nobody
    progress: Callable[[], AbstractContextManager[Report]] = unseen
    observer: Observer | None = None
    expected: Mapping[str, Expectation] = field(default_factory=dict)


def of_file(file: RevisionFile) -> dict[str, str]:
    """What an entry of the ledger keeps of a revision's file."""
    return {
        "file": file.path.name,
        "source": file.source,
        "raw_sha256": file.raw_sha256,
        "tree_sha256": tree_sha256(file.source),
    }


class _Progress:
    """Which step is being taken, and since when."""

    def __init__(
        self, run: Run, plan: Plan, files: RevisionFiles, detail: dict[str, Any], told: Told
    ) -> None:
        self.run, self.plan, self.files, self.detail = run, plan, files, detail
        self.keeper = Keeper(told, keeps=run.keeps, afresh=run.afresh)
        self.step: Step | None = None
        self.at = plan.current
        self.started = time.monotonic()
        self.catalogue: Catalogue = {}
        self.read_at = plan.current
        self.adopts: set[str] = set()
        # All of the chain at once: reading the catalogue after each step would take longer than the steps.
        self.is_afresh = plan.current is None or plan.target is None

    def steps(self, heads: tuple[str, ...], _context: MigrationContext) -> Iterator[MigrationStep]:
        """Yield what Alembic shall run: the plan's steps that a database at `heads` still lacks."""
        applied = self.files.lineage(heads)
        self.at = self.read_at = label(heads)
        for step in self.plan.steps:
            if (step.revision in applied) == (step.direction == "upgrade"):
                continue
            self.step, self.started = step, time.monotonic()
            self.keeper.begin(step.revision, step.direction)
            if self.run.observer:
                self.run.observer.begin(step.revision, step.direction)
            make = (
                MigrationStep.upgrade_from_script
                if step.direction == "upgrade"
                else MigrationStep.downgrade_from_script
            )
            yield make(self.run.script.revision_map, self.run.script.get_revision(step.revision))
        self.step = None
        self.keeper.begin("", "")

    def listen(self, engine: Engine) -> None:
        """Have those who look at the run's statements hear of them."""
        if self.run.observer:
            self.run.observer.listen(engine)
        # The last one: what it takes to keep something aside is part of what a statement takes.
        self.keeper.listen(engine)

    def begin(self) -> None:
        """Read the catalogue as it is before the first step. Raises OperationalError for a locked table."""
        with self.run.engine.connect() as connection:
            self.catalogue = fingerprint.read_patiently(connection, self.run.settings.lock_timeout_ms)

    def applied(
        self, ctx: MigrationContext, step: MigrationInfo, heads: Collection[Any], run_args: Mapping[str, Any]
    ) -> None:
        """Write the step into the ledger and the fingerprint, in the step's own transaction.

        From and to base there is one fingerprint, by the last step.
        """
        taken = self.step
        if taken is None or ctx.connection is None:
            return
        detail = self.detail
        self.keeper.finish(ctx.connection)
        if self.run.observer:
            self.run.observer.end()
            expected = self.run.expected.get(taken.revision)
            if expected:
                happened = course_of(self.run.observer.seen[-1])
                detail = {**detail, "expected": asdict(expected.course), "happened": asdict(happened)}
        ledger.record_in(
            ctx.connection,
            action=taken.direction,
            revision=taken.revision,
            previous=self.at,
            seconds=time.monotonic() - self.started,
            detail=detail,
            **of_file(self.files[taken.revision]),
        )
        backfill_progress.forget(ctx.connection, taken.revision)
        self.adopts |= set(self.files[taken.revision].adopts)
        if not self.is_afresh or taken is self.plan.steps[-1]:
            self.catalogue = fingerprint.keep_after_step(
                ctx.connection, self.catalogue, self.adopts, since=self.read_at
            )
            self.read_at = label(sorted(heads))
        self.at = label(sorted(heads))


def take(run: Run, plan: Plan, files: RevisionFiles, detail: dict[str, Any]) -> None:
    """Take the steps, trying again when another process's lock is in the way. Raises a SchemaError."""
    deadline = time.monotonic() + run.settings.patience
    settings, attempt, told = run.settings, 0, None
    reset = plan.target is None and plan.steps[0].direction == "downgrade"
    left = Told()
    with BlockerWatch(run.engine, settings.connect_args) as watch:
        while True:
            progress = _Progress(run, plan, files, detail, left)
            try:
                progress.begin()
                with migration_connection(
                    run.engine,
                    settings.connect_args,
                    settings.lock_timeout_ms,
                    forgive_missing=reset,
                    listen=progress.listen,
                ) as connection:
                    watch.follow(connection)
                    # No statement may run on this connection before configure(): it would begin a
                    # transaction that Alembic does not own, and everything would be rolled back.
                    run.context.configure(
                        connection=connection,
                        fn=progress.steps,
                        on_version_apply=progress.applied,
                        # A backfill notes how far it is under the step's name.
                        taking=progress,
                        **run.configure_args,
                    )
                    with run.context.begin_transaction():
                        run.context.run_migrations()
                _say(run, left)
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
                _say(run, left)
                raise shown from error


def _say(run: Run, told: Told) -> None:
    """Say what the steps that are committed left in the attic, or took out of it."""
    for line in told.lines():
        run.announce(line)


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
