"""Members: the public page of each, with all that the member has on show and says about themselves."""

from flask import Blueprint, Flask

blueprint = Blueprint("members", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, and the part of the account page."""
    from marketplace.accounts import sections
    from marketplace.members import clocks, own_views, queries, views  # noqa: F401 - the views attach to it.
    from marketplace.own_data import parts

    app.register_blueprint(blueprint)
    app.add_template_filter(clocks.local)
    sections.register(app, "profile", own_views.own_profile)
    parts.register(app, "profile", "What you say about yourself.", queries.OWN_PROFILE)
