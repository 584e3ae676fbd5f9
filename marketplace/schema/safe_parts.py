"""The parts that a safe revision file is made of: lines up, lines down, and what they lock, in words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from alembic.autogenerate.render import render_op, renderers
from alembic.operations import MigrateOperation, Operations, ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql

from marketplace.schema.locks import READS_AND_WRITES, WRITES, locks_of
from marketplace.schema.statements import split

# A line of a revision's file as it stands there, or an operation that Alembic knows how to write.
Line = str | MigrateOperation


class Lines(MigrateOperation):
    """Lines of a revision's function, those of a block if `block` begins one."""

    def __init__(self, lines: Sequence[Line], block: str = "") -> None:
        self.lines, self.block = lines, block


@renderers.dispatch_for(Lines)
def _render(context: Any, op: Lines) -> list[str]:
    written = [op.block] if op.block else []
    for line in op.lines:
        written += [line] if isinstance(line, str) else render_op(context, line)
    # An empty line ends the block for Alembic's printer.
    return [*written, ""] if op.block else written


@dataclass(frozen=True)
class Part:
    """One change: how it is made and undone, and a sentence for what it locks."""

    up: MigrateOperation
    down: MigrateOperation
    locks: str


@dataclass
class File:
    """A revision file to write: `does` says in a word or two what, for its name; "" for the first."""

    does: str
    parts: list[Part] = field(default_factory=list)


def autocommit(*lines: Line) -> Lines:
    """Lines that run outside of a transaction."""
    return Lines(lines, block="with op.get_context().autocommit_block():")


def execute(*words: str) -> list[str]:
    """The lines of an op.execute whose statement is cut before some of its words."""
    quoted = ['"{}"'.format(each.replace("\\", "\\\\").replace('"', '\\"')) for each in words]
    if len(quoted) == 1:
        return [f"op.execute({quoted[0]})"]
    return ["op.execute(", *(f"    {each}" for each in quoted), ")"]


def sql_of(op: MigrateOperation) -> str:
    """The SQL of an operation, without the last semicolon."""
    written = StringIO()
    context = MigrationContext.configure(
        dialect=postgresql.dialect(),
        opts={"as_sql": True, "output_buffer": written, "literal_binds": True},
    )
    Operations(context).invoke(op)
    return written.getvalue().strip().removesuffix(";")


def plain(op: MigrateOperation) -> Part:
    """The part that an operation is as Alembic writes it."""
    down = op.reverse()
    locks = _locks(op)
    if isinstance(down, ops.AddColumnOp) and needs_a_value(down):
        # Its values are gone, and rows without one must be allowed.
        down.column.nullable = True
        locks += " Going down makes it again, empty."
    return Part(op, down, locks)


def needs_a_value(op: ops.AddColumnOp) -> bool:
    """Whether rows that are there have no value for a column that must have one."""
    column = op.column
    empty = column.server_default is None and column.identity is None and column.computed is None
    return not column.nullable and empty


def _locks(op: MigrateOperation) -> str:
    if isinstance(op, ops.CreateTableOp):
        others = sorted(
            {key.target_fullname.split(".")[0] for key in op.to_table().foreign_keys} - {op.table_name}
        )
        also = f" Locks {' and '.join(others)} against {WRITES} for a moment." if others else ""
        return f"Makes {op.table_name}, which nobody uses yet.{also}"
    table = getattr(op, "table_name", None) or "nothing that is known"
    long = [str(lock) for statement in split(sql_of(op)) for lock in locks_of(statement)]
    if long:
        return f"{long[0][0].upper()}{long[0][1:]}."
    return f"Locks {table} against {READS_AND_WRITES} for a moment: {_what(op)}."


def _what(op: MigrateOperation) -> str:
    if isinstance(op, ops.AddColumnOp):
        return f"it gets the column {op.column.name}"
    if isinstance(op, ops.DropColumnOp):
        return f"the column {op.column_name} goes"
    if isinstance(op, ops.AlterColumnOp):
        return f"the column {op.column_name} changes"
    if isinstance(op, ops.DropConstraintOp):
        return f"the constraint {op.constraint_name} goes"
    if isinstance(op, ops.DropIndexOp):
        return f"the index {op.index_name} goes"
    if isinstance(op, ops.DropTableOp):
        return "it goes"
    return "it changes"
