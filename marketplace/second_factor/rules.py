"""Decisions about codes, without a database."""

import base64
import hashlib
import hmac
import re
import secrets
from datetime import timedelta

import pyotp

ISSUER = "Kula"
STEP_SECONDS = 30
# The clock of a telephone may be so many steps early or late.
STEPS_APART = 1
RECOVERY_CODES = 10
# 120 bits, in six groups of four letters and digits.
RECOVERY_BYTES = 15
RECOVERY_LENGTH = 24
WRONG_MAXIMUM = 5
WRONG_WITHIN = timedelta(minutes=15)
# How long a password that was right waits for the code that belongs to it.
HALF_LOGIN_SECONDS = 600


def new_secret() -> str:
    """Return 160 random bits in base 32, as RFC 4226 wants them for an app."""
    return pyotp.random_base32()


def address_for_apps(secret: str, username: str) -> str:
    """Return the otpauth address that an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def in_groups(text: str) -> str:
    """Write a secret or a recovery code in groups of four, to be read and copied."""
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def plain(typed: str) -> str:
    """Return a code without what people put between its groups, in capitals."""
    return re.sub(r"[\s-]", "", typed).upper()


def is_app_code(code: str) -> bool:
    """Tell whether a plain code looks like one of an app."""
    return re.fullmatch(r"[0-9]{6}", code) is not None


def is_recovery_code(code: str) -> bool:
    """Tell whether a plain code looks like a recovery code."""
    return re.fullmatch(rf"[A-Z2-7]{{{RECOVERY_LENGTH}}}", code) is not None


def step_of(secret: str, code: str, now: float, last_step: int) -> int | None:
    """Return the step of time that an app's code is of; None when it is wrong, too old, or used already.

    All that are not later than `last_step`, whose code was taken, are used.
    """
    app = pyotp.TOTP(secret)
    present = int(now) // STEP_SECONDS
    for step in range(present - STEPS_APART, present + STEPS_APART + 1):
        if step > last_step and hmac.compare_digest(app.at(step * STEP_SECONDS), code):
            return step
    return None


def new_recovery_codes() -> list[str]:
    """Return new recovery codes, plain."""
    return [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode() for _ in range(RECOVERY_CODES)]


def hash_of(recovery_code: str) -> bytes:
    """Return what is kept of a plain recovery code. It is random and long, so that a quick hash will do."""
    return hashlib.sha256(recovery_code.encode()).digest()
