"""Letters that are in the outbox, and the links in them."""

import re
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def letters(rows: Callable[..., list[Any]]) -> Callable[[], list[tuple[str, str]]]:
    """Returns the letters that were written so far, each as its name and where it goes."""
    return lambda: [tuple(row) for row in rows("SELECT name, address FROM outbox ORDER BY id")]


@pytest.fixture
def link(rows: Callable[..., list[Any]]) -> Callable[[], str]:
    """Returns the path that the last letter with a token names."""

    def last() -> str:
        found = rows("SELECT text FROM outbox WHERE text LIKE '%/%.%.%' ORDER BY id DESC")
        for (text,) in found:
            if match := re.search(r"^http://localhost:8000(/\S+\.\S+\.\S+)$", text, re.MULTILINE):
                return match[1]
        raise AssertionError("no letter has a link with a token")

    return last
