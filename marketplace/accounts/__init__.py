"""Accounts: who the members are, and how they register, log in and log out."""

from flask import Blueprint, Flask
from flask_login import current_user
from markupsafe import Markup

blueprint = Blueprint("accounts", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, the command, and what each page tells a member who is not verified."""
    from marketplace import personal
    from marketplace.accounts import own_views, queries, sections, views  # noqa: F401 - they attach to it.
    from marketplace.accounts.command import members
    from marketplace.own_data import parts

    app.register_blueprint(blueprint)
    app.cli.add_command(members)
    for name in ("address", "password"):
        sections.register(app, name, lambda: None)
    parts.register(app, "account", "Who you are here.", queries.OWN_ACCOUNT)
    personal.register(app, "unverified", _unverified)


def _unverified() -> Markup:
    """What each page says to a member who has not proved to own the address yet; nothing to all others."""
    from marketplace.personal import macro

    if not current_user.is_authenticated or current_user.is_verified:
        return Markup("")
    return macro("accounts/parts/unverified.html", "unverified")()
