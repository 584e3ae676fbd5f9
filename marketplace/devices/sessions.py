"""What ties the cookie of a session to a device and its member.

The cookie carries the device's secret, and when it was last used to read: a GET never writes, so reading is
noted there, and in the database when a form is sent.
"""

import time
from typing import Any

from flask import Response, current_app, g, request, session
from flask_login import current_user, login_user, logout_user

from marketplace.accounts.browsers import remember_browser
from marketplace.accounts.models import User
from marketplace.database.connections import SAFE_METHODS
from marketplace.database.versions import SHOWS_VERSION
from marketplace.devices import actions, queries
from marketplace.devices.rules import SEEN_EVERY, browser_named

USED_AT = "used_at"


def begin_session(member: User, remember: bool = False) -> None:
    """Sign the member in on this browser, as a new device with a new session.

    Nothing of the former session lives on in it, least of all its CSRF token.
    """
    end_session()
    # Only if it is to be: else the browser forgets the cookie when it is closed.
    session.permanent = remember
    session[USED_AT] = int(time.time())
    browser = browser_named(request.user_agent.string)
    device_id, member.session_name = actions.add_device(member, browser, remember)
    login_user(member)
    remember_browser(member)
    g.behind = queries.Behind(member, device_id, remember, is_confirmed=True, is_stale=False)


def end_session() -> None:
    """Sign this browser out, on the server as well: a copy of its cookie is of no use from now on."""
    behind = current()
    if behind is not None:
        actions.end_device(behind.device_id)
    session.clear()
    logout_user()
    g.pop("behind", None)


def current() -> queries.Behind | None:
    """Return who is behind the session of this request; None for visitors."""
    # Asking for the member is what looks for both.
    behind: queries.Behind | None = g.get("behind") if current_user.is_authenticated else None
    return behind


def member_behind(secret: str) -> User | None:
    """Return the member who is signed in on the device with this secret, for Flask-Login."""
    used_at = session.get(USED_AT, 0)
    view = current_app.view_functions.get(request.endpoint or "")
    behind = queries.find_behind(secret, used_at, and_version=hasattr(view, SHOWS_VERSION))
    if behind is None:
        return None
    g.behind = behind
    behind.member.session_name = secret
    behind.member.is_confirmed = behind.is_confirmed
    return behind.member


def do_not_note_use() -> None:
    """Say that a script asks this by itself: a page that is left open keeps nobody signed in."""
    g.asked_by_itself = True


def note_use(response: Response) -> Response:
    """Note now and then that the device is used: in the cookie, and with a form in the database."""
    behind: Any = g.get("behind")
    if behind is None or "asked_by_itself" in g or "_user_id" not in session:
        return response
    if session.get(USED_AT, 0) <= time.time() - SEEN_EVERY.total_seconds():
        session[USED_AT] = int(time.time())
    if behind.is_stale and request.method not in SAFE_METHODS and response.status_code < 400:
        actions.note_use(behind.device_id)
    return response
