"""Members who are leaving see one page: the way back."""

from flask import Flask, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.moderation.suspension import ASKS_NOBODY

OPEN = ASKS_NOBODY | {"own_data.way_back", "own_data.stay", "accounts.logout"}


def init_app(app: Flask) -> None:
    """Look at each member before anything is done for them."""

    @app.before_request
    def show_way_back() -> Response | None:
        if request.endpoint is None or request.endpoint in OPEN:
            return None
        if current_user.is_authenticated and current_user.is_leaving:
            return redirect(url_for("own_data.way_back"), 303)
        return None
