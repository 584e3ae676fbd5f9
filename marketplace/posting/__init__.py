"""Posting: from an empty form by way of a draft to a published listing, and the same for changing one."""

from flask import Flask


def init_app(_app: Flask) -> None:
    """Make the feature's tables known to the migrations."""
    from marketplace.posting import models  # noqa: F401 - importing it is all that is needed.
