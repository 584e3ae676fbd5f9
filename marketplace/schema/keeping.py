"""Sees to the attic while steps are taken: what they drop is copied into it, and the way back puts it back.

Each statement is looked at before it is sent, so that it makes no difference how a revision says it. Copies
and what is put back stand or fall with the step, on whose own connection and in whose transaction all of
this is.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from psycopg2.extensions import TRANSACTION_STATUS_INERROR
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from marketplace.schema.attic import FIELDS, Kept
from marketplace.schema.contents import ATTIC
from marketplace.schema.copying import About, find_table, keep_column, keep_table, tables_of
from marketplace.schema.effects import DropColumn, DropSchema, DropTable, Unknown, effects_of
from marketplace.schema.putting_back import PutBack
from marketplace.schema.putting_columns_back import ColumnsBack
from marketplace.schema.putting_tables_back import TableBack
from marketplace.schema.statements import Statement, split
from marketplace.schema.written import Writing, without_placeholders, writes_column, writes_table

MAY_DROP = re.compile(r"\bDROP\b", re.IGNORECASE)
NOT_THE_REVISION_S = re.compile(r"\balembic_version\b", re.IGNORECASE)
# So many are named one by one; of more, only how many.
NAMED = 2

# What the last step of this revision in the other direction dropped, and which table or column is there in
# its place. After a reset to base everything begins anew, and nothing of it is taken.
WAITING = f"""
    SELECT {FIELDS}, to_regclass(format('%%I.%%I', table_schema, table_name))::oid::bigint,
           (SELECT attnum FROM pg_attribute WHERE attname = column_name AND NOT attisdropped
            AND attrelid = to_regclass(format('%%I.%%I', table_schema, table_name)))
    FROM {ATTIC}.kept
    WHERE revision = %s AND direction <> %s AND remark IS NULL AND NOT afresh
      AND at = (SELECT max(at) FROM {ATTIC}.kept WHERE revision = %s AND direction <> %s)
    ORDER BY id DESC
"""  # noqa: S608 - all names in it are ours.

RENAMED = """
    SELECT nspname, relname, attnum FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    LEFT JOIN pg_attribute ON attrelid = c.oid AND attname = %s AND NOT attisdropped WHERE c.oid = %s
"""

Place = tuple[int | None, int | None]


class Told:
    """What was kept and put back by steps that are committed, to be said when the run is over."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []
        self.put: list[PutBack] = []
        self.words: list[str] = []

    def lines(self) -> list[str]:
        """Return it as a few lines for people."""
        lines = list(self.words)
        if self.kept:
            lines.append(f"Kept in the attic: {_named((each, each.amount) for each in self.kept)}")
        put = [(each.kept, each.amount) for each in self.put if each.amount]
        if put:
            lines.append(f"Put back from the attic: {_named(put)}")
        left = (each for each in self.put if each.reason)
        lines += [f"Left in the attic: {each.kept}, since {each.reason}" for each in left]
        return lines


