"""Saved: the listings that a member watches and the searches that a member keeps."""

from flask import Flask


def init_app(_app: Flask) -> None:
    """Make the feature's tables known to the migrations."""
    from marketplace.saved import models  # noqa: F401 - importing it is all that is needed.
