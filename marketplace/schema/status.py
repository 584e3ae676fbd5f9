"""How a database stands, in one record for people, for programs and for what watches the site."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from marketplace.schema import history
from marketplace.schema.errors import DatabaseBusy
from marketplace.schema.files import read_files
from marketplace.schema.fingerprint import Drift, read_drift
from marketplace.schema.ledger import exists
from marketplace.schema.plan import label, plan_upgrade
from marketplace.schema.state import read_state_on

FINE, PENDING, DRIFT, CHECKSUM, HEADS = 0, 2, 3, 4, 5
# Of several that hold, the first counts: each has to be settled before those after it can be.
VERDICTS = {
    CHECKSUM: "applied files are not as they were applied",
    HEADS: "multiple heads",
    DRIFT: "changed outside of a migration",
    PENDING: "migrations are pending",
    FINE: "fine",
}

NEWEST = text(
    "SELECT at, action, outcome, revision, seconds, os_user, host, role, app_version,"
    " detail ->> 'error' AS error, detail ->> 'path' AS path, detail ->> 'reason' AS reason,"
    " detail ? 'proof' AS proven"
    " FROM operations.ledger WHERE action = ANY(:actions) ORDER BY id DESC LIMIT 1"
)
BACKUPS, STEPS = ["backup"], ["upgrade", "downgrade", "stamp", "repair", "accept", "restore", "failure"]


@dataclass(frozen=True)
class Pending:
    """A revision that is not applied; `risks` is None when nobody asked for them."""

    revision: str
    title: str
    risks: tuple[str, ...] | None


@dataclass(frozen=True)
class LastBackup:
    """The newest backup; `is_there` is None for a name that a site's own command gave."""

    made_at: datetime
    path: str
    reason: str | None
    revision: str | None
    proven: bool
    is_there: bool | None

    @property
    def age_seconds(self) -> float:
        """How old it is."""
        return (datetime.now(UTC) - self.made_at).total_seconds()


@dataclass(frozen=True)
class LastStep:
    """The newest step, a failed one included."""

    at: datetime
    action: str
    outcome: str
    revision: str | None
    seconds: float
    os_user: str
    host: str
    role: str
    app_version: str | None
    error: str | None


@dataclass(frozen=True)
class Status:
    """The record. `drift` has one line a change; None when there is no fingerprint, or a table is locked."""

    database: str
    current: tuple[str, ...]
    heads: tuple[str, ...]
    pending: tuple[Pending, ...]
    checksums: tuple[str, ...]
    drift: tuple[str, ...] | None
    drift_unknown: str | None
    backup: LastBackup | None
    step: LastStep | None

    @property
    def code(self) -> int:
        """The exit status: that of the first verdict that holds."""
        holds = {
            CHECKSUM: bool(self.checksums),
            HEADS: len(self.heads) > 1,
            DRIFT: bool(self.drift),
            PENDING: bool(self.pending),
            FINE: True,
        }
        return next(code for code in VERDICTS if holds[code])

    @property
    def verdict(self) -> str:
        """The code in words."""
        return VERDICTS[self.code]


def read_status(engine: Engine, directory: Path, config: Any = None) -> Status:
    """Read how the engine's database stands towards the files in `directory`.

    With Alembic's `config` the pending revisions are reviewed as well, which counts rows. It only reads.
    Raises HistoryBroken when the files are no chain, and what the driver raises when the database is away.
    """
    files = read_files(directory)
    with engine.connect() as connection:
        state = read_state_on(connection)
        findings = history.examine(connection, state, files)
        backup = _backup(connection)
        step = _step(connection)
        connection.rollback()
    faults = tuple(finding.message for finding in findings if finding.is_fault)
    lineage = files.lineage(state.heads)
    pending = files.in_order(set(files.by_revision) - lineage)
    risks: dict[str, tuple[str, ...]] = {}
    if config is not None and pending and not faults and len(files.heads) == 1:
        # Imported here: nobody needs it while nothing is pending.
        from marketplace.schema.review import review

        plan = plan_upgrade(config, state.heads, "head")
        for each in review(engine, plan, config):
            risks[each.revision] = tuple(
                f"{'LOSS ' if finding.destructive else ''}{finding.says}" for finding in each.findings
            )
    drift, unknown = _drift(engine)
    return Status(
        database=str(engine.url.database),
        current=state.heads,
        heads=files.heads,
        pending=tuple(Pending(each, files[each].title, risks.get(each)) for each in pending),
        checksums=faults,
        drift=None if drift is None else tuple(f"{each.what} {each.key}" for each in drift.outer),
        drift_unknown=unknown,
        backup=backup,
        step=step,
    )


