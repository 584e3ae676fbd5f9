"""Devices: where a member is signed in, for how long, and how a session is turned back into its member."""

from flask import Blueprint, Flask

from marketplace.extensions import login_manager

blueprint = Blueprint("devices", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, who is behind a session, and that the use of a device is noted."""
    from marketplace.accounts import sections
    from marketplace.devices import queries, sessions, views  # noqa: F401 - the views attach to it.
    from marketplace.own_data import parts

    app.register_blueprint(blueprint)
    sections.register(app, "devices", lambda: None)
    parts.register(app, "devices", "The browsers in which you signed in.", queries.OWN_DEVICES)
    login_manager.user_loader(sessions.member_behind)
    app.after_request(sessions.note_use)
