"""Which tables SQL statements read and write."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

# `DELETE FROM` comes before `FROM`, which else would make the table one that is read.
_NAMED = re.compile(
    r"\b(?P<word>DELETE\s+FROM|FROM|JOIN|INTO|UPDATE)\s+(?:ONLY\s+)?(?P<name>[\w.\"]+)", re.IGNORECASE
)
_WRITING = frozenset({"DELETE", "INTO", "UPDATE"})


@dataclass(frozen=True)
class Tables:
    """The names of the tables that statements read, and of those that they write."""

    read: frozenset[str]
    written: frozenset[str]


def tables_in(statements: Iterable[str], known: Collection[str]) -> Tables:
    """Collect the tables that `statements` name, out of the `known` ones.

    What is not known is something else behind the same word: a function, or the column in
    `extract(year FROM created_at)`.
    """
    read, written = set(), set()
    for statement in statements:
        for match in _NAMED.finditer(statement):
            name = match["name"].replace('"', "").removeprefix("public.")
            if name in known:
                (written if match["word"].split()[0].upper() in _WRITING else read).add(name)
    return Tables(frozenset(read), frozenset(written))
