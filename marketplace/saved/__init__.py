"""Saved: the listings that a member watches and the searches that a member keeps."""

from flask import Blueprint, Flask

blueprint = Blueprint("saved", __name__)


def init_app(app: Flask) -> None:
    """Register the pages."""
    from marketplace.saved import views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
