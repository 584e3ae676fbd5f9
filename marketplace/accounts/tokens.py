"""What a letter carries to let its reader do one thing, once, within an hour.

A token is signed for one purpose, and fits its member only as the member was when it was made: after
another password, address, proof of the address or end of all sessions it is worth nothing, and doing what
it is for is one of these.
"""

from dataclasses import dataclass
from hashlib import blake2b

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer

from marketplace.accounts.models import User

VERIFY = "accounts.verify-address"
RESET = "accounts.reset-password"
CHANGE = "accounts.change-address"

LASTS_SECONDS = 3600


@dataclass(frozen=True)
class Token:
    """What a token says. `address` is the one to change to, if that is its purpose."""

    member_id: int
    state: str
    address: str

    def fits(self, member: User) -> bool:
        """Tell whether the member is as when the token was made."""
        return self.member_id == member.id and self.state == _state_of(member)


def make_token(purpose: str, member: User, address: str = "") -> str:
    """Return a token for `purpose` that holds from now on for an hour."""
    return str(_serializer(purpose).dumps([member.id, _state_of(member), address]))


def read_token(purpose: str, text: str) -> Token | None:
    """Return what a token says; None when it is not ours, for something else, or older than an hour."""
    try:
        return Token(*_serializer(purpose).loads(text, max_age=LASTS_SECONDS))
    except BadData:
        return None


def _serializer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key, salt=purpose)  # type: ignore[arg-type]


def _state_of(member: User) -> str:
    """A digest of what a token is bound to. It is keyed, since everybody can read a token."""
    state = (
        member.password_hash,
        member.email,
        member.email_verified_at and member.email_verified_at.timestamp(),
        member.session_epoch,
    )
    key = blake2b(str(current_app.secret_key).encode()).digest()
    return blake2b(repr(state).encode(), key=key, digest_size=16).hexdigest()
