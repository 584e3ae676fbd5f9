"""The second factor: codes of an app beside the password, for members who want that."""

from flask import Blueprint, Flask
from flask_login import current_user

blueprint = Blueprint("second_factor", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, the part of the account's page, and the operators' command."""
    from marketplace.accounts import sections
    from marketplace.own_data import parts
    from marketplace.second_factor import (
        command,  # noqa: F401 - it attaches to `flask members`.
        queries,
        views,  # noqa: F401 - the views attach to the blueprint.
    )

    app.register_blueprint(blueprint)
    sections.register(app, "second_factor", lambda: queries.is_on(current_user.id))
    parts.register(app, "second_factor", "Since when you log in with codes of an app.", queries.OWN_FACTOR)
