"""Suspended members are turned away: their session ends with the next request, and they cannot log in."""

from typing import Any

from flask import Flask, render_template, request, session
from flask_login import current_user, logout_user

from marketplace.accounts.models import User
from marketplace.moderation import queries

# What is the same for everybody, and made without asking who looks: it is worth no statement. And whoever
# wants to leave may.
ASKS_NOBODY = frozenset(
    {
        "static",
        "accounts.logout",
        "pictures.show",
        "health.health",
        "health.details",
        "health.metrics",
        "sitemap.robots",
        "sitemap.index",
        "sitemap.pages",
        "sitemap.listings",
    }
)


def init_app(app: Flask) -> None:
    """Look at each member before anything is done for them."""

    @app.before_request
    def turn_suspended_away() -> Any:
        if request.endpoint is None or request.endpoint in ASKS_NOBODY:
            return None
        # Who is leaving is shown the way back, and turned away after having gone it.
        if current_user.is_authenticated and current_user.is_suspended and not current_user.is_leaving:
            return suspended_page(current_user._get_current_object())
        return None


def suspended_page(member: User) -> tuple[str, int]:
    """End the member's session, and return the page that says why, and until when they are suspended."""
    reason, until = queries.why_suspended(member.id), member.suspended_until
    session.clear()
    logout_user()
    return render_template("moderation/suspended.html", reason=reason, until=until), 403
