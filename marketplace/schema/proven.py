"""Which columns a plan has proved never to be empty: SET NOT NULL reads no row of their tables then."""

import re
from collections.abc import Iterable, Iterator

from marketplace.schema.statements import Statement

NAME = r'("[^"]+"|\w+)'
TABLE = rf"\s*ALTER\s+TABLE\s+(?:ONLY\s+)?((?:{NAME}\.)?{NAME})\s+"
RULE = re.compile(
    rf"{TABLE}ADD\s+CONSTRAINT\s+(?P<rule>{NAME})\s+CHECK\s*\(\s*(?P<column>{NAME})\s+IS\s+NOT\s+NULL\s*\)"
    r"(?P<unproved>\s+NOT\s+VALID)?\s*$",
    re.IGNORECASE,
)
VALIDATION = re.compile(rf"{TABLE}VALIDATE\s+CONSTRAINT\s+(?P<rule>{NAME})\s*$", re.IGNORECASE)
TIGHTENING = re.compile(
    rf"{TABLE}ALTER\s+(?:COLUMN\s+)?(?P<column>{NAME})\s+SET\s+NOT\s+NULL\s*$", re.IGNORECASE
)
DROPPING = re.compile(rf"{TABLE}DROP\s+CONSTRAINT\s+(?:IF\s+EXISTS\s+)?(?P<rule>{NAME})\s*$", re.IGNORECASE)


def already_proved(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield each SET NOT NULL of a column of which a validated CHECK says just that by then.

    And what drops such a CHECK of the plan's own, which guards nothing else.
    """
    statements = list(statements)
    found = (RULE.match(statement.text) for statement in statements)
    own = {(_plain(rule[1]), rule["rule"]) for rule in found if rule}
    rules: dict[tuple[str, str], str] = {}
    proved: set[tuple[str, str]] = set()
    for statement in statements:
        if (drop := DROPPING.match(statement.text)) and (_plain(drop[1]), drop["rule"]) in own:
            proved.discard((_plain(drop[1]), rules.get((_plain(drop[1]), drop["rule"]), "")))
            yield statement
        if rule := RULE.match(statement.text):
            rules[_plain(rule[1]), rule["rule"]] = rule["column"]
            if not rule["unproved"]:
                proved.add((_plain(rule[1]), rule["column"]))
        elif validation := VALIDATION.match(statement.text):
            column = rules.get((_plain(validation[1]), validation["rule"]))
            if column is not None:
                proved.add((_plain(validation[1]), column))
        elif (tightening := TIGHTENING.match(statement.text)) and (
            _plain(tightening[1]),
            tightening["column"],
        ) in proved:
            yield statement


def _plain(table: str) -> str:
    return table.removeprefix("public.")
