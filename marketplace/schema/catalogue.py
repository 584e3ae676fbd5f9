"""What a database is made of, read from PostgreSQL's own catalogue, and how two such readings differ.

Each object has `facts`, which PostgreSQL keeps as they are, and what it writes an expression or a body as,
`rendered`, which another major version may spell otherwise, and a dump that was put back as well.

Left out is what no revision makes: whatever belongs to an extension, temporary tables, our own schema and
Alembic's table; and what changes by itself or by a restore: statistics, sequences' values, owners, the order
of columns and the versions of extensions.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.engine import Connection

from marketplace.schema.catalogue_question import CATALOGUE

# In the order in which they can be made.
KINDS = (
    "schema",
    "extension",
    "type",
    "sequence",
    "table",
    "column",
    "function",
    "constraint",
    "index",
    "view",
    "statistics",
    "trigger",
    "rule",
    "policy",
    "event trigger",
    "comment",
    "grant",
)


What = Literal["added", "removed", "changed"]

# What a definition is shown with, beside what PostgreSQL writes it as, where it is not the usual.
USUAL: Mapping[str, Any] = {
    "valid": True,
    "enabled": "O",
    "persistence": "p",
    "row security": False,
    "forced": False,
    "cycle": False,
    "kind": "r",
    "enforced": "true",
}
NOT_SHOWN = frozenset(
    {"target", "part", "column", "constraint", "trigger", "rule", "policy", "of constraint"}
)
WRITTEN_WHOLE = frozenset({"function", "constraint", "index", "trigger", "view", "rule", "statistics"})


@dataclass(frozen=True)
class Object:
    """One thing in a database. `parent` is the key of what it goes with, such as a column with its table.

    `owner` and `changed`, when the server keeps the moments of commits, take no part in comparisons.
    """

    kind: str
    name: str
    parent: str | None
    facts: Mapping[str, Any]
    rendered: str
    owner: str | None = field(default=None, compare=False)
    changed: datetime | None = field(default=None, compare=False)

    @property
    def key(self) -> str:
        """What tells it from all others."""
        return f"{self.kind} {self.name}"

    @property
    def definition(self) -> str:
        """What it is, for people: SQL as far as there is any, and what that does not tell."""
        if self.kind == "column":
            return column_sql(self)
        if self.kind == "comment":
            return str(self.facts["says"])
        if self.kind == "grant":
            return f"{'without ' if self.facts['taken'] else ''}{', '.join(self.facts['rights'])}"
        shown = {
            name: value
            for name, value in self.facts.items()
            if name not in NOT_SHOWN
            and value is not None
            and value != USUAL.get(name)
            and not (self.kind in WRITTEN_WHOLE and name not in USUAL)
            # What PostgreSQL writes of a constraint says that, too.
            and self.kind != "constraint"
        }
        extras = ", ".join(f"{name} {_words(value)}" for name, value in shown.items())
        return f"{self.rendered.strip()}{f' ({extras})' if extras else ''}".strip()


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


@dataclass(frozen=True)
class Difference:
    """An object that is not as it was. One that was added has no `before`, and a removed one no `after`."""

    what: What
    before: Object | None
    after: Object | None

    @property
    def present(self) -> Object:
        """The object as it is, or as it was before it was removed."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def key(self) -> str:
        """The object's key."""
        return self.present.key


Catalogue = Mapping[str, Object]


def read_catalogue(connection: Connection) -> dict[str, Object]:
    """Return every object by its key, as the transaction that `connection` is in sees them.

    Names in definitions are written with their schemas, whatever the session's search_path is.
    """
    before = connection.execute(text("SELECT current_setting('search_path')")).scalar_one()
    setting = text("SELECT set_config('search_path', :path, true)")
    connection.execute(setting, {"path": ""})
    objects = [
        Object(row.kind, row.name, row.parent, row.facts, row.rendered, row.owner, row.changed)
        for row in connection.execute(CATALOGUE)
    ]
    connection.execute(setting, {"path": before})
    return {each.key: each for each in sorted(objects, key=lambda each: (KINDS.index(each.kind), each.name))}


def differences(before: Catalogue, after: Catalogue, *, same_version: bool = True) -> list[Difference]:
    """Return what was added, removed or changed, in the order of `KINDS`.

    Unless both were read from the `same_version` of PostgreSQL, what each renders in its own way counts for
    nothing, and only the facts are compared.
    """
    found = []
    for key in {**before, **after}:
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            found.append(Difference("added" if new else "removed", old, new))
        elif old.facts != new.facts or (same_version and not same_rendering(old.rendered, new.rendered)):
            found.append(Difference("changed", old, new))
    return sorted(found, key=lambda each: (KINDS.index(each.present.kind), each.present.name))


def rendered_otherwise(before: Catalogue, after: Catalogue) -> list[str]:
    """Return the keys of the objects in both that differ in nothing but how they are rendered."""
    return [
        key
        for key, old in before.items()
        if key in after
        and old.facts == after[key].facts
        and not same_rendering(old.rendered, after[key].rendered)
    ]


LITERAL = re.compile(r"'(?:[^']|'')*'")
TEXT_CAST = re.compile(r"::(?:text|character varying)(?:\(\d+\))?(?:\[\])?")
AROUND_ONE = re.compile(r"(?<![\w\"])\(([\w.\"§]+)\)")
TWICE = re.compile(r"\(\(([^()]*)\)\)")


def same_rendering(one: str, other: str) -> bool:
    """Whether two renderings are the same but for casts to text, spaces and brackets around a single thing.

    PostgreSQL writes a list of values for a varchar column otherwise after a dump was put back.
    """
    return one == other or _plainly(one) == _plainly(other)


def _plainly(rendered: str) -> tuple[str, list[str]]:
    literals = LITERAL.findall(rendered)
    words = " ".join(TEXT_CAST.sub("", LITERAL.sub("§", rendered)).split())
    while (simpler := TWICE.sub(r"(\1)", AROUND_ONE.sub(r"\1", words))) != words:
        words = simpler
    return words, literals


def column_sql(column: Object) -> str:
    """Return a column's type and all else that stands behind its name in SQL."""
    facts = column.facts
    parts = [facts["type"]]
    if facts["collation"]:
        parts.append(f"COLLATE {facts['collation']}")
    if facts["generated"]:
        stored = "STORED" if facts["generated"] == "s" else "VIRTUAL"
        parts.append(f"GENERATED ALWAYS AS ({column.rendered}) {stored}")
    elif facts["identity"]:
        parts.append(f"GENERATED {'ALWAYS' if facts['identity'] == 'a' else 'BY DEFAULT'} AS IDENTITY")
    elif column.rendered:
        parts.append(f"DEFAULT {column.rendered}")
    if facts["not null"]:
        parts.append("NOT NULL")
    return " ".join(parts)
