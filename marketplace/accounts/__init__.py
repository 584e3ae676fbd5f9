"""Accounts: who the members are, and how they register, log in and log out."""

from flask import Blueprint, Flask

from marketplace.extensions import login_manager

blueprint = Blueprint("accounts", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, the command, and how a session is turned back into its member."""
    from marketplace.accounts import queries, views  # noqa: F401 - the views attach to the blueprint.
    from marketplace.accounts.command import members

    app.register_blueprint(blueprint)
    app.cli.add_command(members)
    login_manager.user_loader(queries.find_member_by_session)
