"""A member's own data: a copy of all of it to take along, and leaving, after which nothing of it remains.

Owns no table. Each feature says in its `init_app`, by `parts`, what it has of a member, and what else is to
be done when a member is deleted.
"""

from flask import Blueprint, Flask

blueprint = Blueprint("own_data", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and the command, and show members who are leaving the way back."""
    from marketplace.accounts import sections
    from marketplace.own_data import (
        command,  # noqa: F401 - it attaches to `flask members`.
        leaving,
        views,  # noqa: F401 - the views attach to the blueprint.
    )

    app.register_blueprint(blueprint)
    sections.register(app, "own_data", lambda: None)
    leaving.init_app(app)
