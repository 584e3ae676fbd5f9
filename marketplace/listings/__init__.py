"""Listings: what members offer and want in return, and the pages that show it."""

from flask import Blueprint, Flask

blueprint = Blueprint("listings", __name__)


def init_app(app: Flask) -> None:
    """Register the pages."""
    from marketplace.listings import views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
