"""The link with which a member's page offers to block them."""

from flask import url_for
from flask_login import current_user
from markupsafe import Markup

from marketplace.personal import macro


def block_link(username: str, member_id: int) -> Markup:
    """Return the link to block a member; none on one's own page. Visitors log in on the way."""
    if current_user.is_authenticated and current_user.id == member_id:
        return Markup("")
    return macro("blocks/parts/link.html", "link")(url_for("blocks.ask", username=username))
