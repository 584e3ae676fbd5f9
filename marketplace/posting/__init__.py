"""Posting: from an empty form by way of a draft to a listing, and what its owner does with it then."""

from flask import Blueprint, Flask

blueprint = Blueprint("posting", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and `flask listings`."""
    from marketplace.posting import command, own_views, views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
    app.cli.add_command(command.listings)
