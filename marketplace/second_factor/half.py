"""A log-in that is half done: the password was right, and the code is still to come.

It is in the visitor's session, which is signed, and bound to the account as it was at that moment: it ends
with a new password, with the end of all sessions, and by itself after ten minutes.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass

from flask import current_app, session

from marketplace.accounts.models import User
from marketplace.devices.sessions import end_session
from marketplace.extensions import db
from marketplace.second_factor.rules import HALF_LOGIN_SECONDS

KEY = "half_login"


@dataclass(frozen=True)
class HalfLogin:
    """Whose log-in it is, and what was asked for with the password."""

    member: User
    remember: bool
    next: str | None


def begin(member: User, remember: bool, target: str | None) -> None:
    """Note in a new session that the member's password was right."""
    end_session()
    session[KEY] = {
        "member": member.id,
        "account": _account(member),
        "until": int(time.time()) + HALF_LOGIN_SECONDS,
        "remember": remember,
        "next": target,
    }


def find() -> HalfLogin | None:
    """Return the log-in that is half done in this browser; None when there is none, or no longer."""
    noted = session.get(KEY)
    if noted is None or noted["until"] < time.time():
        return None
    member = db.session.get(User, noted["member"])
    if member is None or not member.is_active or not hmac.compare_digest(_account(member), noted["account"]):
        return None
    return HalfLogin(member, noted["remember"], noted["next"])


def end() -> None:
    """Forget it."""
    session.pop(KEY, None)


def _account(member: User) -> str:
    """Return what changes with the member's password and session number, and tells nothing of them."""
    state = f"half log-in {member.id} {member.session_epoch} {member.password_hash}"
    return hmac.new(current_app.config["SECRET_KEY"].encode(), state.encode(), hashlib.sha256).hexdigest()
