"""Posting: from an empty form by way of a draft to a listing, and what its owner does with it then."""

from flask import Blueprint, Flask

blueprint = Blueprint("posting", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and `flask listings`."""
    from marketplace.mail import topics
    from marketplace.own_data import parts
    from marketplace.posting import (
        command,
        endings,
        own_views,  # noqa: F401 - the views attach to the blueprint.
        queries,
        views,  # noqa: F401
    )

    app.register_blueprint(blueprint)
    app.cli.add_command(command.listings)
    topics.register(app, endings.LETTER, "One of your listings ends in a week")
    parts.register(app, "drafts", "Your drafts, as far as they were filled in.", queries.OWN_DRAFTS)
