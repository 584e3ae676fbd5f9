"""Search: finding listings by words, categories and filters, and counting what would be found."""

from flask import Blueprint, Flask

blueprint = Blueprint("search", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and `flask search`."""
    from marketplace.search import command, models, views  # noqa: F401 - tables, and views for the blueprint.

    app.register_blueprint(blueprint)
    app.cli.add_command(command.search)
