"""The commands that only look: `current` and `check`, and what `revision` needs to know beforehand."""

from typing import Any

from alembic.operations import ops

from marketplace.schema.errors import SchemaError
from marketplace.schema.files import RevisionFiles
from marketplace.schema.plan import label, multiple_heads
from marketplace.schema.state import State


def say_current(state: State, files: RevisionFiles) -> list[str]:
    """Return the lines of `current`: each revision, as Alembic spells it, and base by its name."""
    if not state.heads:
        return ["base (nothing is applied)"]
    return [
        f"{head} (head)" if head in files.heads else head if head in files else f"{head} (no file defines it)"
        for head in state.heads
    ]


def require_up_to_date(state: State, files: RevisionFiles) -> str:
    """Return the line that says that nothing is pending.

    Raises HistoryBroken for several heads, and SchemaError with the list of pending revisions.
    """
    if len(files.heads) > 1:
        raise multiple_heads({head: files[head].path for head in files.heads})
    pending = files.in_order(set(files.by_revision) - files.lineage(state.heads))
    at = label(state.heads) or "base"
    if not pending:
        return f"Nothing is pending: the database is at {at} (head)."
    count = "1 migration is pending" if len(pending) == 1 else f"{len(pending)} migrations are pending"
    lines = "\n".join(f"  {revision}   {files[revision].title}" for revision in pending)
    raise SchemaError(f"{count}; the database is at {at}.\n{lines}\nNext: flask db upgrade head")


def require_no_drift(upgrade_ops: ops.UpgradeOps) -> None:
    """Raises SchemaError naming each difference between the models and the database."""
    differences = [line for operation in upgrade_ops.ops for line in _describe(operation)]
    if differences:
        count = "1 difference" if len(differences) == 1 else f"{len(differences)} differences"
        lines = "\n".join(f"  {line}" for line in differences)
        raise SchemaError(
            f"The models and the database disagree: {count}, which a new revision would bring:\n{lines}\n"
            'Next: flask db revision --autogenerate -m "what changes"'
        )


def _describe(operation: Any) -> list[str]:
    if isinstance(operation, ops.ModifyTableOps):
        return [line for each in operation.ops for line in _describe(each)]
    table = getattr(operation, "table_name", None) or getattr(operation, "source_table", None) or ""
    name = (
        getattr(operation, "column_name", None)
        or getattr(getattr(operation, "column", None), "name", None)
        or getattr(operation, "constraint_name", None)
        or getattr(operation, "index_name", None)
    )
    what = type(operation).__name__.removesuffix("Op")
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in what).strip()
    changes = f" ({', '.join(_altered(operation))})" if isinstance(operation, ops.AlterColumnOp) else ""
    return [f"{words}: {table}{f'.{name}' if name else ''}{changes}"]


def _altered(operation: ops.AlterColumnOp) -> list[str]:
    """Return what of a column differs. What stays is None, or False where None is a value."""
    stays = {"type": None, "nullable": None, "server_default": False, "comment": False}
    return [what for what, mark in stays.items() if getattr(operation, f"modify_{what}") is not mark]
