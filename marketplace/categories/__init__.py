"""Categories: the tree under which listings are found, its pages, and the command that loads it."""

from flask import Blueprint, Flask

blueprint = Blueprint("categories", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, `flask categories` and the drawings."""
    from marketplace.categories import (  # noqa: F401 - the views attach to the blueprint.
        command,
        drawings,
        editing_views,
        views,
    )

    app.register_blueprint(blueprint)
    drawings.init_app(app)
    app.cli.add_command(command.categories)
