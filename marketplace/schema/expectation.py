"""What a rehearsal lets expect of an upgrade, and how that reads beside what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Engine

from marketplace.schema.files import RevisionFiles
from marketplace.schema.ledger import exists
from marketplace.schema.observed import STOPS_READERS, STOPS_WRITERS, Observed, Statement
from marketplace.schema.plan import Plan

REHEARSALS = text("""
    SELECT at, detail -> 'rehearsal' -> 'revisions' FROM operations.ledger
    WHERE action = 'rehearsal' AND detail ? 'rehearsal' ORDER BY id DESC LIMIT 20
""")


@dataclass(frozen=True)
class Course:
    """How a step went, in a few numbers: seconds, how long others waited, rows written, tables rewritten."""

    seconds: float
    reader: float
    writer: float
    written: int
    rewritten: tuple[str, ...]

    def __str__(self) -> str:
        anew = f", {', '.join(self.rewritten)} written anew" if self.rewritten else ""
        return (
            f"{self.seconds:.2f} s, readers {self.reader:.2f} s, writers {self.writer:.2f} s, "
            f"{self.written:,} {'row' if self.written == 1 else 'rows'}{anew}"
        )


@dataclass(frozen=True)
class Expectation:
    """What a step did when it was last rehearsed, with the same text, and when that was."""

    at: datetime
    course: Course


def course_of(observed: Observed) -> Course:
    """Return the numbers of a step that was watched."""
    return Course(
        observed.seconds,
        observed.wait(STOPS_READERS)[0],
        observed.wait(STOPS_WRITERS)[0],
        observed.written,
        observed.rewritten,
    )


def find_expectations(engine: Engine, plan: Plan, files: RevisionFiles) -> dict[str, Expectation]:
    """Return, by revision, what the newest rehearsal of each step of `plan` saw; only upgrades have any.

    A revision whose text is another one now was never rehearsed.
    """
    with engine.connect() as connection:
        if not exists(connection):
            return {}
        found = connection.execute(REHEARSALS).all()
    wanted = {
        (step.revision, files[step.revision].raw_sha256) for step in plan.steps if step.direction == "upgrade"
    }
    expectations: dict[str, Expectation] = {}
    for at, revisions in found:
        for each in revisions:
            if each["up"] and (each["revision"], each["raw_sha256"]) in wanted:
                observed = _observed(each["up"])
                if observed is None:
                    continue
                course = course_of(observed)
                expectations.setdefault(each["revision"], Expectation(at, course))
    return expectations


def tell(expectations: Mapping[str, Expectation], seen: Sequence[Observed]) -> list[str]:
    """Return lines for people: each rehearsed step as it was expected and as it went."""
    lines = []
    for observed in seen:
        expected = expectations.get(observed.revision)
        if expected is not None:
            lines += [
                f"{observed.revision}",
                f"  rehearsed on {expected.at:%Y-%m-%d %H:%M}: {expected.course}",
                f"  happened: {course_of(observed)}",
            ]
    return lines


def _observed(fields: dict[str, Any]) -> Observed | None:
    """Read back what the ledger keeps; None when another version of the code kept it in another way."""
    try:
        statements = tuple(Statement(**each) for each in fields["statements"])
        return Observed(**{**fields, "statements": statements})
    except (KeyError, TypeError):
        return None
