"""Kinds of things that happen, for tests: no feature's."""

import pytest
from flask import Flask

from marketplace.notifications import kinds
from marketplace.notifications.kinds import Kind

TOLD = Kind(
    "told",
    "Somebody tells you something",
    "{who} has something for you: “{thing}”.",
    "listings.item",
    ("item_id",),
    "more",
)
SEEN = Kind("seen", "Somebody looked", "Somebody looked at “{thing}”.", "pages.home", letters="daily")


def register_kinds(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site know them, and no feature's, for as long as a test takes."""
    _add_kinds(app, monkeypatch, hidden=set(app.extensions.get("notification_kinds", {})))


def register_kinds_beside(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the site know them beside those of its features, for as long as a test takes."""
    _add_kinds(app, monkeypatch, hidden=set())


def _add_kinds(app: Flask, monkeypatch: pytest.MonkeyPatch, hidden: set[str]) -> None:
    for name in ("letter_topics", "notification_kinds"):
        known = app.extensions.get(name, {}).items()
        kept = {kind: what for kind, what in known if kind not in hidden}
        monkeypatch.setitem(app.extensions, name, kept)
    kinds.register(app, TOLD)
    kinds.register(app, SEEN)
