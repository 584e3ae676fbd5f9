"""When reviews of a swap are shown, and how soon a member answers, in words: without database or Flask."""

from datetime import datetime, timedelta

# Who has not said anything by then does so no more: nobody answers a review by one.
REVIEW_LASTS = timedelta(days=14)
# Of so many answers the middle one is told; with fewer than the second number, none.
ANSWERS_COUNTED = 20
ANSWERS_FEWEST = 3

THUMBS_WORDS = {"good": "Good", "mixed": "Mixed", "bad": "Bad"}
_TAGS = {"good": "good", "mixed": None, "bad": "warn"}
_HOUR = 3600.0
_USUAL = (
    (1, "usually answers within an hour"),
    (6, "usually answers within a few hours"),
    (24, "usually answers within a day"),
    (3 * 24, "usually answers within three days"),
    (7 * 24, "usually answers within a week"),
)


def can_be_reviewed(completed_at: datetime | None, sides: set[str], side: str, now: datetime) -> bool:
    """Tell whether `side` can still review a swap in which `sides` have done so."""
    return completed_at is not None and side not in sides and now < completed_at + REVIEW_LASTS


def are_shown(completed_at: datetime | None, sides: set[str], now: datetime) -> bool:
    """Tell whether the reviews of a swap are to be seen: both are there, or no more can come."""
    return completed_at is not None and (len(sides) == 2 or now >= completed_at + REVIEW_LASTS)


def answers_in_words(seconds: float | None, answers: int) -> str | None:
    """Say how soon a member answers proposals, by the middle one of so many answers; None: too few."""
    if seconds is None or answers < ANSWERS_FEWEST:
        return None
    hours = seconds / _HOUR
    return next((words for most, words in _USUAL if hours <= most), "usually takes over a week to answer")


def tag_of(thumbs: str) -> tuple[str, str | None]:
    """Return the words for a review's thumbs, and their kind as the component `tag` knows it."""
    return THUMBS_WORDS[thumbs], _TAGS[thumbs]
