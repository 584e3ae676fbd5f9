"""Reads the operators' documents as the programs they are: commands in order, each with its output.

A document's conventions, all of which show when it is read on a page:

- a fenced `bash` or `sql` block is run; a fenced `text` block right after it is its output;
- in an output `…` stands for anything on one line, a line of only `…` for any number of lines, and a
  duration, a moment or a size for any other; spaces between words do not count, nor do the lines of
  progress that a slow machine prints;
- a comment `<!-- given: a state -->` before a block names what the test must set up first;
- a comment `<!-- exits: 1 -->` before a block says that its last command ends with that status, not 0;
- a comment `<!-- not run: a reason -->` before a block exempts it.

A block in a numbered step is indented as the step is.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

FENCE = re.compile(r"^( *)```(\w*)\s*$")
COMMENT = re.compile(r"^ *<!-- (given|exits|not run): (.+) -->$")
NUMBER = r"\d+(?:\.\d+)?"
# What differs from run to run: durations, moments on a page and in a name, sizes.
VARIES = re.compile(
    rf"(?P<duration>{NUMBER} s\b)"
    r"|(?P<moment>\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?)"
    r"|(?P<compact>\d{8}T\d{6}Z)"
    rf"|(?P<size>{NUMBER} (?:[kMGT]?B|bytes)\b)"
    r"|(?P<anything>…)"
)
# "Reading the file …": printed when something has taken longer than a second.
PROGRESS = re.compile(r"^[A-Z][^\n]* …\n", re.MULTILINE)
ANY_OTHER = {
    "duration": rf"{NUMBER} s",
    "moment": r"\d{4}-\d\d-\d\d \d\d:\d\d(?::\d\d)?",
    "compact": r"\d{8}T\d{6}Z",
    "size": rf"{NUMBER} (?:[kMGT]?B|bytes)",
    "anything": r"[^\n]*",
}


@dataclass(frozen=True)
class Block:
    """Commands of a document; `output` is None where none is shown, `not_run` the reason of an exemption.

    `exits` is the status that the last command must end with, `shown` the first line of the output and the
    one after its last, counted from 0, and `indentation` what each of them begins with.
    """

    document: str
    line: int
    section: str
    language: str
    commands: str
    output: str | None
    given: str | None
    not_run: str | None
    exits: int = 0
    shown: tuple[int, int] = (0, 0)
    indentation: str = ""

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def read_blocks(path: Path) -> list[Block]:
    """Return the `bash` and `sql` blocks of a Markdown file in their order."""
    blocks: list[Block] = []
    section = ""
    notes: dict[str, str] = {}
    # Whether only blank lines have followed the last block, so that a `text` block is its output.
    adjacent = False
    lines = iter(enumerate(path.read_text(encoding="utf-8").splitlines(), start=1))
    for number, line in lines:
        if fence := FENCE.match(line):
            indentation, language = fence[1], fence[2]
            body = []
            for _, inner in lines:
                if inner.lstrip().startswith("```"):
                    break
                body.append(inner.removeprefix(indentation))
            text = "\n".join(body)
            if language == "text" and adjacent:
                blocks[-1] = replace(blocks[-1], output=text, shown=(number, number + len(body)))
            elif language in ("bash", "sql"):
                blocks.append(
                    Block(
                        document=path.name,
                        line=number,
                        section=section,
                        language=language,
                        commands=text,
                        output=None,
                        given=notes.pop("given", None),
                        not_run=notes.pop("not run", None),
                        exits=int(notes.pop("exits", "0")),
                        indentation=indentation,
                    )
                )
            adjacent = language in ("bash", "sql")
        elif comment := COMMENT.match(line):
            notes[comment[1]] = comment[2]
        elif line.startswith("#"):
            section = line.lstrip("# ")
            adjacent = False
        elif line.strip():
            adjacent = False
    return blocks


def output_matches(shown: str, printed: str) -> bool:
    """Tell whether what was printed is what the document shows, but for what differs from run to run."""
    pattern = ""
    for line in _plain(shown).splitlines():
        if line.strip() == "…":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            pattern += f"{_pattern(line)}\n"
    return re.fullmatch(pattern, PROGRESS.sub("", _plain(printed) + "\n")) is not None


def _plain(text: str) -> str:
    """The text with one space for several, and none at the ends of lines."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


def _pattern(line: str) -> str:
    """A pattern for a line and for all that differ from it only as two runs do."""
    pattern, end = "", 0
    for varying in VARIES.finditer(line):
        assert varying.lastgroup
        pattern += re.escape(line[end : varying.start()]) + ANY_OTHER[varying.lastgroup]
        end = varying.end()
    return pattern + re.escape(line[end:])
