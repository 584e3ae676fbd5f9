"""Runs pending revisions on a copy of the site's database, with its rows: up, down again, and up.

The copy comes from a dump, so that the site goes on meanwhile, and is dropped afterwards. What was seen is
kept in the ledger; the upgrade of the site itself then tells it beside what happens there.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from marketplace.schema import backup_files, clients, history, ledger
from marketplace.schema.backup import folder, write_dump
from marketplace.schema.contents import count_rows, one_instant
from marketplace.schema.errors import RehearsalFailed, SchemaError
from marketplace.schema.files import RevisionFiles, read_files
from marketplace.schema.findings import ENDS_IT, Finding, find_lost, find_unlike, find_waits, find_work
from marketplace.schema.losses import find_deletions
from marketplace.schema.observation import Observer
from marketplace.schema.observed import Observed
from marketplace.schema.plan import Plan, Step, label, plan_upgrade
from marketplace.schema.rendering import render
from marketplace.schema.reporting import Report, part
from marketplace.schema.scratch import fill, scratch_database, size_of
from marketplace.schema.settings import Settings
from marketplace.schema.state import read_state
from marketplace.schema.steps import Run, take


@dataclass(frozen=True)
class Rehearsed:
    """One revision on the copy. `up`, `down` and `again` are None where it did not come to that, or failed.

    `way_down` says what going down drops: what is empty, too, because on the site it fills up.
    """

    revision: str
    title: str
    raw_sha256: str
    up: Observed | None = None
    down: Observed | None = None
    again: Observed | None = None
    way_down: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Rehearsal:
    """The revisions of a plan in order, up to the first that fails; making the copy took `seconds`."""

    database: str
    current: str | None
    target: str | None
    rows: int
    tables: int
    seconds: float
    revisions: tuple[Rehearsed, ...]

    @property
    def dangers(self) -> int:
        """How many dangers were found."""
        return sum(finding.is_danger for each in self.revisions for finding in each.findings)


def rehearse(
    engine: Engine,
    config: Config,
    target: str,
    settings: Settings,
    configure_args: Mapping[str, Any],
    report: Report,
) -> Rehearsal | None:
    """Rehearse the way up to `target` and record it in the ledger; return None when nothing is pending.

    Raises TargetUnknown for a target that is not above, HistoryBroken and ChecksumMismatch when the files are
    not as they were applied, ScratchRefused when the role may not create databases, and RehearsalFailed when
    no copy can be made.
    """
    files, state = read_files(Path(str(config.get_alembic_option("script_location")))), read_state(engine)
    with engine.connect() as connection:
        history.require_intact(history.examine(connection, state, files))
    plan = plan_upgrade(config, state.heads, target)
    if not plan.steps:
        return None
    started = time.monotonic()
    with _copy(engine, part(report, 0.0, 0.6)) as copy:
        made = time.monotonic() - started
        with one_instant(copy) as connection:
            counts = count_rows(connection)
        stage = _Stage(engine, copy, config, files, settings, dict(configure_args))
        revisions: list[Rehearsed] = []
        for index, step in enumerate(plan.steps):
            report(f"Rehearsing {step.revision}", 0.6 + 0.4 * index / len(plan.steps))
            revisions.append(stage.rehearse(step))
            if any(finding.kind in ENDS_IT for finding in revisions[-1].findings):
                break
    rehearsal = Rehearsal(
        str(engine.url.database),
        plan.current,
        plan.target,
        sum(counts.values()),
        len(counts),
        round(made, 2),
        tuple(revisions),
    )
    ledger.record(
        engine,
        action="rehearsal",
        revision=plan.target,
        previous=plan.current,
        seconds=time.monotonic() - started,
        outcome="danger" if rehearsal.dangers else "done",
        detail={"rehearsal": asdict(rehearsal), "dangers": rehearsal.dangers},
    )
    return rehearsal


@contextmanager
def _copy(engine: Engine, report: Report) -> Iterator[Engine]:
    """Yield a copy of the engine's database as it is now. Raises RehearsalFailed, ScratchRefused."""
    with scratch_database(engine.url) as copy:
        try:
            with engine.connect() as connection:
                expected = size_of(connection)
            programs = clients.find_clients(clients.server_major(engine))
            with backup_files.partial_file(folder(), "rehearsal") as file:
                write_dump(programs, engine, file, part(report, 0.0, 0.4))
                fill(copy, file, programs, part(report, 0.4, 1.0), expected)
            ledger.ensure(copy)
        except clients.ClientFailed as error:
            raise RehearsalFailed(
                f"No copy to rehearse on could be made: {error.program} says “{error.reason}”.\n"
                "Next, when that is mended: flask db rehearse"
            ) from error
        except OSError as error:
            raise RehearsalFailed(
                f"No copy to rehearse on can be written to {folder()} ({error.strerror}).\n"
                "Next: free space there or set BACKUP_DIR to another folder, then: flask db rehearse"
            ) from error
        yield copy


