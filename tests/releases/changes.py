"""What a revision's statements bring, and what they take away from the release before it."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from alembic.config import Config
from sqlalchemy.dialects import postgresql

from marketplace.schema.plan import Step
from marketplace.schema.rendering import render
from tests.support.operator import read_script
from tests.support.project import ROOT

NAME = r'(?:"?\w+"?\.)?"?(\w+)"?'
TABLE = re.compile(rf"CREATE TABLE (?:IF NOT EXISTS )?{NAME}", re.IGNORECASE)
ALTERED = re.compile(rf"ALTER TABLE (?:ONLY |IF EXISTS )?{NAME} (.*)", re.IGNORECASE | re.DOTALL)
INDEXED = re.compile(rf"CREATE UNIQUE INDEX .*? ON (?:ONLY )?{NAME}", re.IGNORECASE | re.DOTALL)
COLUMN = re.compile(rf"ADD COLUMN (?:IF NOT EXISTS )?{NAME}([^,]*)", re.IGNORECASE)
# Whoever does not know of the change is refused by it, or misses something.
TAKES = re.compile(
    r"\b(DROP COLUMN|RENAME|ALTER COLUMN \S+ (?:TYPE|SET DATA TYPE|SET NOT NULL|DROP DEFAULT)"
    r"|ADD (?:CONSTRAINT \S+ )?(?:CHECK|UNIQUE|FOREIGN KEY|EXCLUDE|PRIMARY KEY))",
    re.IGNORECASE,
)
GONE = re.compile(r"DROP (TABLE|SCHEMA|TYPE|FUNCTION|VIEW|SEQUENCE)", re.IGNORECASE)


@dataclass
class Change:
    """`brings` are the names of tables and columns, `takes` the statements that the code before may mind."""

    brings: set[str] = field(default_factory=set)
    takes: list[str] = field(default_factory=list)


def change_of(revision: str, new: set[str] = frozenset()) -> Change:  # type: ignore[assignment]
    """Read what a revision does, beside the `new` names that its release brought before it."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    path = Path(read_script().get_revision(revision).path)
    rendered = render(config, Step(revision=revision, direction="upgrade", path=path), postgresql.dialect())
    return read([statement.text for statement in rendered.statements], new)


def read(statements: list[str], new: set[str] = frozenset()) -> Change:  # type: ignore[assignment]
    """Read statements; what is done to something `new`, the code before does not know and cannot mind."""
    change = Change()
    for text in statements:
        made, altered, unique = TABLE.match(text), ALTERED.match(text), INDEXED.match(text)
        if made:
            change.brings.add(made[1])
        known = change.brings | new
        if altered:
            for column in COLUMN.finditer(altered[2]):
                change.brings.add(column[1])
                if re.search("NOT NULL", column[2]) and not re.search("DEFAULT|GENERATED", column[2]):
                    change.takes.append(text)
            known = change.brings | new
            takes = TAKES.search(COLUMN.sub("", altered[2]))
            if takes and altered[1] not in known and not known & set(re.findall(r"\w+", altered[2])):
                change.takes.append(text)
        if (unique and unique[1] not in known) or GONE.match(text):
            change.takes.append(text)
    return change
