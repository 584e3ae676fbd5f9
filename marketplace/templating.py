"""What templates can use besides Flask's own: filters, and an error for every misspelt name."""

import math
import time
from datetime import UTC, datetime

from flask import Flask
from jinja2 import StrictUndefined
from jinja2.utils import urlize
from markupsafe import Markup

from marketplace.freshness import true_until

AGES = (
    (365 * 86400, "year"),
    (30 * 86400, "month"),
    (7 * 86400, "week"),
    (86400, "day"),
    (3600, "hour"),
    (60, "minute"),
)


def age(moment: datetime) -> str:
    """Say in words how long ago an aware `moment` was, and note until when that is true."""
    began = moment.timestamp()
    seconds = time.time() - began
    larger = math.inf
    for length, unit in AGES:
        count = int(seconds // length)
        if count >= 1:
            true_until(began + min((count + 1) * length, larger))
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
        larger = length
    true_until(began + larger)
    return "just now"


def day(moment: datetime) -> str:
    """Write the day of an aware `moment` in UTC, with its year unless that is the present one: 3 May.

    Notes that this year comes to an end.
    """
    moment, this_year = moment.astimezone(UTC), datetime.now(UTC).year
    true_until(datetime(this_year + 1, 1, 1, tzinfo=UTC).timestamp())
    return f"{moment.day} {moment:%B}" if moment.year == this_year else f"{moment.day} {moment:%B %Y}"


def time_left(moment: datetime) -> str:
    """Say in words how long it is until an aware `moment`: whole days, rounded down."""
    days = (moment - datetime.now(UTC)).days
    return "less than a day" if days < 1 else f"{days} day{'s' if days > 1 else ''}"


def paragraphs(text: str) -> Markup:
    """Turn a member's plain text into escaped paragraphs: blank lines part them, single breaks are kept.

    Addresses of web pages in it are links, which the site does not vouch for.
    """
    blocks = [block for block in text.replace("\r\n", "\n").split("\n\n") if block.strip()]
    return Markup("\n").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(map(_linked, block.strip().split("\n"))))
        for block in blocks
    )


def _linked(line: str) -> Markup:
    # It escapes the text, and makes links to http, https and mailto alone.
    return Markup(urlize(line, rel="nofollow ugc"))  # noqa: S704


def thousands(number: int) -> str:
    """Write a whole number with commas: 1234567 becomes 1,234,567."""
    return f"{number:,}"


def utc(moment: datetime, pattern: str) -> str:
    """Write an aware `moment` in UTC, by a pattern of strftime."""
    return moment.astimezone(UTC).strftime(pattern)


def init_app(app: Flask) -> None:
    """Register the filters and make undefined names an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.add_template_filter(age)
    app.add_template_filter(day)
    app.add_template_filter(time_left)
    app.add_template_filter(paragraphs)
    app.add_template_filter(thousands)
    app.add_template_filter(utc)