def _drift(engine: Engine) -> tuple[Drift | None, str | None]:
    try:
        drift = read_drift(engine)
    except DatabaseBusy:
        return None, "another session keeps a table locked"
    return (drift, None) if drift.since else (None, "there is no fingerprint yet: flask db drift --accept")


def _newest(connection: Connection, actions: list[str]) -> Any:
    if not exists(connection):
        return None
    return connection.execute(NEWEST, {"actions": actions}).one_or_none()


def _backup(connection: Connection) -> LastBackup | None:
    row = _newest(connection, BACKUPS)
    if row is None:
        return None
    path = str(row.path)
    is_there = Path(path).exists() if path.endswith(".dump") else None
    return LastBackup(row.at, path, row.reason, row.revision, row.proven, is_there)


def _step(connection: Connection) -> LastStep | None:
    row = _newest(connection, STEPS)
    if row is None:
        return None
    return LastStep(
        row.at,
        row.action,
        row.outcome,
        row.revision,
        row.seconds,
        row.os_user,
        row.host,
        row.role,
        row.app_version,
        row.error,
    )


def as_fields(status: Status) -> dict[str, Any]:
    """Return the record for programs."""
    backup, step = status.backup, status.step
    return {
        "database": status.database,
        "code": status.code,
        "verdict": status.verdict,
        "current": label(status.current),
        "heads": list(status.heads),
        "pending": [
            {**asdict(each), "risks": None if each.risks is None else list(each.risks)}
            for each in status.pending
        ],
        "checksums": list(status.checksums),
        "drift": None if status.drift is None else list(status.drift),
        "drift_unknown": status.drift_unknown,
        "last_backup": backup
        and {
            **asdict(backup),
            "made_at": backup.made_at.isoformat(),
            "age_seconds": round(backup.age_seconds),
        },
        "last_step": step and {**asdict(step), "at": step.at.isoformat()},
    }


def as_metrics(status: Status | None, prefix: str) -> str:
    """Return the record in Prometheus' text format, each name with `prefix` and an underscore before it.

    None stands for a database that is away.
    """
    lines: list[str] = []

    def gauge(name: str, words: str, value: float | None, **labels: str | None) -> None:
        if value is None:
            return
        shown = ",".join(f'{key}="{_escaped(text or "")}"' for key, text in labels.items())
        lines.extend(
            (
                f"# HELP {prefix}_{name} {words}",
                f"# TYPE {prefix}_{name} gauge",
                f"{prefix}_{name}{f'{{{shown}}}' if shown else ''} {value:.15g}",
            )
        )

    gauge("database_up", "Whether the database answers.", status is not None)
    if status is None:
        return "\n".join([*lines, ""])
    backup, step = status.backup, status.step
    gauge(
        "schema_info",
        "The revision of the database and that of the files.",
        1,
        revision=label(status.current),
        head=label(status.heads),
    )
    gauge("schema_status", "0 fine, 2 pending, 3 drift, 4 checksums, 5 heads.", status.code)
    gauge("schema_pending_revisions", "Revisions that are not applied.", len(status.pending))
    gauge("schema_heads", "Newest revisions; more than one need a merge.", len(status.heads))
    gauge("schema_checksum_faults", "Files that are not as they were applied.", len(status.checksums))
    gauge(
        "schema_drift_changes",
        "Changes outside of a migration; missing when that is not known.",
        None if status.drift is None else len(status.drift),
    )
    gauge(
        "backup_last_timestamp_seconds",
        "When the last backup was made.",
        backup.made_at.timestamp() if backup else None,
    )
    gauge(
        "backup_last_proven",
        "Whether the last backup was restored and compared.",
        None if backup is None else backup.proven,
    )
    gauge(
        "step_last_timestamp_seconds", "When the last step was taken.", step.at.timestamp() if step else None
    )
    gauge("step_last_duration_seconds", "How long the last step took.", step.seconds if step else None)
    gauge(
        "step_last_ok", "Whether the last step went well.", None if step is None else step.outcome == "done"
    )
    return "\n".join([*lines, ""])


def _escaped(words: str) -> str:
    return words.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
