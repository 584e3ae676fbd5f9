"""Members: the public page of each, with all that the member has on show."""

from flask import Blueprint, Flask

blueprint = Blueprint("members", __name__)


def init_app(app: Flask) -> None:
    """Register the page."""
    from marketplace.members import views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
