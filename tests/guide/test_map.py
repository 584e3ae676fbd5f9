"""docs/TESTING.md says for each line of the founding document which test proves it; each of these exists."""

import ast
import re
from functools import cache

import pytest

from tests.support.postgresql import ROOT

HEADING = "## Every line of the founding document"
SECTION = (ROOT / "docs/TESTING.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in SECTION.splitlines()
    if re.match(r"\| `", line)
]
# What the founding document holds, by the beginnings of its lines.
NUMBERS = {"- [ ] ": 10, "- ❌ ": 4, "- ✅ ": 5, "### Problem: ": 4, "alembic ": 15}


@cache
def names_in(file: str) -> frozenset[str]:
    """The names of a file's test functions."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_line_has_a_command_and_a_test_that_exists(row: list[str]) -> None:
    line, command, test = row
    assert line.strip("` ")
    assert command
    file, _, name = test.strip("`").partition("::")
    assert (ROOT / file).is_file(), test
    assert name in names_in(file), test


@pytest.mark.parametrize(("beginning", "number"), NUMBERS.items())
def test_no_line_is_missing_or_there_twice(beginning: str, number: int) -> None:
    lines = [row[0].strip("` ") for row in ROWS]
    assert len(lines) == len(set(lines))
    assert len([line for line in lines if line.startswith(beginning)]) == number
