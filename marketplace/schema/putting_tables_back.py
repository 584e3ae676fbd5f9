"""Puts a table's rows back from the attic, once a step has made the table again."""

from typing import Any

from marketplace.schema.attic import Kept
from marketplace.schema.putting_back import PutBack, PuttingBack, copy_of, quote
from marketplace.schema.written import Writing

LACKING = """
    SELECT string_agg(format('%%I', attname), ', ') FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0
      AND attname NOT IN (SELECT attname FROM pg_attribute
                          WHERE attrelid = to_regclass(%s) AND NOT attisdropped)
"""


class TableBack(PuttingBack):
    """One table on its way back, into which the step has written `writing` itself.

    `was_there` says that the step found another table of that name when it began.
    """

    def __init__(self, cursor: Any, kept: Kept, writing: Writing, *, was_there: bool) -> None:
        super().__init__(cursor, [kept])
        self.writing, self.was_there = writing, was_there

    def put(self) -> list[PutBack]:
        """Put the rows back beside those that came since, and return what came of the copy."""
        [kept], copy = self.kept, copy_of(self.kept[0])
        columns = self.columns(kept)
        if self.writing == "constants":
            # The step's own rows are the first ones that there ever were, and the copy knows what became of
            # them since.
            self.cursor.execute(f"DELETE FROM {self.table}")  # noqa: S608
        values = {name: column.value for name, column in columns.items()}
        same = " AND ".join(f"t.{quote(each)} = {values[each]}" for each in kept.key if each in values)
        if self.writing == "values" and self.was_there:
            return [PutBack(kept, 0, "the step made the table of the rows that were there")]
        if self.writing == "values" and not same:
            return [PutBack(kept, 0, "the step wrote rows itself, and no key tells which of these are new")]
        # The step's own rows are newer than the copy's of the same key.
        new = f"NOT EXISTS (SELECT FROM {self.table} t WHERE {same})" if same else "true"
        before = self._rows()
        wanted = f"{self.parents_exist(values, copy)} AND {new}"
        self.write(
            lambda source: (
                f"INSERT INTO {self.table} ({', '.join(column.name for column in columns.values())})"  # noqa: S608
                f" OVERRIDING SYSTEM VALUE SELECT {', '.join(values.values())} FROM {source} k WHERE {wanted}"
            ),
            rows=f"SELECT * FROM {copy}",  # noqa: S608
        )
        put = self._rows() - before
        self.cursor.execute(LACKING, [copy, self.table])
        lacking = self.cursor.fetchone()[0]
        if lacking:
            return [PutBack(kept, put, f"the table has no {lacking} any more")]
        there = f"SELECT count(*) FROM {copy} k JOIN {self.table} t ON {same}"  # noqa: S608
        left = kept.amount - (self.count(there) if same else put)
        return [PutBack(kept, put, f"{left:,} of its rows do not fit any more" if left else "")]

    def _rows(self) -> int:
        return self.count(f"SELECT count(*) FROM {self.table}")  # noqa: S608
