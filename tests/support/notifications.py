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
    of_features = set(app.extensions.get("notification_kinds", {}))
    for name in ("letter_topics", "notification_kinds"):
        known = app.extensions.get(name, {}).items()
        kept = {kind: what for kind, what in known if kind not in of_features}
        monkeypatch.setitem(app.extensions, name, kept)
    kinds.register(app, TOLD)
    kinds.register(app, SEEN)
