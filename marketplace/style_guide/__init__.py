"""The style guide: every component in every state, on one page. Development only."""

from flask import Blueprint, Flask

blueprint = Blueprint("style_guide", __name__)


def init_app(app: Flask) -> None:
    """Register the page, except in production, where it does not exist."""
    from marketplace.style_guide import views  # noqa: F401 - the view attaches to the blueprint.

    if app.config["ENV_NAME"] == "development":
        app.register_blueprint(blueprint)
