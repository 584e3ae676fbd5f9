"""Decisions about categories, without a database."""

import re
import unicodedata

from marketplace.categories.models import NAME_LENGTH

# For each constraint that a change can break: the fields of which the first that a form has is told, and how.
BROKEN = {
    "uq_categories_parent_id_slug": (
        ("slug", "parent"),
        "There is, or was, another category in this place with the same name in its address",
    ),
    "ck_categories_level_range": (
        ("parent",),
        "Categories lie three levels deep at most: choose one further up",
    ),
}


class CategoryFileError(ValueError):
    """A file of categories cannot be loaded; the message is one sentence."""


def slugify(name: str) -> str:
    """Return `name` as part of an address: lower case, accents folded, hyphens for everything else."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name.lower()).strip("-")


def flatten(document: dict[str, object]) -> list[tuple[str, ...]]:
    """Turn a parsed file into paths of names, parents first, in the file's order.

    The file maps each root to a table, and in it each second level to the list of its third level.
    Raises CategoryFileError for any other shape, for a name that is blank, too long or has control
    characters in it, and for two siblings whose addresses would be the same.
    """
    paths: list[tuple[str, ...]] = []
    for root, seconds in document.items():
        paths.append((root,))
        if not isinstance(seconds, dict):
            raise CategoryFileError(f"“{root}” is not a table: write [“{root}”] and its categories below it.")
        for second, thirds in seconds.items():
            paths.append((root, second))
            if not isinstance(thirds, list) or not all(isinstance(third, str) for third in thirds):
                raise CategoryFileError(f"“{root} / {second}” is not a list of names.")
            paths.extend((root, second, third) for third in thirds)
    _check_names(paths)
    return paths


def _check_names(paths: list[tuple[str, ...]]) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for path in paths:
        shown = " / ".join(path)
        if any(unicodedata.category(letter) == "Cc" for letter in path[-1]):
            raise CategoryFileError(f"{shown!r} has an invisible control character in its name.")
        if not slugify(path[-1]) or len(path[-1]) > NAME_LENGTH:
            raise CategoryFileError(
                f"“{shown}” needs a name of 1 to {NAME_LENGTH} characters with letters in it."
            )
        address = tuple(slugify(name) for name in path)
        if address in seen:
            raise CategoryFileError(f"“{shown}” and “{seen[address]}” would have the same address.")
        seen[address] = shown
