"""The sections of a member's account page. Each feature registers its own, and a template shows it."""

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app

# In the order of the page.
NAMES = (
    "profile",
    "address",
    "password",
    "second_factor",
    "devices",
    "notifications",
    "blocked_members",
    "moderation",
    "own_data",
)

Load = Callable[[], Any]


def register(app: Flask, name: str, load: Load) -> None:
    """Show `accounts/sections/<name>.html`, in which `section` is what `load()` returns for current_user."""
    assert name in NAMES, name
    app.extensions.setdefault("account_sections", {})[name] = load


def load_sections(**known: Any) -> list[tuple[str, Any]]:
    """Return the sections with what each of them shows; `known` ones are not loaded."""
    loaders: dict[str, Load] = current_app.extensions["account_sections"]
    return [(name, known[name] if name in known else loaders[name]()) for name in NAMES if name in loaders]
