"""Blocks: members who do not want to meet on the site do not see each other's things.

What a member may find is decided where it is read, with `queries.apart` and `queries.apart_in_sql`.
"""

from flask import Blueprint, Flask

blueprint = Blueprint("blocks", __name__)


def init_app(app: Flask) -> None:
    """Register the pages, the link that leads to them, and the list on the account page."""
    from marketplace import personal
    from marketplace.accounts import sections
    from marketplace.blocks import queries, views
    from marketplace.blocks.links import block_link
    from marketplace.own_data import parts

    app.register_blueprint(blueprint)
    personal.register(app, "block_link", block_link)
    sections.register(app, "blocked_members", views.blocked_members)
    parts.register(app, "blocked_members", "Whom you have blocked.", queries.OWN_BLOCKS)
