"""Pages of the site as a whole: the home page."""

from flask import Blueprint, Flask

blueprint = Blueprint("pages", __name__)


def init_app(app: Flask) -> None:
    """Register the pages."""
    from marketplace.pages import views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
