"""Puts back what lies in the attic, in the transaction of the step that made its table or column again.

It never makes that step fail: what does not fit any more stays in the attic, with the reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2

from marketplace.schema.attic import Kept
from marketplace.schema.contents import ATTIC
from marketplace.schema.ledger import first_line
from marketplace.schema.written import Writing

# With these the whole step is to be tried again, or is over.
NOT_OURS = ("55P03", "57014", "40P01", "40001")

COLUMNS = """
    SELECT format('%%I', ours.attname), format_type(ours.atttypid, ours.atttypmod),
           format_type(copied.atttypid, copied.atttypmod), ours.attnotnull, ours.attidentity = 'a',
           ours.attname
    FROM pg_attribute copied JOIN pg_attribute ours USING (attname)
    WHERE copied.attrelid = to_regclass(%s) AND copied.attnum > 0 AND ours.attrelid = to_regclass(%s)
      AND NOT ours.attisdropped AND ours.attgenerated = '' ORDER BY ours.attnum
"""
LACKING = """
    SELECT string_agg(format('%%I', attname), ', ') FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0
      AND attname NOT IN (SELECT attname FROM pg_attribute
                          WHERE attrelid = to_regclass(%s) AND NOT attisdropped)
"""
KEYS = """
    SELECT format('%%I.%%I', p.relnamespace::regnamespace::text, p.relname), conrelid = confrelid,
           ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS key(number, place)
                 JOIN pg_attribute ON attrelid = conrelid AND attnum = key.number ORDER BY place),
           ARRAY(SELECT attname::text FROM unnest(confkey) WITH ORDINALITY AS key(number, place)
                 JOIN pg_attribute ON attrelid = confrelid AND attnum = key.number ORDER BY place)
    FROM pg_constraint JOIN pg_class p ON p.oid = confrelid
    WHERE contype = 'f' AND conrelid = to_regclass(%s) AND conparentid = 0
"""
TRIGGERS = """
    SELECT format('%%I', tgname) FROM pg_trigger
    WHERE tgrelid = to_regclass(%s) AND NOT tgisinternal AND tgenabled = 'O' AND tgparentid = 0
