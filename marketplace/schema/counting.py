"""Counts what statements would delete, on a database on which none of them has run yet."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from marketplace.schema.contents import plain
from marketplace.schema.effects import Create, Rename

# What is lost (table, column, rows, values), its name, and how many; None when that cannot be counted.
Found = list[tuple[str, str, int | None]]

KEYS = text("""
    SELECT con.conname, con.conrelid, con.confrelid, con.confdeltype,
           ARRAY(SELECT attname::text FROM unnest(con.conkey) WITH ORDINALITY AS key(number, place)
                 JOIN pg_attribute ON attrelid = con.conrelid AND attnum = key.number ORDER BY place),
           ARRAY(SELECT attname::text FROM unnest(con.confkey) WITH ORDINALITY AS key(number, place)
                 JOIN pg_attribute ON attrelid = con.confrelid AND attnum = key.number ORDER BY place)
    FROM pg_constraint AS con WHERE con.contype = 'f' AND con.conparentid = 0 ORDER BY con.conname
""")


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key by the object ids of its tables; `on_delete` is PostgreSQL's letter for the action."""

    name: str
    child: int
    parent: int
    on_delete: str
    columns: list[str]
    parent_columns: list[str]


class Counter:
    """Follows a plan statement by statement: its new tables have nothing to lose, others get new names."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._quote = connection.dialect.identifier_preparer.quote
        self._keys = [ForeignKey(*row) for row in connection.execute(KEYS)]
        # By full name: the object id that it stands for after the statements so far, None for a new table.
        self._now: dict[tuple[str, ...], int | None] = {}
        self._columns: dict[tuple[int, str], str] = {}
        self._gone: set[int] = set()

    def follow(self, effect: object) -> None:
        """Take note of a statement that changes which names stand for what."""
        if isinstance(effect, Create):
            self._now[self._full_name(effect.table)] = None
        elif isinstance(effect, Rename):
            oid = self._find(effect.table)
            if effect.column:
                if oid is not None:
                    column = self._bare(effect.column)
                    self._columns[oid, self._bare(effect.new_name)] = self._columns.get((oid, column), column)
                return
            old = self._full_name(effect.table)
            new = self._full_name(effect.new_name)
            self._now[new if "." in effect.new_name else (old[0], new[-1])] = oid
            self._now[old] = None

    def drop_table(self, table: str) -> Found:
        """Count the rows of a table that goes."""
        oid = self._find(table)
        if oid is None:
            return []
        self._gone.add(oid)
        return [("table", table, self._count(f"SELECT count(*) FROM {self._name(oid)}"))]  # noqa: S608

    def drop_schema(self, schema: str) -> Found:
        """Count the rows of the tables of a schema that goes."""
        found: Found = []
        tables = text(
            "SELECT oid::bigint FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = to_regnamespace(:schema) AND relname <> 'alembic_version' ORDER BY relname"
        )
        for oid in self._connection.execute(tables, {"schema": schema}).scalars():
            found += self.drop_table(self._name(oid))
        return found

    def drop_column(self, table: str, column: str) -> Found:
        """Count the values of a column that goes."""
        oid = self._find(table)
        if oid is None:
            return []
        was = self._column(oid, column)
        if self._type_of(oid, was) is None:
            # It is not there now, so it comes with this plan.
            return []
        statement = f"SELECT count({self._quote(was)}) FROM {self._name(oid)}"  # noqa: S608
        return [("column", f"{table}.{column}", self._count(statement))]

    def change_type(self, table: str, column: str, new_type: str, using: str) -> Found:
        """Count the values that are not what they were after they have become `new_type`."""
        oid = self._find(table)
        if oid is None:
            return []
        was = self._column(oid, column)
        old_type = self._type_of(oid, was)
        if old_type is None:
            return []
        name = self._quote(was)
        changed = f"((({using or name})::{new_type})::{old_type}) IS DISTINCT FROM {name}"
        statement = f"SELECT count(*) FROM {self._name(oid)} WHERE {name} IS NOT NULL AND {changed}"  # noqa: S608
        count = self._count(statement)
        return [] if count == 0 else [("values", f"{table}.{column}", count)]

    def truncate(self, tables: Iterable[str], cascade: bool) -> Found:
        """Count the rows of tables that are emptied, and with `cascade` of those that point to them."""
        found: Found = []
        waiting = [(self._find(table), table) for table in tables]
        seen: set[int] = set()
        while waiting:
            oid, name = waiting.pop(0)
            if oid is None or oid in seen:
                continue
            seen.add(oid)
            found.append(("rows", name, self._count(f"SELECT count(*) FROM {self._name(oid)}")))  # noqa: S608
            if cascade:
                waiting += [(key.child, self._short(key.child)) for key in self._keys if key.parent == oid]
        return found

    def delete(self, table: str, alias: str, using: str, condition: str) -> Found:
        """Count the rows that a DELETE takes, and those that its foreign keys take along."""
        oid = self._find(table)
        if oid is None:
            return []
        alias = alias or self._quote(self._bare(table.rsplit(".", 1)[-1]))
        where = condition or "true"
        if using:
            where = f"EXISTS (SELECT FROM {using} WHERE {where})"
        rows = f"SELECT {alias}.tableoid, {alias}.ctid FROM {self._name(oid)} AS {alias} WHERE {where}"  # noqa: S608
        affected: dict[int, list[str]] = {}
        emptied: Found = []
        endless: set[int] = set()
        for child, child_rows, key in self._taken_along(oid, rows, (oid,)):
            if key.on_delete == "c":
                if child_rows:
                    affected.setdefault(child, []).append(child_rows)
                else:
                    endless.add(child)
            elif key.on_delete in "nd":
                name = f"{self._short(child)}.{', '.join(key.columns)}"
                emptied.append(("column", name, self._count(f"SELECT count(*) FROM ({child_rows}) AS rows")))  # noqa: S608
        found: Found = [("rows", table, self._count(f"SELECT count(*) FROM ({rows}) AS rows"))]  # noqa: S608
        for child in {**affected, **dict.fromkeys(endless)}:
            union = " UNION ".join(affected.get(child, []))
            count = None if child in endless else self._count(f"SELECT count(*) FROM ({union}) AS rows")  # noqa: S608
            found.append(("rows", self._short(child), count))
        return found + emptied

    def _taken_along(
        self, parent: int, rows: str, path: tuple[int, ...]
    ) -> Iterator[tuple[int, str, ForeignKey]]:
        """Yield what points to `rows` of `parent`, however far; empty rows where tables point in a circle."""
        for key in self._keys:
            if key.parent != parent or key.on_delete not in "cnd" or key.child in self._gone:
                continue
            if key.child in path and key.on_delete == "c":
                yield key.child, "", key
                continue
            same = " AND ".join(
                f"parent.{self._quote(theirs)} = child.{self._quote(ours)}"
                for ours, theirs in zip(key.columns, key.parent_columns, strict=True)
            )
            child_rows = (
                f"SELECT child.tableoid, child.ctid FROM {self._name(key.child)} AS child"  # noqa: S608
                f" WHERE EXISTS (SELECT FROM {self._name(parent)} AS parent"
                f" WHERE (parent.tableoid, parent.ctid) IN ({rows}) AND {same})"
            )
            yield key.child, child_rows, key
            if key.on_delete == "c":
                yield from self._taken_along(key.child, child_rows, (*path, key.child))

    def _count(self, statement: str) -> int | None:
        """Return a number, None when it cannot be counted on the database as it is now."""
        nested = self._connection.begin_nested()
        try:
            return int(self._connection.execute(plain(statement)).scalar_one())
        except DBAPIError:
            return None
        finally:
            nested.rollback()

    def _find(self, table: str) -> int | None:
        """Return the object id of a table that is there now and has not been dropped by the plan."""
        full = self._full_name(table)
        if full in self._now:
            oid = self._now[full]
        else:
            oid = self._connection.execute(
                text("SELECT to_regclass(:name)::oid::bigint"), {"name": ".".join(map(self._quote, full))}
            ).scalar()
        return None if oid in self._gone else oid

    def _full_name(self, name: str) -> tuple[str, ...]:
        parts = self._parts(name)
        return parts if len(parts) > 1 else ("public", parts[0])

    def _bare(self, name: str) -> str:
        return self._parts(name)[-1]

    def _parts(self, name: str) -> tuple[str, ...]:
        return tuple(self._connection.execute(text("SELECT parse_ident(:name)"), {"name": name}).scalar_one())

    def _name(self, oid: int) -> str:
        return str(
            self._connection.execute(
                text(
                    "SELECT format('%I.%I', relnamespace::regnamespace::text, relname)"
                    " FROM pg_class WHERE oid = :oid"
                ),
                {"oid": oid},
            ).scalar_one()
        )

    def _short(self, oid: int) -> str:
        return self._name(oid).removeprefix("public.")

    def _column(self, oid: int, column: str) -> str:
        bare = self._bare(column)
        return self._columns.get((oid, bare), bare)

    def _type_of(self, oid: int, column: str) -> str | None:
        statement = text(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute"
            " WHERE attrelid = :oid AND attname = :column AND NOT attisdropped"
        )
        return self._connection.execute(statement, {"oid": oid, "column": column}).scalar()
