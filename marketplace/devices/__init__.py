"""Devices: where a member is signed in, for how long, and how a session is turned back into its member."""

from flask import Blueprint, Flask

from marketplace.extensions import login_manager

blueprint = Blueprint("devices", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, who is behind a session, and the notes that a device is in use."""
    from marketplace.devices import sessions, views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
    login_manager.user_loader(sessions.member_behind)
    app.after_request(sessions.note_use)
