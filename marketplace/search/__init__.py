"""Search: finding listings by words, categories and filters, and counting what would be found."""

from flask import Flask


def init_app(_app: Flask) -> None:
    """Make the feature's tables known to the migrations."""
    from marketplace.search import models  # noqa: F401 - importing it is all that is needed.
