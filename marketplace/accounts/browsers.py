"""Browsers in which a member has logged in before: what others try does not keep them out.

Such a browser has a cookie, signed for this member and this password. It lets nobody in; its attempts to log
in are only counted apart from everybody else's.
"""

import hashlib
import secrets

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, Signer

from marketplace.accounts.models import User

# The longest that browsers keep a cookie.
LASTS_SECONDS = 400 * 86_400


def known_browser(member: User | None) -> str | None:
    """Return the name of the browser that asks, if `member` has logged in in it with the present password."""
    if member is None:
        return None
    cookie = request.cookies.get(current_app.config["BROWSER_COOKIE_NAME"], "")
    try:
        return _signer(member).unsign(cookie).decode()
    except (BadSignature, UnicodeError):
        return None


def remember_browser(member: User) -> None:
    """Let the browser that gets this request's answer be known as one of the member's."""
    name = known_browser(member) or secrets.token_hex(8)

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            current_app.config["BROWSER_COOKIE_NAME"],
            _signer(member).sign(name).decode(),
            max_age=LASTS_SECONDS,
            secure=current_app.config["SESSION_COOKIE_SECURE"],
            httponly=True,
            samesite="Lax",
        )
        return response


def _signer(member: User) -> Signer:
    salt = f"known browser {member.id} {member.password_hash}"
    return Signer(current_app.config["SECRET_KEY"], salt=salt, digest_method=hashlib.sha256)
