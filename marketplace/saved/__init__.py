"""Saved: the listings that a member watches and the searches that a member keeps."""

from flask import Blueprint, Flask

blueprint = Blueprint("saved", __name__)


def init_app(app: Flask) -> None:
    """Register the pages."""
    from marketplace.own_data import parts
    from marketplace.saved import queries, views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
    parts.register(app, "saved_searches", "The searches that you keep.", queries.OWN_SEARCHES)
    parts.register(app, "watched_listings", "The listings that you watch, by number.", queries.OWN_WATCHED)
