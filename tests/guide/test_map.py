"""docs/TESTING.md says for each line of the founding document what does it here, and which test proves it."""

import re
import shlex
import subprocess
import sys

import click
from flask import Flask
from flask_migrate.cli import db

from tests.guide import founding
from tests.support.postgresql import ROOT

HEADING = "## Every line of the founding document"
SECTION = (ROOT / "docs/TESTING.md").read_text(encoding="utf-8").partition(HEADING)[2].partition("\n## ")[0]
ROWS = [
    [cell.strip().replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in SECTION.splitlines()
    if line.startswith("| `")
]
CODE = re.compile(r"(`+) ?(.+?) ?\1(?!`)")
# Lines that promise nothing of their own: some are told by their signs, the others are these.
SIGNS = re.compile(r"#{2,4} (?!Problem: ).*|```\w*|\|[-|]+\||---")
OTHERS = {
    "# 🗄️ Database Migrations Guide",
    "**Version:** 2.0 | **Last Updated:** November 2025",
    "| Migration | Tables Created | Dependencies |",
    "**Solution:**",
}


def code_in(cell: str) -> list[str]:
    """The spans of code in a cell."""
    return [span[2] for span in CODE.finditer(cell)]


def test_the_map_has_exactly_the_lines_of_the_document() -> None:
    assert [code_in(line) for line, _, _ in ROWS] == [[line] for line in founding.read_lines()]


def test_no_line_that_says_something_is_left_out() -> None:
    said = founding.read_lines()
    for line in founding.PATH.read_text(encoding="utf-8").splitlines():
        plain = line.strip()
        if not plain or plain in OTHERS or SIGNS.fullmatch(plain) or plain in said:
            continue
        # What is left are parts of the queries, each of which is read as one line.
        assert any(plain in query for query in said if query.startswith("SELECT")), plain


def test_every_test_of_the_map_is_collected() -> None:
    tests = {code_in(test)[0] for _, _, test in ROWS}
    files = sorted({test.partition("::")[0] for test in tests})
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "--quiet", "-m", "", *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    collected = {line.partition("[")[0] for line in result.stdout.splitlines()}
    assert tests - collected == set()


def test_every_command_of_ours_exists(app: Flask) -> None:
    cells = [command for _, command, _ in ROWS if command != "–"]
    assert all(code_in(cell) for cell in cells)
    for words in [shlex.split(command) for cell in cells for command in code_in(cell)]:
        if words[0] == "flask":
            group = db if words[1] == "db" else app.cli.commands[words[1]]
            assert isinstance(group, click.Group)
            assert words[2] in group.commands, words


def test_our_guide_has_every_heading() -> None:
    ours = re.findall(r"^#+ (.+)$", (ROOT / "docs/MIGRATIONS.md").read_text(encoding="utf-8"), re.MULTILINE)
    wanted = founding.read_headings()
    assert [heading for heading in ours if heading in wanted] == wanted
