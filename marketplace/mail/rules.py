"""Decisions about letters, without a database."""

from datetime import timedelta

# A letter with a link that holds for an hour is no use after it.
LASTS = {
    "verify_address": timedelta(hours=1),
    "reset_password": timedelta(hours=1),
    "confirm_address": timedelta(hours=1),
}
LASTS_OTHERWISE = timedelta(days=3)

# Longer than all waits for a mail server together; a sender that took longer has ended.
CLAIM_LASTS = timedelta(minutes=15)
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)


def time_to_send(name: str) -> timedelta:
    """Return how long the letter called `name` is tried."""
    return LASTS.get(name, LASTS_OTHERWISE)


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait before the next try, after so many: each time twice as long."""
    return min(FIRST_PAUSE * 2 ** min(attempts - 1, 20), LONGEST_PAUSE)


def one_line(text: str) -> str:
    """Return `text` on one line, with nothing in it that cannot be seen."""
    visible = (character if character.isprintable() else " " for character in text)
    return " ".join("".join(visible).split())
