"""Decisions about addresses and passwords, without a database."""

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email
from zxcvbn import zxcvbn

PASSWORD_MINIMUM = 12
PASSWORD_MAXIMUM = 200

# argon2-cffi's defaults are the second recommended option of RFC 9106: argon2id, 64 MiB, 3 passes.
_hasher = PasswordHasher()

# zxcvbn's scale from 0 to 4; below this a password falls within about a million guesses.
_WEAKEST_ALLOWED_SCORE = 2
# zxcvbn takes seconds for longer ones full of digits and signs that may stand for letters, and a longer
# password is not made weaker by what follows.
_SCORED_LENGTH = 24
# zxcvbn keeps the owner's words in a dictionary of the whole process.
_one_at_a_time = threading.Lock()


def standard_address(text: str) -> str | None:
    """Return an e-mail address as it is stored, its domain in ASCII; None when it is none."""
    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        return None
    return address.ascii_email or address.normalized


def standard_name(text: str) -> str:
    """Return the username or e-mail address that somebody logs in by as it is compared, whatever its case."""
    return ((standard_address(text) or text) if "@" in text else text).lower()


def hash_password(password: str) -> str:
    """Return the argon2id hash of `password`, with a salt of its own."""
    return _hasher.hash(password)


def password_matches(password_hash: str | None, password: str) -> bool:
    """Tell whether `password` has this hash; None stands for no account and takes just as long."""
    nothing = _hash_of_nothing()
    try:
        _hasher.verify(password_hash or nothing, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


@cache
def _hash_of_nothing() -> str:
    """Checked when there is no account, so that an unknown name takes as long as a wrong password.

    Made once, at the first password of either kind: commands have none, and need not wait for it.
    """
    return _hasher.hash("")


def is_common(password: str, *known: str) -> bool:
    """Tell whether others would guess `password` early, given the `known` words about its owner."""
    with _one_at_a_time:
        result = zxcvbn(password[:_SCORED_LENGTH], user_inputs=[word[:_SCORED_LENGTH] for word in known])
    return bool(result["score"] < _WEAKEST_ALLOWED_SCORE)
