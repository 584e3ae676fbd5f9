"""Which revisions a command will run, in which order, worked out before anything is touched."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from marketplace.schema.errors import HistoryBroken, TargetUnknown

Direction = Literal["upgrade", "downgrade"]
Current = str | Sequence[str] | None

RELATIVE = re.compile(r"[+-]\d+")


@dataclass(frozen=True)
class Step:
    """One revision to run, in one direction; `path` is its file."""

    revision: str
    direction: Direction
    path: Path


@dataclass(frozen=True)
class Plan:
    """The steps in order, from the revision `current` to the revision `target` (None for base).

    A database on several branches has its revisions joined by " and " in both. Without steps, `target`
    is what was asked for, and the database has it already.
    """

    steps: tuple[Step, ...]
    current: str | None
    target: str | None


def plan_upgrade(config: Config, current: Current, target: str) -> Plan:
    """Plan the way up to `target`: head, heads, a revision (or the beginning of one) or +N.

    `+N` counts along the whole way to the head, so that it is never ambiguous, not even at a merge.
    Raises TargetUnknown when there is no such revision or step, HistoryBroken for several heads.
    """
    script, present = ScriptDirectory.from_config(config), as_tuple(current)
    if target.startswith("-"):
        raise TargetUnknown(f"{target} leads down.\nNext: flask db downgrade {target}")
    if RELATIVE.fullmatch(target):
        require_one_head(script)
        way = _revisions(script._upgrade_revs("head", present))  # type: ignore[arg-type]
        return _plan(script, "upgrade", _first(way, target, "above", present), present, None)
    if target == "head":
        require_one_head(script)
    if target not in ("head", "heads") and "@" not in target and "+" not in target:
        target = _known(script, target)
        if target in lineage(script, present):
            return Plan((), label(present), target)
    try:
        steps = script._upgrade_revs(target, present)  # type: ignore[arg-type]
    except CommandError as error:
        raise TargetUnknown(f"{error}.\nNext: flask db history") from error
    return _plan(script, "upgrade", _revisions(steps), present, target)


def plan_downgrade(config: Config, current: Current, target: str) -> Plan:
    """Plan the way down to `target`: base, a revision that stays applied, or -N. Raises as above."""
    script, present = ScriptDirectory.from_config(config), as_tuple(current)
    if target.startswith("+"):
        raise TargetUnknown(f"{target} leads up.\nNext: flask db upgrade {target}")
    if RELATIVE.fullmatch(target):
        way = _revisions(script._downgrade_revs("base", present))  # type: ignore[arg-type]
        return _plan(script, "downgrade", _first(way, target, "below", present), present, None)
    if target != "base" and "@" not in target and "-" not in target:
        target = _known(script, target)
        if target not in lineage(script, present):
            raise TargetUnknown(
                f"{target} is not applied: the database is at {label(present) or 'base'}.\n"
                f"Next: flask db upgrade {target}"
            )
    try:
        steps = script._downgrade_revs(target, present)  # type: ignore[arg-type]
    except CommandError as error:
        raise TargetUnknown(f"{error}.\nNext: flask db history") from error
    return _plan(script, "downgrade", _revisions(steps), present, target)


def require_one_head(script: ScriptDirectory) -> None:
    """Raises HistoryBroken, in the guide's words, unless the files have a single head."""
    if len(script.get_heads()) > 1:
        raise multiple_heads({head: Path(script.get_revision(head).path) for head in script.get_heads()})


def multiple_heads(heads: dict[str, Path]) -> HistoryBroken:
    """Return the error for several heads, each with its file."""
    found = " and ".join(f"{head} ({path.name})" for head, path in sorted(heads.items()))
    return HistoryBroken(
        f"Multiple head revisions: {found}; two branches were begun from the same revision.\n"
        f'Next: flask db merge {" ".join(sorted(heads))} -m "merge heads"\n'
        '  or: flask db revision --autogenerate -m "merge multiple heads"'
    )


def lineage(script: ScriptDirectory, present: Sequence[str]) -> set[str]:
    """The revisions that a database at `present` has applied."""
    nodes: Any = script.get_revisions(tuple(present))
    return {node.revision for node in script.revision_map._get_ancestor_nodes(nodes)}


def as_tuple(current: Current) -> tuple[str, ...]:
    """The revisions of a database as a tuple, empty at base."""
    if current is None:
        return ()
    return (current,) if isinstance(current, str) else tuple(current)


def label(revisions: Sequence[str]) -> str | None:
    """The revisions of a database as people read them; None at base."""
    return " and ".join(sorted(revisions)) or None


def _known(script: ScriptDirectory, target: str) -> str:
    """Return the whole id of `target`, which may be its beginning. Raises TargetUnknown."""
    try:
        return script.get_revision(target).revision
    except (CommandError, AttributeError) as error:
        known = ", ".join(reversed([each.revision for each in script.walk_revisions()]))
        raise TargetUnknown(
            f"There is no revision {target}; there are {known}.\nNext: flask db history"
        ) from error


def _revisions(steps: Sequence[Any]) -> list[str]:
    return [step.revision.revision for step in steps]


def _first(way: list[str], target: str, side: str, present: tuple[str, ...]) -> list[str]:
    """Return the first so many of `way`; none at all when there is nothing to do in that direction."""
    wanted = abs(int(target))
    if way and wanted > len(way):
        count = f"{len(way)} revision lies" if len(way) == 1 else f"{len(way)} revisions lie"
        raise TargetUnknown(
            f"{target} is too far: {count} {side} {label(present) or 'base'}.\nNext: flask db history"
        )
    return way[:wanted]


def _plan(
    script: ScriptDirectory,
    direction: Direction,
    way: list[str],
    present: tuple[str, ...],
    target: str | None,
) -> Plan:
    steps = tuple(Step(each, direction, Path(script.get_revision(each).path)) for each in way)
    return Plan(steps, label(present), label(_reached(script, direction, way, present)))


def _reached(
    script: ScriptDirectory, direction: Direction, way: list[str], present: tuple[str, ...]
) -> tuple[str, ...]:
    """The revisions that a database at `present` will be at after `way`."""
    applied = lineage(script, present)
    applied = applied | set(way) if direction == "upgrade" else applied - set(way)
    below = {parent for revision in applied for parent in _all_parents(script.get_revision(revision))}
    return tuple(sorted(applied - below))


def _all_parents(revision: Any) -> tuple[str, ...]:
    return tuple(revision._all_down_revisions)
