"""Pictures: what members upload to show their items."""

from flask import Flask


def init_app(_app: Flask) -> None:
    """Make the feature's tables known to the migrations."""
    from marketplace.pictures import models  # noqa: F401 - importing it is all that is needed.
