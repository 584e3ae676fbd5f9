"""Moderation: the queue of cases, what moderators decide, and what the members concerned are told."""

from flask import Blueprint, Flask

blueprint = Blueprint("moderation", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, and turn suspended members away."""
    from marketplace import personal
    from marketplace.accounts import sections
    from marketplace.moderation import (
        models,  # noqa: F401 - makes the table known to the migrations.
        notice,
        queries,
        suspension,
        views,  # noqa: F401 - the views attach to the blueprint.
    )
    from marketplace.own_data import parts

    app.register_blueprint(blueprint)
    suspension.init_app(app)
    personal.register(app, "moderators_notice", notice.unread)
    sections.register(app, "moderation", lambda: None)
    parts.register(
        app, "notices", "What moderators decided about you and your listings.", queries.OWN_MEASURES
    )
