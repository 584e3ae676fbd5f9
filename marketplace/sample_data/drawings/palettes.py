"""Colours that belong together: those of the site's pages, paler for the rooms and fuller for the things."""

from typing import NamedTuple


class Palette(NamedTuple):
    """A room's colours, and those of the thing that stands in it."""

    wall: str
    glow: str
    floor: str
    shade: str
    main: str
    second: str
    accent: str
    dark: str
    light: str


SEA, SHELL, SAIL, SAND, LEAF = "#0a666a", "#c9512f", "#e5a93c", "#857860", "#5b7f4a"
INK, PAPER = "#14282a", "#fffcf6"

PALETTES = (
    Palette("#f3e8d3", "#faf3e4", "#d9c6a4", "#c3ad87", SHELL, SEA, SAIL, INK, PAPER),
    Palette("#cfe4df", "#e3f0ec", "#a9c9c2", "#8fb3ab", SAIL, SHELL, SEA, INK, PAPER),
    Palette("#f8dccd", "#fcebe1", "#e6bda8", "#d1a28b", SEA, SAIL, SHELL, INK, PAPER),
    Palette("#f6e3b4", "#fbf0d3", "#e0c483", "#c9aa65", LEAF, SHELL, SEA, INK, PAPER),
    Palette("#dfe6cd", "#edf1e2", "#bfcba3", "#a5b387", SHELL, SAND, SAIL, INK, PAPER),
    Palette("#d8dde6", "#e8ecf2", "#b7bfce", "#9ca6b8", SEA, SHELL, SAIL, INK, PAPER),
)