@dataclass
class _Stage:
    """The copy, and what is needed to run revisions on it; `site` is where it came from."""

    site: Engine
    copy: Engine
    config: Config
    files: RevisionFiles
    settings: Settings
    configure_args: dict[str, Any]
    observer: Observer = field(default_factory=lambda: Observer(exact=True))

    def rehearse(self, step: Step) -> Rehearsed:
        """Take one step up, down and up, and look at what it left each time."""
        file = self.files[step.revision]
        done = Rehearsed(step.revision, file.title, file.raw_sha256)
        heads = read_state(self.copy).heads
        retyped = [loss for loss in self._deletions(step) if loss.what == "values" and loss.count]
        # Beside it stays what there was before; its tables and columns have the same numbers as in the copy.
        with scratch_database(self.site.url, copy_of=str(self.copy.url.database)) as before:
            try:
                up = self._take(step, heads)
            except SchemaError as error:
                return replace(done, findings=(Finding("fails", _first_sentence(error)),))
            done = replace(done, up=up)
            findings = [
                *(Finding("loses", says) for says in find_lost(before, self.copy)),
                *(Finding("loses", str(loss).removeprefix(f"{loss.revision} ")) for loss in retyped),
                *find_waits(up, self.settings.lock_timeout_ms / 1000),
                *find_work(up, before),
            ]
            back = Step(step.revision, "downgrade", step.path)
            done = replace(
                done,
                way_down=tuple(str(loss).removeprefix(f"{loss.revision} ") for loss in self._deletions(back)),
            )
            try:
                down = self._take(back, heads)
            except SchemaError as error:
                findings.append(Finding("one way", _first_sentence(error)))
                return replace(done, findings=tuple(findings))
            findings += [Finding("not restored", says) for says in find_unlike(before, self.copy)]
        done = replace(done, down=down, findings=tuple(findings))
        try:
            return replace(done, again=self._take(step, heads))
        except SchemaError as error:
            return replace(done, findings=(*findings, Finding("not again", _first_sentence(error))))

    def _deletions(self, step: Step) -> list[Any]:
        return find_deletions(self.copy, [render(self.config, step, self.copy.dialect)])

    def _take(self, step: Step, below: tuple[str, ...]) -> Observed:
        """Take one step between `below` and its revision. Raises a SchemaError."""
        heads = label(read_state(self.copy).heads)
        target = step.revision if step.direction == "upgrade" else label(below)
        script = ScriptDirectory.from_config(self.config)
        with EnvironmentContext(self.config, script) as context:
            run = Run(
                context=context,
                config=self.config,
                script=script,
                engine=self.copy,
                directory=Path(script.dir),
                settings=self.settings,
                configure_args=self.configure_args,
                announce=lambda _: None,
                observer=self.observer,
            )
            try:
                take(run, Plan((step,), heads, target), self.files, {})
            except SchemaError as error:
                # It tells that like any other failure of the revision.
                if isinstance(error.__cause__, KeyboardInterrupt):
                    raise error.__cause__ from None
                raise
        return self.observer.seen[-1]


def _first_sentence(error: SchemaError) -> str:
    """What went wrong, without the advice, which is for the site."""
    return str(error).splitlines()[0]
