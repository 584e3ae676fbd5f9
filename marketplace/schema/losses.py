"""What a plan would delete, counted exactly on the database that it is about to change."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from alembic.config import Config
from sqlalchemy.engine import Connection, Engine

from marketplace.schema.contents import one_instant
from marketplace.schema.counting import Counter
from marketplace.schema.effects import (
    Change,
    Delete,
    DropColumn,
    DropSchema,
    DropTable,
    Truncate,
    Unknown,
    effects_of,
)
from marketplace.schema.plan import Plan
from marketplace.schema.rendering import Rendered, render

What = Literal["table", "column", "rows", "values", "unknown"]


@dataclass(frozen=True)
class Loss:
    """One thing that a revision deletes; a `count` that cannot be known is None, and counts as a loss.

    `what` is a table or a column that goes, rows that are deleted from a table that stays, values that a
    new type changes, or a statement that could not be read; `name` names it.
    """

    revision: str
    what: What
    name: str
    count: int | None

    def __str__(self) -> str:
        if self.what == "unknown":
            return f"{self.revision} has something whose losses cannot be counted: {self.name}"
        number = "an unknown number of" if self.count is None else f"{self.count:,}"
        noun = "row" if self.what in ("table", "rows") else "value"
        amount = f"{number} {noun}{'' if self.count == 1 else 's'}"
        if self.what == "rows":
            return f"{self.revision} deletes {amount} from {self.name}"
        if self.what == "values":
            return f"{self.revision} changes {amount} in {self.name}, which gets a new type"
        return f"{self.revision} drops the {self.what} {self.name}: {amount}"


def find_losses(engine: Engine, plan: Plan, config: Config) -> list[Loss]:
    """Return what running `plan` would delete now; empty tables and columns are no loss."""
    rendered = [render(config, step, engine.dialect) for step in plan.steps]
    return [loss for loss in find_deletions(engine, rendered) if loss.count != 0]


def find_deletions(engine: Engine, rendered: Iterable[Rendered]) -> list[Loss]:
    """Return everything that these steps drop or delete, what is empty too."""
    found: list[Loss] = []
    with one_instant(engine) as connection:
        counter = Counter(connection)
        for each in rendered:
            revision = each.step.revision
            for statement in each.statements:
                for effect in effects_of(statement):
                    found += [
                        Loss(revision, what, name, count)  # type: ignore[arg-type]
                        for what, name, count in _losses_of(counter, effect, connection)
                    ]
            if each.unreadable:
                found.append(Loss(revision, "unknown", each.unreadable, None))
    return found


def describe(losses: Iterable[Loss]) -> str:
    """Return the losses as lines for people."""
    return "\n".join(f"  {loss}" for loss in losses)


def what_is_kept(losses: Iterable[Loss], *, afresh: bool) -> str:
    """Return the line that says which of these losses the attic keeps; `afresh` those of a reset to base."""
    if afresh:
        return "  What is dropped is kept in the attic, but the way up from base begins anew without it."
    kept = {loss.what in ("table", "column") for loss in losses}
    if kept == {True}:
        return "  All of it is kept in the attic, from which the way back takes it."
    if kept == {False}:
        return "  The attic keeps only what is dropped, and nothing of this."
    return "  What is dropped is kept in the attic, from which the way back takes it; the rest is not."


def _losses_of(counter: Counter, effect: object, connection: Connection) -> list[tuple[str, str, int | None]]:
    if isinstance(effect, Unknown):
        return [("unknown", effect.excerpt, None)]
    if isinstance(effect, DropTable):
        return counter.drop_table(effect.table)
    if isinstance(effect, DropSchema):
        return counter.drop_schema(effect.schema)
    if isinstance(effect, DropColumn):
        return counter.drop_column(effect.table, effect.column)
    if isinstance(effect, Change):
        return counter.change_type(effect.table, effect.column, effect.new_type, effect.using)
    if isinstance(effect, Truncate):
        return counter.truncate(effect.tables, effect.cascade)
    if isinstance(effect, Delete):
        return counter.delete(effect.table, effect.alias, effect.using, effect.condition)
    counter.follow(effect)
    return []
