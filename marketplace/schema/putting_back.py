"""Puts back what lies in the attic, in the transaction of the step that made its table or column again.

It never makes that step fail: what does not fit any more stays in the attic, with the reason.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg2

from marketplace.schema.attic import Kept
from marketplace.schema.contents import ATTIC
from marketplace.schema.ledger import first_line

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
# Where rows that cannot be written all at once lie meanwhile, and the number that each has there.
PIECES, NUMBER = f"{ATTIC}.rows_in_pieces", '"number of the row"'
NUMBERED = f"CREATE TABLE {PIECES} AS SELECT row_number() OVER () AS {NUMBER}, k.* FROM ({{rows}}) AS k"  # noqa: S608
# A piece that is refused is halved, down to the one row that does not fit; the next is twice as large again.
IN_PIECES = f"""DO $attic$ DECLARE attic_first bigint := 1; attic_size bigint := {{amount}}; BEGIN
WHILE attic_first <= {{amount}} LOOP
BEGIN {{statement}} AND k.{NUMBER} BETWEEN attic_first AND attic_first + attic_size - 1;
SET CONSTRAINTS ALL IMMEDIATE;
attic_first := attic_first + attic_size; attic_size := attic_size * 2;
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
IF attic_size = 1 THEN attic_first := attic_first + 1; ELSE attic_size := attic_size / 2; END IF;
END; END LOOP; END $attic$"""


@dataclass(frozen=True)
class PutBack:
    """How many rows or values of a copy are in their table again, and why the rest is not, if any is not."""

    kept: Kept
    amount: int
    reason: str


@dataclass(frozen=True)
class Column:
    """A column of the table that is put back into, and of the copy: its name as SQL, and facts about it."""

    name: str
    type: str
    copied_type: str
    required: bool
    always_generated: bool

    @property
    def value(self) -> str:
        """The copy's value, as the table's own type has it."""
        return f"k.{self.name}" if self.type == self.copied_type else f"k.{self.name}::text::{self.type}"


def quote(name: str) -> str:
    """Return a name as SQL."""
    return '"{}"'.format(name.replace('"', '""'))


def copy_of(kept: Kept) -> str:
    """Return the name of a copy as SQL."""
    return f"{ATTIC}.{quote(kept.copy)}"


class PuttingBack(ABC):
    """Copies that go back into one table together."""

    def __init__(self, cursor: Any, kept: Sequence[Kept]) -> None:
        self.cursor, self.kept = cursor, kept
        self.table = f"{quote(kept[0].schema)}.{quote(kept[0].table)}"

    def run(self) -> list[PutBack]:
        """Do it, and take out of the attic what is back as a whole. Raises what ends the whole step."""
        self.cursor.execute("SAVEPOINT attic")
        try:
            done = self._with_triggers_off()
        except psycopg2.Error as error:
            if error.pgcode in NOT_OURS or self.cursor.connection.closed:
                raise
            self.cursor.execute("ROLLBACK TO SAVEPOINT attic")
            done = [PutBack(kept, 0, first_line(error)) for kept in self.kept]
        self.cursor.execute("RELEASE SAVEPOINT attic")
        for each in done:
            if each.reason:
                statement = f"UPDATE {ATTIC}.kept SET remark = %s WHERE id = %s"  # noqa: S608
                self.cursor.execute(statement, [each.reason, each.kept.id])
            else:
                self.cursor.execute(f"DELETE FROM {ATTIC}.kept WHERE id = %s", [each.kept.id])  # noqa: S608
                self.cursor.execute(f"DROP TABLE {copy_of(each.kept)}")
        return done

    @abstractmethod
    def put(self) -> list[PutBack]:
        """Put the rows or values back."""

    def _with_triggers_off(self) -> list[PutBack]:
        """What a trigger does was done when the rows were written first."""
        if not all(map(self._is_there, self.kept)):
            why = "a copy is not there any more: somebody has dropped it"
            return [PutBack(kept, 0, why) for kept in self.kept]
        self.cursor.execute(TRIGGERS, [self.table])
        triggers = [name for (name,) in self.cursor.fetchall()]
        if triggers:
            self.settle()
        for trigger in triggers:
            self.cursor.execute(f"ALTER TABLE {self.table} DISABLE TRIGGER {trigger}")
        done = self.put()
        self.settle()
        for trigger in triggers:
            self.cursor.execute(f"ALTER TABLE {self.table} ENABLE TRIGGER {trigger}")
        for kept in self.kept:
            self._set_sequences(kept)
        return done

    def settle(self) -> None:
        """Check what is deferred; a table for which checks are waiting cannot be altered."""
        self.cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    def columns(self, kept: Kept) -> dict[str, Column]:
        """The columns that both the copy and the table have, by name, but those that are computed."""
        self.cursor.execute(COLUMNS, [copy_of(kept), self.table])
        return {name: Column(*rest) for *rest, name in self.cursor.fetchall()}

    def write(self, statement: Callable[[str], str], rows: str) -> None:
        """Write all rows at once, else in pieces, so that only those are left that do not fit.

        `rows` selects them, and `statement` says how they are written from a table or query, named k.
        """
        self.cursor.execute("SAVEPOINT at_once")
        try:
            self.cursor.execute(statement(f"({rows})"))
            self.settle()
        except (psycopg2.IntegrityError, psycopg2.DataError):
            self.cursor.execute("ROLLBACK TO SAVEPOINT at_once")
            self._write_in_pieces(statement(PIECES), rows)
        self.cursor.execute("RELEASE SAVEPOINT at_once")

    def _write_in_pieces(self, statement: str, rows: str) -> None:
        self.cursor.execute(NUMBERED.format(rows=rows))
        amount = self.cursor.rowcount
        self.cursor.execute(f"CREATE INDEX ON {PIECES} ({NUMBER})")
        self.cursor.execute(f"ANALYZE {PIECES}")
        self.cursor.execute(IN_PIECES.format(statement=statement, amount=amount))
        self.cursor.execute(f"DROP TABLE {PIECES}")

    def parents_exist(self, values: Mapping[str, str], copy: str = "", column: str = "") -> str:
        """The condition that all exist to which these values refer, or to which `column` does.

        A parent may be in the same `copy`.
        """
        self.cursor.execute(KEYS, [self.table])
        conditions = ["true"]
        for parent, is_own, ours, theirs in self.cursor.fetchall():
            if (column and column not in ours) or not all(each in values for each in ours):
                continue
            pairs = [(quote(there), values[here]) for here, there in zip(ours, theirs, strict=True)]
            found = " AND ".join(f"p.{there} = {here}" for there, here in pairs)
            exists = f"EXISTS (SELECT FROM {parent} p WHERE {found})"
            if is_own and copy:
                # In a copy, values of the database's own types are text.
                found = " AND ".join(f"p.{there}::text = ({here})::text" for there, here in pairs)
                exists += f" OR EXISTS (SELECT FROM {copy} p WHERE {found})"
            none = " OR ".join(f"{here} IS NULL" for _, here in pairs)
            conditions.append(f"({none} OR {exists})")
        return " AND ".join(conditions)

    def count(self, statement: str) -> int:
        """Return the number that a statement answers with."""
        self.cursor.execute(statement)
        return int(self.cursor.fetchone()[0])

    def _is_there(self, kept: Kept) -> bool:
        self.cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [copy_of(kept)])
        return bool(self.cursor.fetchone()[0])

    def sequence(self, column: str) -> str | None:
        """Return the name of the sequence that numbers a column of the table, as SQL, if one does."""
        self.cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [self.table, column])
        name: str | None = self.cursor.fetchone()[0]
        return name

    def literal(self, value: object) -> str:
        """Return a value as SQL: beside parameters, no name could have a per cent sign."""
        return str(self.cursor.mogrify("%s", [value]).decode())

    def _set_sequences(self, kept: Kept) -> None:
        """No number is given a second time."""
        for column, stood in kept.sequences.items():
            sequence = self.sequence(column)
            if sequence:
                last = f"(SELECT last_value FROM {sequence})"  # noqa: S608
                self.cursor.execute(f"SELECT setval({self.literal(sequence)}, greatest({stood}, {last}))")
