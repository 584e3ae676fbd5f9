"""Decisions about devices, without a database: how long they stay signed in, and what they are called."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Limits:
    """For how long a device stays signed in: while it is not used, and however much it is used."""

    idle: timedelta
    absolute: timedelta


# A browser that is not asked to keep its member signed in may be one that others use, too.
BRIEF = Limits(idle=timedelta(hours=12), absolute=timedelta(days=7))
REMEMBERED = Limits(idle=timedelta(days=30), absolute=timedelta(days=180))
# So long after a log-in the password is good enough for a change that matters.
CONFIRMED_FOR = timedelta(minutes=15)
# Uses are noted to about this much, so that few requests have anything to note.
SEEN_EVERY = timedelta(minutes=10)
# So many log-ins of a member are kept; with another one, the one that was used the longest ago goes.
KEPT_MAXIMUM = 50

UNKNOWN_BROWSER = "A browser"
# The first that is found counts: nearly all call themselves Chrome and Safari, too.
_BROWSERS = (
    ("Edge", r"\bEdg(?:A|iOS)?/"),
    ("Opera", r"\bOPR/"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\b(?:Firefox|FxiOS)/"),
    ("Chrome", r"\b(?:Chrome|CriOS)/"),
    ("Safari", r"\bSafari/"),
)
_SYSTEMS = (
    ("Android", r"\bAndroid\b"),
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Windows", r"\bWindows\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("macOS", r"\bMac OS X\b"),
    ("Linux", r"\bLinux\b"),
)


def new_secret() -> str:
    """Return 256 random bits as text, for a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> bytes:
    """Return what is kept of a secret. It is random and long, so that a quick hash will do."""
    return hashlib.sha256(secret.encode()).digest()


def browser_named(user_agent: str) -> str:
    """Return plain words for a browser that names itself so: “Firefox on Windows”."""
    browser = _first(_BROWSERS, user_agent) or UNKNOWN_BROWSER
    system = _first(_SYSTEMS, user_agent)
    return f"{browser} on {system}" if system else browser


def _first(kinds: tuple[tuple[str, str], ...], user_agent: str) -> str | None:
    return next((name for name, pattern in kinds if re.search(pattern, user_agent)), None)
