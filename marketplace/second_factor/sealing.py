"""Secrets of apps as the database keeps them: encrypted, since a code cannot be checked by a hash.

The key is made of SECRET_KEY, which is not in the database: whoever has a backup alone reads no secret.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

# Tells this key from others that may be made of SECRET_KEY.
_PURPOSE = b"kula second factor 1"


def seal(secret: str) -> str:
    """Return `secret` encrypted."""
    return _cipher().encrypt(secret.encode()).decode()


def unseal(sealed: str) -> str | None:
    """Return what was sealed; None when that was done with another SECRET_KEY, or it was changed since."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def _cipher() -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE)
    return Fernet(base64.urlsafe_b64encode(key.derive(current_app.config["SECRET_KEY"].encode())))
