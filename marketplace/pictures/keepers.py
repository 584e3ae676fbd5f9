"""What else shows pictures besides items and drafts: they are kept for as long as it does."""

from flask import Flask, current_app
from sqlalchemy import ColumnElement


def register(app: Flask, is_kept: ColumnElement[bool]) -> None:
    """Keep the pictures for which this condition on `Picture` is true."""
    app.extensions.setdefault("picture_keepers", []).append(is_kept)


def kept_elsewhere() -> list[ColumnElement[bool]]:
    """Return the conditions that were registered."""
    conditions: list[ColumnElement[bool]] = current_app.extensions.get("picture_keepers", [])
    return conditions
