"""The notice on every page of a member who has not read yet what a moderator had to say."""

from flask_login import current_user
from markupsafe import Markup

from marketplace.personal import macro


def unread() -> Markup:
    """Return the notice for the reader, or nothing when there is none to read."""
    if not current_user.is_authenticated or current_user.notice_at is None:
        return Markup("")
    return macro("moderation/parts/notice.html", "unread")()
