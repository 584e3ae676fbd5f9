"""Accounts: who the members are, and how they register, log in and log out."""

from flask import Blueprint, Flask

blueprint = Blueprint("accounts", __name__)


def init_app(app: Flask) -> None:
    """Register the pages."""
    from marketplace.accounts import views  # noqa: F401 - the views attach to the blueprint.

    app.register_blueprint(blueprint)
