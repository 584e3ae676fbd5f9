"""What the page of an exchange shows of its messages, and of what was said about it afterwards."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import request, url_for

from marketplace.database.base import MAX_BIGINT
from marketplace.exchanges import (
    private_pictures,
    review_queries,
    review_rules,
    thread_actions,
    thread_queries,
)
from marketplace.exchanges.queries import Found
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.exchanges.thread_forms import MessageForm
from marketplace.exchanges.wording import FORMER
from marketplace.listings.paging import Part
from marketplace.pictures import queries as pictures
from marketplace.pictures.queries import ShownPicture

REMOVED = "Removed with the account"


@dataclass(frozen=True)
class Message:
    """A message as one side, or a moderator, sees it; `words` is None when they went with the account."""

    id: int
    author: str
    is_own: bool
    words: str | None
    pictures: Sequence[ShownPicture]
    sent_at: datetime


@dataclass(frozen=True)
class Thread:
    """The messages of an exchange, and what the side that looks can do with them.

    `read_id` is the last of its own messages that the other side has seen, `until_id` the last that there is
    on this page, and `unread` how many it has not seen itself.
    """

    messages: Sequence[Message]
    unread: int
    read_id: int | None
    until_id: int
    earlier_url: str | None
    latest_url: str | None
    count_url: str
    form: MessageForm | None


@dataclass(frozen=True)
class Review:
    """What one side says about the other."""

    id: int
    is_own: bool
    tag: tuple[str, str | None]
    words: str


@dataclass(frozen=True)
class Reviews:
    """The reviews of an exchange that are to be seen, and whether the side that looks can write one."""

    shown: Sequence[Review]
    can_review: bool
    waits: bool


def thread_of(found: Found) -> Thread:
    """Return the last messages of the exchange, or those before the one that the address names."""
    exchange_id, before = found.exchange.id, _before()
    page = thread_queries.page_of_messages(exchange_id, before)
    reads = thread_queries.read_until(exchange_id)
    until_id = page.rows[-1].id if page.rows else 0
    return Thread(
        messages=shown_messages(page.rows, exchange_id, found.side, found.names),
        unread=thread_queries.count_new(exchange_id, found.side, reads[found.side]),
        read_id=thread_queries.last_read_of(exchange_id, found.side, reads),
        until_id=until_id,
        earlier_url=_address(exchange_id, page.rows[0].id) if page.has_earlier else None,
        latest_url=_address(exchange_id, None) if before is not None else None,
        count_url=url_for("exchanges.count_messages", exchange_id=exchange_id, after=until_id),
        form=MessageForm() if thread_actions.may_write(found.exchange) else None,
    )


def shown_messages(
    rows: Sequence[Any], exchange_id: int, side: str | None, names: dict[str, str | None]
) -> list[Message]:
    """Return messages as `side` sees them, or as a moderator does (None), who is neither."""
    sent = pictures.pictures_of_messages([row.id for row in rows], private_pictures.addresses_of(exchange_id))
    return [
        Message(
            id=row.id,
            author=names[row.author] or FORMER.capitalize(),
            is_own=row.author == side,
            words=None if names[row.author] is None and not row.words else row.words,
            pictures=sent.get(row.id, ()),
            sent_at=row.created_at,
        )
        for row in rows
    ]


def reviews_of(found: Found, now: datetime) -> Reviews:
    """Return what was said about the exchange when it was over, as far as the side that looks may see it."""
    completed_at = found.exchange.completed_at
    rows = review_queries.reviews_of(found.exchange.id) if completed_at else []
    sides = {row.side for row in rows}
    are_shown = review_rules.are_shown(completed_at, sides, now)
    return Reviews(
        shown=[
            Review(row.id, row.side == found.side, review_rules.tag_of(row.thumbs), row.words)
            for row in rows
            if are_shown or row.side == found.side
        ],
        can_review=found.names[OTHER_SIDE[found.side]] is not None
        and review_rules.can_be_reviewed(completed_at, sides, found.side, now),
        waits=found.side in sides and not are_shown,
    )


def tagged(part: Part) -> list[tuple[Any, tuple[str, str | None]]]:
    """Return the reviews of a page, each with the words of its tag."""
    return [(row, review_rules.tag_of(row.thumbs)) for row in part.rows]


def _before() -> int | None:
    """Return which message the address names; what is none of ours is as if it named none."""
    text = request.args.get("before", "")
    if not text.isascii() or not text.isdecimal() or len(text) > 19:
        return None
    return min(int(text), MAX_BIGINT)


def _address(exchange_id: int, before: int | None) -> str:
    return url_for("exchanges.show", exchange_id=exchange_id, before=before, _anchor="thread")