class Keeper:
    """Is told which step is taken, and tells of it in `told` once it is committed.

    Only if it `keeps` is what is dropped copied, in a reset to base so that everything begins `afresh` after.
    """

    def __init__(self, told: Told, *, keeps: bool, afresh: bool) -> None:
        self._told, self._keeps, self._afresh = told, keeps, afresh
        self._has_attic: bool | None = None
        self._begin("", "")

    def begin(self, revision: str, direction: str) -> None:
        """What comes from now on belongs to this step; the one before it was committed."""
        self._told.kept += self._kept
        self._told.put += self._put
        self._told.words += self._words
        self._begin(revision, direction)

    def _begin(self, revision: str, direction: str) -> None:
        self._about = About(revision, direction, self._afresh)
        self._kept: list[Kept] = []
        self._put: list[PutBack] = []
        self._words: list[str] = []
        # By the id of each copy that waits to be put back: what was in its place when the step began.
        self._places: dict[int, Place] | None = None
        self._statements: list[Statement] = []

    def listen(self, engine: Engine) -> None:
        """Look at what is sent over the engine's connections."""
        event.listen(engine, "before_cursor_execute", self._before)

    def finish(self, connection: Connection) -> None:
        """Put back what belongs to the step that is about to be committed."""
        with _cursor(connection) as cursor:
            waiting = self._waiting(cursor)
            before = self._places or {}
            # Others refer to the numbers of rows, and columns to the rows of tables: and of these the one
            # comes first that was dropped last, to which others may refer.
            numbers: dict[tuple[object, ...], dict[Kept, Writing]] = {}
            tables: list[TableBack] = []
            columns: dict[tuple[object, ...], dict[Kept, Writing]] = {}
            for each, now in waiting:
                was = before.get(each.id, now)
                kept, place = _by_another_name(cursor, each, was) if now[0] is None else (each, now)
                if not _is_made(kept, place, was):
                    self._put.append(PutBack(kept, 0, "the step does not make it again"))
                elif kept.column is None:
                    writing = writes_table(self._statements, kept.table)
                    tables.append(TableBack(cursor, kept, writing, was_there=was[0] is not None))
                else:
                    writing = writes_column(self._statements, kept.table, kept.column)
                    of = (kept.schema, kept.table, *kept.key)
                    (numbers if kept.sequences else columns).setdefault(of, {})[kept] = writing
            first = [ColumnsBack(cursor, writings) for writings in numbers.values()]
            last = [ColumnsBack(cursor, writings) for writings in columns.values()]
            for back in (*first, *tables, *last):
                self._put += back.run()

    def _before(
        self, connection: Connection, _cursor_: Any, sql: str, _values: Any, context: Any, _many: bool
    ) -> None:
        driver: Any = connection.connection.dbapi_connection
        if not self._about.revision or driver.info.transaction_status == TRANSACTION_STATUS_INERROR:
            return
        written = without_placeholders(getattr(context, "as_written", sql))
        if NOT_THE_REVISION_S.search(written):
            return
        with _cursor(connection) as cursor:
            if self._places is None:
                self._places = {kept.id: place for kept, place in self._waiting(cursor)}
            if self._places:
                self._statements += split(written)
            if self._keeps and MAY_DROP.search(written):
                for statement in split(written):
                    for effect in effects_of(statement):
                        self._keep(cursor, effect, apart=driver.autocommit)

    def _waiting(self, cursor: Any) -> list[tuple[Kept, Place]]:
        if self._has_attic is None:
            cursor.execute(f"SELECT to_regclass('{ATTIC}.kept') IS NOT NULL")
            self._has_attic = cursor.fetchone()[0]
        if not self._has_attic:
            return []
        about = [self._about.revision, self._about.direction]
        cursor.execute(WAITING, [*about, *about])
        return [(Kept(*row[:-2]), (row[-2], row[-1])) for row in cursor.fetchall()]

    def _keep(self, cursor: Any, effect: object, *, apart: bool) -> None:
        what = _dropped(effect)
        if not what:
            return
        if apart or isinstance(effect, Unknown):
            why = "runs outside of a transaction" if apart else "cannot be read"
            self._words.append(f"Not kept in the attic, since the statement {why}: {what}")
            return
        found: list[Kept | None] = []
        if isinstance(effect, DropSchema):
            found = [keep_table(cursor, self._about, oid) for oid in tables_of(cursor, effect.schema)]
        elif isinstance(effect, DropTable | DropColumn):
            oid = find_table(cursor, effect.table)
            if oid is not None and isinstance(effect, DropTable):
                found = [keep_table(cursor, self._about, oid)]
            elif oid is not None and isinstance(effect, DropColumn):
                found = [keep_column(cursor, self._about, oid, effect.column)]
        kept = [each for each in found if each is not None]
        self._kept += kept
        self._has_attic = self._has_attic or bool(kept)


def _dropped(effect: object) -> str:
    """What an effect drops, as people write it; empty when it drops nothing."""
    if isinstance(effect, DropTable):
        return effect.table
    if isinstance(effect, DropColumn):
        return f"{effect.table}.{effect.column}"
    if isinstance(effect, DropSchema):
        return effect.schema
    return effect.excerpt if isinstance(effect, Unknown) else ""


def _by_another_name(cursor: Any, kept: Kept, was: Place) -> tuple[Kept, Place]:
    """Find the table of a column whose table the step gave another name."""
    if kept.column is None or was[0] is None:
        return kept, (None, None)
    cursor.execute(RENAMED, [kept.column, was[0]])
    found = cursor.fetchone()
    if found is None:
        return kept, (None, None)
    schema, table, number = found
    return replace(kept, schema=schema, table=table), (was[0], number)


def _is_made(kept: Kept, now: Place, before: Place) -> bool:
    """Whether the step made the table or column again: it is there, and is not the one from before."""
    there = now[0] is not None if kept.column is None else now[1] is not None
    same = now[0] == before[0] if kept.column is None else now == before
    return there and not same


def _named(kept: Iterable[tuple[Kept, int]]) -> str:
    """Name a few of them, each with its amount; of many, say only how many they are."""
    each = list(kept)
    if len(each) <= NAMED:
        return " and ".join(one.with_amount(amount) for one, amount in each)
    tables = sum(one.column is None for one, _ in each)
    parts = [
        f"{number} {noun}{'' if number == 1 else 's'}"
        for number, noun in ((tables, "table"), (len(each) - tables, "column"))
        if number
    ]
    return " and ".join(parts)


def _cursor(connection: Connection) -> Any:
    """The driver's own cursor: nobody who listens to the step's statements hears ours."""
    driver: Any = connection.connection.dbapi_connection
    return driver.cursor()
