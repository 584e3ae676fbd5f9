"""Screening: words that listings cannot have, and what a moderator looks at before it is on show."""

from flask import Blueprint, Flask

blueprint = Blueprint("screening", __name__)


def init_app(app: Flask) -> None:
    """Register the administrators' page of words."""
    from marketplace.screening import views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
