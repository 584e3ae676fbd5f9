"""`op.backfill`: changes the rows of a table in batches, each its own transaction, and goes on where it was.

A batch and the note of it are one statement, so each row is changed once, however often the run was killed.
"""

import re
from typing import Any

from alembic.operations import MigrateOperation, Operations

from marketplace.schema.errors import BackfillRefused

BATCH = 5000
# Stands for a value that a person has to write, where autogenerate could not know it.
FILL_IN = "FILL_IN"


@Operations.register_operation("backfill")
class Backfill(MigrateOperation):
    """`UPDATE table SET set_ WHERE where`, by primary key, `batch` rows at a time."""

    def __init__(self, table: str, set_: str, where: str | None, batch: int, pause: float) -> None:
        self.table, self.set_, self.where = table, set_, where
        self.batch, self.pause = batch, pause

    @classmethod
    def backfill(
        cls,
        operations: Operations,
        table: str,
        *,
        set_: str,
        where: str | None = None,
        batch: int = BATCH,
        pause: float = 0,
    ) -> None:
        """Change the rows of `table` that are there, `batch` at a time, with `pause` seconds in between.

        `set_` and `where` are SQL, as in `UPDATE table SET set_ WHERE where`. Rows that come while it runs
        may be left out: a default or a trigger has to see to them. Nothing may be changed before it in its
        revision's function, for it commits. Raises BackfillRefused, BackfillStopped or DatabaseBusy.
        """
        operations.invoke(cls(table, set_, where, batch, pause))

    @property
    def name(self) -> str:
        """The table, quoted where that is needed, its schema apart."""
        return ".".join(
            part if re.fullmatch(r"[a-z_][a-z0-9_$]*", part) else '"{}"'.format(part.replace('"', '""'))
            for part in self.table.split(".")
        )

    @property
    def sql(self) -> str:
        """The whole of it as one statement."""
        condition = f" WHERE {self.where}" if self.where else ""
        return f"UPDATE {self.name} SET {self.set_}{condition}"  # noqa: S608 - it is the revision's own words.


@Operations.implementation_for(Backfill)
def _carry_out(operations: Operations, operation: Backfill) -> None:
    if operation.batch < 1:
        raise BackfillRefused(
            f"The backfill of {operation.table} has batches of {operation.batch} rows:"
            " batch must be 1 or more."
        )
    if operation.pause < 0:
        raise BackfillRefused(
            f"The backfill of {operation.table} pauses for {operation.pause:g} s: pause must not be negative."
        )
    if FILL_IN in operation.set_:
        raise BackfillRefused(
            f"The backfill of {operation.table} has no value yet: write an SQL expression in the place of"
            f" {FILL_IN}."
        )
    context = operations.migration_context
    if context.as_sql:
        context.impl.static_output(
            f"-- In batches of {operation.batch} rows, each committed, when it is run and not printed.\n"
            f"{operation.sql};"
        )
        return
    step: Any = context.opts.get("taking")
    if step is None:
        raise BackfillRefused("op.backfill works in upgrade and downgrade only, which note how far it is.")
    # Imported here: whoever only reads revisions has no use for it.
    from marketplace.schema.backfilling import run_batches

    run_batches(context, operation, step)
