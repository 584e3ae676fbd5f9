"""The colours that are read on each other differ enough, in light and in dark: WCAG 2.2, 1.4.3 and 1.4.11."""

import re

import pytest

from tests.support.contrast import contrast
from tests.support.project import STATIC

TOKENS = (STATIC / "css" / "tokens.css").read_text()
DARK = re.compile(r"@media \(prefers-color-scheme: dark\) \{\s*:root \{(.*?)\}\s*\}", re.DOTALL)
DECLARATION = re.compile(r"--([\w-]+):\s*([^;]+);")
WORDS = 4.5
# For what is no text: edges of fields, rings of focus, beads that say something.
SHAPES = 3.0

# What is read, and all that it is read on.
TEXTS = {
    "text": ["page", "surface", "sunk", "note-surface", "lend-surface", "swap-surface", "danger-surface"],
    "quiet": ["page", "surface", "sunk", "note-surface", "lend-surface"],
    "link": ["page", "surface", "sunk", "note-surface", "lend-surface", "danger-surface"],
    "link-hover": ["page", "surface", "sunk", "note-surface"],
    "danger": ["page", "surface", "danger-surface"],
    "action-text": ["action", "action-hover"],
    "danger-text": ["danger"],
    "swap-text": ["swap-surface"],
    "lend-text": ["lend-surface"],
    "band-text": ["band"],
    "band-action-text": ["band-action", "band-action-hover"],
    "band-action-hover": ["band"],
}
EDGES = {
    "line-control": ["page", "surface"],
    "focus": ["page", "surface", "sunk"],
    "band-focus": ["band"],
    "band-action": ["band"],
    "action": ["page", "surface"],
    "swap": ["page", "surface"],
    "lend": ["page", "surface"],
    "danger": ["page", "surface"],
}
PAIRS = [
    (scheme, ink, ground, least)
    for scheme in ("light", "dark")
    for pairs, least in ((TEXTS, WORDS), (EDGES, SHAPES))
    for ink, grounds in pairs.items()
    for ground in grounds
]


def tokens(scheme):
    """The values of all tokens in a scheme."""
    light = dict(DECLARATION.findall(DARK.sub("", TOKENS)))
    return light if scheme == "light" else light | dict(DECLARATION.findall(DARK.search(TOKENS)[1]))


def colour(name, scheme):
    """The colour that a token comes down to, as #rrggbb."""
    values = tokens(scheme)
    value = values[name]
    while reference := re.fullmatch(r"var\(--([\w-]+)\)", value):
        value = values[reference[1]]
    assert re.fullmatch(r"#[0-9a-f]{6}", value), f"{name}: {value}"
    return value


@pytest.mark.parametrize(("scheme", "ink", "ground", "least"), PAIRS)
def test_what_is_read_stands_out(scheme, ink, ground, least):
    assert contrast(colour(ink, scheme), colour(ground, scheme)) >= least


def test_light_and_dark_name_the_same_roles():
    dark = set(dict(DECLARATION.findall(DARK.search(TOKENS)[1])))
    assert dark <= set(tokens("light"))


def test_no_style_sheet_uses_a_token_that_is_not_there():
    named = set(tokens("light"))
    for file in (STATIC / "css").rglob("*.css"):
        used = set(re.findall(r"var\(--([\w-]+)\)", file.read_text()))
        assert used <= named, file.name


def test_every_token_is_used():
    used = {
        name
        for file in (STATIC / "css").rglob("*.css")
        for name in re.findall(r"var\(--([\w-]+)\)", file.read_text())
    }
    assert set(tokens("light")) - used == set()
