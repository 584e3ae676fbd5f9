"""Listings: what members offer and want in return, and the pages that show it."""

from flask import Blueprint, Flask

blueprint = Blueprint("listings", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and the filters."""
    from marketplace import personal
    from marketplace.listings import queries, reading, views  # noqa: F401 - the views attach to the blueprint.
    from marketplace.listings.conditions import condition_in_words
    from marketplace.listings.shown import count_in_words
    from marketplace.own_data import parts

    app.register_blueprint(blueprint)
    personal.register(app, "listing_actions", reading.actions)
    parts.register(app, "listings", "Your listings, with the items of each.", queries.OWN_LISTINGS)
    app.add_template_filter(condition_in_words)
    app.add_template_filter(count_in_words)
