"""Who may write to whom in an exchange, and how long: without database or Flask."""

from datetime import datetime, timedelta

from marketplace.exchanges import rules
from marketplace.exchanges.rules import Standing

PICTURES_MAXIMUM = 4
# So long after its end the two can still write to each other.
TALK_LASTS = timedelta(days=30)


def can_be_talked_in(exchange: Standing, closed_at: datetime | None, now: datetime) -> bool:
    """Tell whether both sides are there, and it goes on or has ended a short while ago."""
    if exchange.proposer_id is None or exchange.receiver_id is None:
        return False
    ended_at = exchange.open_until if rules.state_at(exchange, now) == "lapsed" else None
    ended_at = closed_at or ended_at
    return ended_at is None or now < ended_at + TALK_LASTS


def is_news(exchange: Standing, now: datetime) -> bool:
    """Tell whether a message counts as something that happens: then it moves up, and is not closed as silent.

    Not once it is over, nor while an acceptance can be taken back: whoever is told so may still do it.
    """
    if rules.state_at(exchange, now) not in ("question", "proposed", "accepted", "lent", "disputed"):
        return False
    return not any("undo" in rules.possible(exchange, side, now) for side in rules.OTHER_SIDE)
