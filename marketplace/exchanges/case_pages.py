"""What a moderator sees of a message or a review that was reported."""

from dataclasses import dataclass

from marketplace.exchanges import review_queries, review_rules, thread_queries
from marketplace.exchanges.thread_pages import Message, shown_messages


@dataclass(frozen=True)
class ReportedReview:
    """A review that was reported: whom it is about, and what it says."""

    about: str
    tag: tuple[str, str | None]
    words: str


def messages_around(message_id: int) -> list[Message]:
    """Return a message with some of those before and after it; empty when it is gone."""
    rows = thread_queries.messages_around(message_id)
    if not rows:
        return []
    first = rows[0]
    return shown_messages(
        rows, first.exchange_id, None, {"proposer": first.proposer, "receiver": first.receiver}
    )


def find_review(review_id: int) -> ReportedReview | None:
    """Return a review by its number; None when it is gone, or whom it is about."""
    row = review_queries.find_review(review_id)
    return ReportedReview(row.about, review_rules.tag_of(row.thumbs), row.words) if row else None
