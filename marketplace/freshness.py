"""Until when a page says what is true, though nothing is changed: “3 minutes ago” is true for a minute."""

import math

from flask import g, has_request_context


def true_until(moment: float) -> None:
    """Note that the page being made shows something that is no longer true from `moment` on.

    It is in seconds since 1970. A page that is different for each look notes a moment that has passed.
    """
    if has_request_context():
        g.true_until = min(moment, end_of_truth())


def end_of_truth() -> float:
    """Return until when the page being made stays true, as far as it has been made; infinity for no end."""
    end: float = g.get("true_until", math.inf)
    return end