"""
ROW_BY_ROW = """DO $attic$ DECLARE place tid; BEGIN
FOR place IN SELECT ctid FROM {copy} LOOP
BEGIN {statement};
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN NULL; END;
END LOOP; END $attic$"""


@dataclass(frozen=True)
class PutBack:
    """How many rows or values of a copy are in their table again, and why the rest is not, if any is not."""

    kept: Kept
    amount: int
    reason: str


def put_back(cursor: Any, kept: Kept, writing: Writing) -> PutBack:
    """Put one copy back into its table, where the step has written `writing` itself.

    What is there no more is left out: rows of a column that were deleted since stay deleted. A whole copy
    that is back leaves the attic.
    """
    cursor.execute("SAVEPOINT attic")
    try:
        done = _PuttingBack(cursor, kept, writing).run()
    except psycopg2.Error as error:
        if error.pgcode in NOT_OURS or cursor.connection.closed:
            raise
        cursor.execute("ROLLBACK TO SAVEPOINT attic")
        done = PutBack(kept, 0, first_line(error))
    cursor.execute("RELEASE SAVEPOINT attic")
    if done.reason:
        cursor.execute(f"UPDATE {ATTIC}.kept SET remark = %s WHERE id = %s", [done.reason, kept.id])  # noqa: S608
    else:
        cursor.execute(f"DELETE FROM {ATTIC}.kept WHERE id = %s", [kept.id])  # noqa: S608
        cursor.execute(f"DROP TABLE {ATTIC}.{quote(kept.copy)}")
    return done


def quote(name: str) -> str:
    """Return a name as SQL."""
    return '"{}"'.format(name.replace('"', '""'))


class _PuttingBack:
    """One copy on its way back."""

    def __init__(self, cursor: Any, kept: Kept, writing: Writing) -> None:
        self.cursor, self.kept, self.writing = cursor, kept, writing
        self.table = f"{quote(kept.schema)}.{quote(kept.table)}"
        self.copy = f"{ATTIC}.{quote(kept.copy)}"
        cursor.execute(COLUMNS, [self.copy, self.table])
        self.columns = cursor.fetchall()
        # By name: the copy's value as the table's own type has it.
        self.values = {
            name: f"k.{column}" if copied == own else f"k.{column}::text::{own}"
            for column, own, copied, _, _, name in self.columns
        }

    def run(self) -> PutBack:
        kept = self.kept
        if kept.column is not None:
            if not kept.key:
                return PutBack(kept, 0, "its rows have no key of their own to be known by")
            missing = [each for each in (kept.column, *kept.key) if each not in self.values]
            if missing:
                return PutBack(kept, 0, f"{kept.table} has no column {missing[0]} to be written")
        triggers = self._disable_triggers()
        done = self._put_table_back() if kept.column is None else self._put_column_back(kept.column)
        self._settle()
        for trigger in triggers:
            self.cursor.execute(f"ALTER TABLE {self.table} ENABLE TRIGGER {trigger}")
        self._set_sequences()
        return done

    def _put_table_back(self) -> PutBack:
        if self.writing == "constants":
            # The step's own rows are the first ones that there ever were, and the copy knows what became of
            # them since.
            self.cursor.execute(f"DELETE FROM {self.table}")  # noqa: S608
        names = ", ".join(column for column, *_ in self.columns)
        statement = (
            f"INSERT INTO {self.table} ({names}) OVERRIDING SYSTEM VALUE"  # noqa: S608
            f" SELECT {', '.join(self.values.values())} FROM {self.copy} k WHERE {self._parents_exist()}"
        )
        put = self._run(statement, " ON CONFLICT DO NOTHING")
        self.cursor.execute(LACKING, [self.copy, self.table])
        lacking = self.cursor.fetchone()[0]
        if lacking:
            return PutBack(self.kept, put, f"the table has no {lacking} any more")
        there = put
        if self.kept.key and all(each in self.values for each in self.kept.key):
            there = self._count(f"SELECT count(*) FROM {self.copy} k JOIN {self.table} t ON {self._same()}")  # noqa: S608
        left = self.kept.amount - there
        return PutBack(self.kept, put, f"{left:,} of its rows do not fit any more" if left else "")

    def _put_column_back(self, name: str) -> PutBack:
        column, _, _, required, always, _ = next(each for each in self.columns if each[-1] == name)
        value = self.values[name]
        differs = f"t.{column}::text IS DISTINCT FROM ({value})::text"
        conditions = [self._same(), differs, self._parents_exist(name)]
        if required:
            conditions.append(f"k.{column} IS NOT NULL")
        if self.writing == "values":
            conditions.append(f"t.{column} IS NULL")
        if always:
            self.cursor.execute(f"ALTER TABLE {self.table} ALTER {column} SET GENERATED BY DEFAULT")
        self._run(
            f"UPDATE {self.table} t SET {column} = {value} FROM {self.copy} k"  # noqa: S608
            f" WHERE {' AND '.join(conditions)}"
        )
        if always:
            self.cursor.execute(f"ALTER TABLE {self.table} ALTER {column} SET GENERATED ALWAYS")
        matched = f"SELECT count(*) FROM {self.copy} k JOIN {self.table} t ON {self._same()}"  # noqa: S608
        left = self._count(f"{matched} WHERE k.{column} IS NOT NULL AND {differs}")
        put = self._count(f"{matched} WHERE k.{column} IS NOT NULL") - left
        why = "were written anew by the step" if self.writing == "values" else "do not fit any more"
        return PutBack(self.kept, put, f"{left:,} of its values {why}" if left else "")

    def _run(self, statement: str, ending: str = "") -> int:
        """Run it for all rows at once, else for each that it can be run for; return how many were written."""
        self.cursor.execute("SAVEPOINT at_once")
        try:
            self.cursor.execute(statement + ending)
            written = int(self.cursor.rowcount)
            self._settle()
        except (psycopg2.IntegrityError, psycopg2.DataError):
            self.cursor.execute("ROLLBACK TO SAVEPOINT at_once")
            before = self._count(f"SELECT count(*) FROM {self.table}")  # noqa: S608
            each = f"{statement} AND k.ctid = place{ending}"
            self.cursor.execute(ROW_BY_ROW.format(copy=self.copy, statement=each))
            written = self._count(f"SELECT count(*) FROM {self.table}") - before  # noqa: S608
        self.cursor.execute("RELEASE SAVEPOINT at_once")
        return written

    def _settle(self) -> None:
        """Check what is deferred; a table for which checks are waiting cannot be altered."""
        self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def _disable_triggers(self) -> Sequence[str]:
        """What a trigger does was done when the rows were written first."""
        self.cursor.execute(TRIGGERS, [self.table])
        triggers = [name for (name,) in self.cursor.fetchall()]
        if triggers:
            self._settle()
        for trigger in triggers:
            self.cursor.execute(f"ALTER TABLE {self.table} DISABLE TRIGGER {trigger}")
        return triggers

    def _same(self) -> str:
        """The condition under which a row of the table is one of the copy."""
        return " AND ".join(f"t.{quote(each)} = {self.values[each]}" for each in self.kept.key)

    def _parents_exist(self, column: str | None = None) -> str:
        """The condition that all exist to which a row of the copy refers, or to which `column` does."""
        self.cursor.execute(KEYS, [self.table])
        conditions = ["true"]
        for parent, is_own, ours, theirs in self.cursor.fetchall():
            if not all(each in self.values for each in ours) or (column and column not in ours):
                continue
            pairs = [(quote(there), self.values[here]) for here, there in zip(ours, theirs, strict=True)]
            found = " AND ".join(f"p.{there} = {here}" for there, here in pairs)
            exists = f"EXISTS (SELECT FROM {parent} p WHERE {found})"
            if is_own and column is None:
                # In a copy, values of the database's own types are text.
                found = " AND ".join(f"p.{there}::text = ({here})::text" for there, here in pairs)
                exists += f" OR EXISTS (SELECT FROM {self.copy} p WHERE {found})"
            none = " OR ".join(f"{self.values[here]} IS NULL" for here in ours)
            conditions.append(f"({none} OR {exists})")
        return " AND ".join(conditions)

    def _set_sequences(self) -> None:
        """No number is given a second time."""
        for column, stood in self.kept.sequences.items():
            self.cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [self.table, column])
            sequence = self.cursor.fetchone()[0]
            if sequence:
                self.cursor.execute(
                    f"SELECT setval(%s, greatest(%s, (SELECT last_value FROM {sequence})))",  # noqa: S608
                    [sequence, stood],
                )

    def _count(self, statement: str) -> int:
        self.cursor.execute(statement)
        return int(self.cursor.fetchone()[0])
