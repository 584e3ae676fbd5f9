"""A meeting as a calendar file (RFC 5545)."""

import re
from datetime import UTC, datetime

# A line has so many bytes at most; what is longer goes on in the next one, after a space.
LINE_MAXIMUM = 75
LASTS = "PT30M"


def event_file(
    *, uid: str, changed_at: datetime, begins_at: datetime, summary: str, place: str, url: str
) -> bytes:
    """Return the file of one meeting."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Kula//Swaps//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{_utc(changed_at)}",
        f"DTSTART:{_utc(begins_at)}",
        f"DURATION:{LASTS}",
        f"SUMMARY:{_text(summary)}",
        f"LOCATION:{_text(place)}",
        f"URL:{url}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(_folded(line) for line in lines)


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    escaped = re.sub(r"([\\;,])", r"\\\1", text)
    return re.sub(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]", r"\\n", escaped)


def _folded(line: str) -> bytes:
    """Return the line in pieces that are short enough, no character of it torn apart."""
    pieces, room = [b""], LINE_MAXIMUM
    for character in line:
        encoded = character.encode()
        if len(pieces[-1]) + len(encoded) > room:
            pieces.append(b"")
            # The space at its beginning counts.
            room = LINE_MAXIMUM - 1
        pieces[-1] += encoded
    return b"\r\n ".join(pieces) + b"\r\n"
