"""The conditions that a thing can be in, in words."""

from typing import Any

CONDITION_WORDS = {
    "new": "New",
    "like_new": "Like new",
    "good": "Good",
    "worn": "Worn",
    "broken": "Broken, or for parts",
}


def condition_in_words(item: Any) -> str | None:
    """Say in which condition an item is, or which will do when it is wanted; None when nothing is said."""
    if item.condition is None:
        return None
    words = CONDITION_WORDS[item.condition]
    others_will_do = item.kind == "want" and item.condition in ("like_new", "good", "worn")
    return f"{words} or better" if others_will_do else words
