"""What a refresh leaves as it is in a document, and what it writes anew."""

import pytest

from tests.guide.merging import merge

CASES = {
    "what still holds stays, times and all": (
        "Upgraded a → b: 1 migration, 0.6 s\nlast",
        "Upgraded a → b: 1 migration, 12 s\nlast\n",
        "Upgraded a → b: 1 migration, 0.6 s\nlast",
    ),
    "a line that changed": ("first\n5 of 5 tables", "first\n9 of 9 tables", "first\n9 of 9 tables"),
    "a line that is new": ("first\nlast", "first\nadded\nlast", "first\nadded\nlast"),
    "a line that is gone": ("first\ngone\nlast", "first\nlast", "first\nlast"),
    "lines that are left out": ("…\n(5 rows)\n\n…", "a\nb\n(9 rows)\n\nc\nd\n", "…\n(9 rows)\n\n…"),
    "words that are left out": (
        "at 5  upgrade  a  …  … as kula",
        "at 5  upgrade  b  0.02  me@here as kula",
        "at 5  upgrade  b  … as kula",
    ),
    "a new line leaves out what the one before it does": (
        "one  by … here",
        "one  by me here\ntwo  by me here",
        "one  by … here\ntwo  by … here",
    ),
    "progress of a slow machine": ("Restored", "Reading the file …\nRestored", "Restored"),
}


@pytest.mark.parametrize(("shown", "printed", "merged"), CASES.values(), ids=CASES)
def test_outputs_are_merged(shown: str, printed: str, merged: str) -> None:
    assert merge(shown, printed) == merged
