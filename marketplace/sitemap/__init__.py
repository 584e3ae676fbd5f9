"""The sitemap and robots.txt: what search engines may look at, and where they find it."""

from flask import Blueprint, Flask

blueprint = Blueprint("sitemap", __name__)


def init_app(app: Flask) -> None:
    """Register the addresses."""
    from marketplace.sitemap import views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
