"""Brings what a document shows up to what was printed, and leaves all that still holds as it is."""

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from functools import cache

from tests.guide.documents import PROGRESS, output_matches

ANYTHING = "…"
# What a step of an alignment costs; lines that have less in common than this are not the same one.
DIFFERENT, SKIPPED, LEFT_OUT = 0.5, 1.0, 0.01

# A pair is an element of what is shown and one of what was printed; either may be missing.
Pairs = list[tuple[int | None, int | None]]


def merge(shown: str, printed: str) -> str:
    """Return the output to show: lines that match stay, others are those printed.

    `…` goes on to stand for what it stood for, in a line and for whole lines. A new line leaves out
    what the line before it leaves out.
    """
    old = shown.splitlines()
    new = [line.rstrip() for line in PROGRESS.sub("", printed.strip("\n") + "\n").splitlines()]
    merged = []
    template = ""
    for left, right in align(old, new, _lines_differ):
        if left is not None and old[left].strip() == ANYTHING:
            if right is None:
                merged.append(old[left])
        elif right is not None:
            template = template if left is None else old[left]
            same = left is not None and output_matches(old[left], new[right])
            merged.append(template if same else _merge_line(template, new[right]))
    return "\n".join(merged)


def align(old: Sequence[str], new: Sequence[str], differ: Callable[[str, str], float]) -> Pairs:
    """Pair the elements of two sequences in their order, so that as little as possible differs.

    An element `…` of `old` is paired with any number of `new`, and then with none.
    """

    @cache
    def best(i: int, j: int) -> tuple[float, tuple[str, int, int] | None]:
        """What it costs to align the rest from `i` and `j` on, and the first step of it."""
        if i == len(old) and j == len(new):
            return 0, None
        ways = []
        if i < len(old):
            wild = old[i].strip() == ANYTHING
            ways.append((best(i + 1, j)[0] + (0 if wild else SKIPPED), ("old", i + 1, j)))
            if j < len(new) and wild:
                ways.append((best(i, j + 1)[0] + LEFT_OUT, ("both", i, j + 1)))
            elif j < len(new) and (cost := differ(old[i], new[j])) < DIFFERENT:
                ways.append((best(i + 1, j + 1)[0] + cost, ("both", i + 1, j + 1)))
        if j < len(new):
            ways.append((best(i, j + 1)[0] + SKIPPED, ("new", i, j + 1)))
        return min(ways)

    pairs: Pairs = []
    i = j = 0
    while (step := best(i, j)[1]) is not None:
        kind, next_i, next_j = step
        pairs.append((None if kind == "new" else i, None if kind == "old" else j))
        i, j = next_i, next_j
    return pairs


def _merge_line(template: str, line: str) -> str:
    """The line that was printed, with `…` where the template has one."""
    old, new = template.split(), list(re.finditer(r"\S+", line))
    pieces: list[str] = []
    told, end = None, 0
    for left, right in align(old, [word[0] for word in new], _words_differ):
        if right is None:
            continue
        before, end = line[end : new[right].start()], new[right].end()
        if left is None or ANYTHING not in old[left]:
            pieces += [before, new[right][0]]
        elif left != told:
            pieces += [before, old[left]]
            told = left
    return "".join(pieces)


def _lines_differ(old: str, new: str) -> float:
    if output_matches(old, new):
        return 0
    return 1 - SequenceMatcher(None, old, new, autojunk=False).ratio()


def _words_differ(old: str, new: str) -> float:
    return 0 if output_matches(old, new) else 0.4
