"""The second factor: codes of an app beside the password, for members who want that."""

from flask import Blueprint, Flask

blueprint = Blueprint("second_factor", __name__)


def init_app(app: Flask) -> None:
    """Register the pages and the operators' command."""
    from marketplace.second_factor import views  # noqa: F401 - the views attach to the blueprint.
    from marketplace.second_factor.command import members

    app.register_blueprint(blueprint)
    app.cli.add_command(members)
