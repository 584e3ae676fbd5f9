"""Reads the founding document: the guide that the operators' side was built to make true, word for word."""

import re
from collections.abc import Iterator
from pathlib import Path

PATH = Path(__file__).with_name("founding_document.md")
FENCE = re.compile(r"```(\w*)$")
# What promises nothing: rules between sections, the document's own edition, and the label of a list.
SAYS_NOTHING = re.compile(r"---|\*\*Version:\*\* .*|\*\*Solution:\*\*")
PROBLEM = "### Problem: "


def read_lines() -> list[str]:
    """Return what the document says, in its order, each line once.

    Lines of text, of lists, of tables without their headers, of the tree, of code; a query of several lines
    is one. Of headings only those of problems: the others name what comes below them.
    """
    return list(dict.fromkeys(_lines()))


def read_headings() -> list[str]:
    """Return all headings without their signs."""
    return [
        re.sub(r"^#+ \W*", "", line)
        for _, language, line in _with_language()
        if language is None and line.startswith("#")
    ]


def _lines() -> Iterator[str]:
    query: list[str] = []
    for lines, language, line in _with_language():
        if language == "sql" and not line.startswith(("--", "\\")):
            query.append(line.strip())
            if line.endswith(";"):
                yield " ".join(query)
                query = []
        elif language is not None:
            yield line.strip()
        elif _is_header(lines) or SAYS_NOTHING.fullmatch(line):
            continue
        elif not line.startswith("#") or line.startswith(PROBLEM):
            yield line


def _is_header(lines: tuple[str, str]) -> bool:
    """Whether a line or the one below it is the rule under a table's header."""
    return any(line.startswith("|-") for line in lines)


def _with_language() -> Iterator[tuple[tuple[str, str], str | None, str]]:
    """Yield each line that is not blank: with the one below it; the language of its block, None for text."""
    language: str | None = None
    lines = PATH.read_text(encoding="utf-8").splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if fence := FENCE.match(line):
            language = fence[1] if language is None else None
        elif line.strip():
            yield (line, below), language, line
