"""Reads the revisions that would run, as the checklist asks: what they destroy, lock and mix."""

import json
import shutil
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from alembic.config import Config
from sqlalchemy.engine import Engine

from marketplace.schema.clients import server_major
from marketplace.schema.contents import count_rows, find_tables, one_instant
from marketplace.schema.effects import Create, DropTable, effects_of
from marketplace.schema.locks import locks_of
from marketplace.schema.losses import Loss, find_deletions
from marketplace.schema.plan import Plan
from marketplace.schema.proven import already_proved
from marketplace.schema.rendering import Rendered, render
from marketplace.schema.statements import Reader, Statement

Kind = Literal[
    "loss", "empty", "everything", "unreadable", "lock", "rewrite", "whole table", "mixed", "squawk"
]
DESTRUCTIVE = frozenset({"loss", "everything", "unreadable"})

# The first ones are matters of taste that the models settle, the timeouts are set by the runner, and what
# is dropped is counted here.
NOISE = (
    "prefer-text-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-identity",
    "prefer-robust-stmts",
    "require-lock-timeout",
    "require-statement-timeout",
    "ban-drop-table",
    "ban-drop-column",
)
CHANGES_SCHEMA = frozenset({"CREATE", "ALTER", "DROP"})
CHANGES_DATA = frozenset({"INSERT", "UPDATE", "DELETE", "TRUNCATE", "MERGE", "COPY", "WITH"})


@dataclass(frozen=True)
class Finding:
    """One thing to know about a revision before it runs."""

    kind: Kind
    says: str

    @property
    def destructive(self) -> bool:
        """Whether something is lost, or may be."""
        return self.kind in DESTRUCTIVE


@dataclass(frozen=True)
class Reviewed:
    """A step with what was found in it."""

    revision: str
    direction: str
    file: str
    findings: tuple[Finding, ...]


def review(engine: Engine, plan: Plan, config: Config) -> list[Reviewed]:
    """Return what there is to know about each step of `plan`, counted on the engine's database.

    Nothing is run and nothing is changed.
    """
    rendered = [render(config, step, engine.dialect) for step in plan.steps]
    losses = find_deletions(engine, rendered)
    with one_instant(engine) as connection:
        there = {str(table) for table in find_tables(connection)}
        rows = count_rows(connection)
    version = server_major(engine)
    created: set[str] = set()
    earlier: list[str] = []
    # The same words mean another thing in another place, so these are told by which one they are.
    proved = {id(each) for each in already_proved(part for step in rendered for part in step.statements)}
    reviewed = []
    for each in rendered:
        findings = [
            *_losses(each, losses, there),
            *_locks(each, created, rows, proved),
            *_data(each),
            *_squawk(each, "".join(earlier), version, proved),
        ]
        step = each.step
        reviewed.append(Reviewed(step.revision, step.direction, step.path.name, tuple(findings)))
        earlier += [f"{statement.text};\n" for statement in each.statements if _creates(statement)]
    return reviewed


def _losses(each: Rendered, losses: list[Loss], there: set[str]) -> Iterator[Finding]:
    for loss in losses:
        if loss.revision == each.step.revision:
            kind: Kind = "unreadable" if loss.what == "unknown" else "empty" if loss.count == 0 else "loss"
            yield Finding(kind, str(loss).removeprefix(f"{loss.revision} "))
    dropped = {
        effect.table.removeprefix("public.").strip('"')
        for statement in each.statements
        for effect in effects_of(statement)
        if isinstance(effect, DropTable)
    }
    if there and there <= dropped:
        yield Finding(
            "everything",
            f"drops every table there is ({', '.join(sorted(there))}): were the models imported for it?",
        )


def _locks(each: Rendered, created: set[str], rows: dict[str, int], proved: set[int]) -> Iterator[Finding]:
    """Find long locks on tables that are there; `created` are those that this plan makes, and grows.

    Statements that are `proved` have nothing to read.
    """
    for statement in each.statements:
        created |= {_plain(effect.table) for effect in effects_of(statement) if isinstance(effect, Create)}
        for lock in [] if id(statement) in proved else locks_of(statement):
            name = _plain(lock.table)
            if name not in created:
                number = f" ({rows[name]:,} rows)" if name in rows else ""
                yield Finding("rewrite" if lock.rewrites else "lock", f"{lock}{number}")


def _data(each: Rendered) -> Iterator[Finding]:
    for statement in each.statements:
        if _has_no_condition(statement):
            yield Finding("whole table", f"has no WHERE: {statement.excerpt()}")
    first = {statement.words(1)[0] for statement in each.statements}
    if first & CHANGES_SCHEMA and first & CHANGES_DATA:
        yield Finding(
            "mixed",
            "changes schema and data in one revision: the locks of one last as long as the other takes",
        )


def _has_no_condition(statement: Statement) -> bool:
    if statement.words(1) not in (("UPDATE",), ("DELETE",)):
        return False
    reader = Reader(statement)
    reader.until("WHERE")
    return reader.at_end()


def _creates(statement: Statement) -> bool:
    return any(isinstance(effect, Create) for effect in effects_of(statement))


def _plain(table: str) -> str:
    return table.removeprefix("public.").strip('"')


def _squawk(each: Rendered, earlier: str, version: int, proved: set[int]) -> Iterator[Finding]:
    """Yield squawk's findings; `earlier` makes the tables that are new by then, so that it knows them.

    It knows nothing of what is `proved`, which it is not shown.
    """
    program = squawk_program()
    shown = "".join(f"{part.text};\n" for part in each.statements if id(part) not in proved)
    if program is None or not shown:
        return
    # Its own option for this takes an autocommit_block, which ends the transaction, for a mistake.
    before = f"BEGIN;\n{earlier}"
    answer = subprocess.run(
        [
            program,
            "--reporter=json",
            f"--pg-version={version}.0",
            f"--exclude={','.join(NOISE)}",
        ],
        input=f"{before}{shown}COMMIT;\n",
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        found = json.loads(answer.stdout or "[]")
    except ValueError:
        yield Finding("squawk", f"could not be read by squawk: {answer.stderr.strip()[:200]}")
        return
    skipped = before.count("\n")
    said = Counter(_advice(finding) for finding in found if finding["line"] >= skipped)
    for advice, times in said.items():
        yield Finding("squawk", f"{advice} ({times} times)" if times > 1 else advice)


def _advice(finding: dict[str, Any]) -> str:
    advice = " ".join(filter(None, (finding["message"], finding.get("help"))))
    return f"{finding['rule_name']}: {' '.join(advice.split())}"


def squawk_program() -> str | None:
    """Return where squawk is, None when it is not installed."""
    return shutil.which("squawk", path=sysconfig.get_path("scripts")) or shutil.which("squawk")
