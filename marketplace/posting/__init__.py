"""Posting: from an empty form by way of a draft to a listing, and what its owner does with it then."""

from flask import Blueprint, Flask

blueprint = Blueprint("posting", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and `flask listings`."""
    from marketplace.own_data import parts
    from marketplace.posting import command, own_views, queries, views  # noqa: F401 - they attach to it.

    app.register_blueprint(blueprint)
    app.cli.add_command(command.listings)
    parts.register(app, "drafts", "Your drafts, as far as they were filled in.", queries.OWN_DRAFTS)
