"""What the documents show of the chain: its tree, what each revision makes and loses, and its head."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.guide import founding
from tests.support.catalogue import foreign_keys, table_names
from tests.support.operator import CHAIN, FOUNDING_HEAD, HEAD, read_script
from tests.support.postgresql import ROOT

PAGE, REFERENCE = (ROOT / f"docs/{name}.md" for name in ("MIGRATIONS", "API_REFERENCE"))
LATER = CHAIN[CHAIN.index(FOUNDING_HEAD) + 1 :]
# What stands in the page, from its first line to its last.
TREE = re.compile(r"^base \(revision: None\)\n(?:[├│└ ].*\n)+", re.MULTILINE)
KEY_TABLES = re.compile(r"(?<=\|-----------\|----------------\|-------------\|\n)(?:\|.*\n)+")
GOING_DOWN = re.compile(r"(?<=\| Going down from \| Does \|\n\|---\|---\|\n)(?:\|.*\n)+")


def parts(at: Callable[[str], str]) -> Iterator[tuple[re.Pattern[str], str]]:
    """Yield each part's place and its text; `at` returns the URL of a database at a revision."""
    yield TREE, tree()
    yield KEY_TABLES, key_tables(at)
    yield GOING_DOWN, going_down()


def tree() -> str:
    """The chain as a tree: the founding document's own, and the later revisions below it."""
    found = TREE.search(founding.PATH.read_text(encoding="utf-8"))
    assert found
    lines = found[0].splitlines()
    if LATER:
        # Its last revision is not the last one any more.
        lines[-2:] = [lines[-2].replace("└", "├"), lines[-1].replace(" ", "│", 1)]
    for revision in LATER:
        last = revision == LATER[-1]
        lines.append(f"{'└' if last else '├'}── {Path(read_script().get_revision(revision).path).name}")
        lines.append(f"{' ' if last else '│'}   └─ {docstring(revision).splitlines()[0].removesuffix('.')}")
    return "\n".join([*lines, ""])


def key_tables(at: Callable[[str], str]) -> str:
    """The rows of "Key Tables Created": the founding document's, and one for each later one with tables."""
    rows = [line for line in founding.read_lines() if line.startswith("| `")]
    before = table_names(at(FOUNDING_HEAD))
    for revision in LATER:
        url = at(revision)
        made = table_names(url) - before
        before |= made
        if made:
            needed = {key[2] for key in foreign_keys(url) if key[0] in made} - made
            rows.append(f"| `{revision}` | {code(made)} | {code(needed) or 'None'} |")
    return "\n".join([*rows, ""])


def going_down() -> str:
    """What each revision says of its downgrade, newest first."""
    rows = []
    for revision in reversed(CHAIN):
        _, _, says = " ".join(docstring(revision).split()).partition("Going down ")
        rows.append(f"| `{revision}` | {says.removesuffix('.') or 'changes nothing'} |")
    return "\n".join([*rows, ""])


def with_head(reference: str) -> str:
    """The reference, whose examples of the answer of /health name the head and count all revisions."""
    reference = re.sub(r'("head":|"revision":)"\w+"', rf'\g<1>"{HEAD}"', reference)
    return re.sub(r'"pending":[1-9]\d*', f'"pending":{len(CHAIN)}', reference)


def docstring(revision: str) -> str:
    """What a revision's file says of itself."""
    return str(read_script().get_revision(revision).module.__doc__).strip()


def code(names: set[str]) -> str:
    """Names as spans of code, in order."""
    return ", ".join(f"`{name}`" for name in sorted(names))
