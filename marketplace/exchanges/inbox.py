"""What the page of a member's swaps shows."""

from dataclasses import dataclass
from typing import Any

from flask import url_for

from marketplace.exchanges import lists
from marketplace.exchanges.lists import COUNTED
from marketplace.exchanges.rules import OTHER_SIDE
from marketplace.exchanges.thread_queries import unread_in
from marketplace.exchanges.wording import (
    FORMER,
    ON_HOLD,
    STATE_WORDS,
    names_in_words,
    unread_in_words,
)
from marketplace.listings.paging import Part
from marketplace.members.clocks import local
from marketplace.templating import age

TAB_WORDS = {
    "for_you": "Waiting for you",
    "for_other": "Waiting for the other",
    "under_way": "Agreed",
    "ended": "Ended",
}


@dataclass(frozen=True)
class Tab:
    """A link to one list, for the component `tabs`."""

    text: str
    url: str
    count: int | None
    selected: bool


@dataclass(frozen=True)
class Row:
    """An exchange in a list, for the component `bulk_list`."""

    value: int
    title: str
    url: str
    notes: list[str]
    tag: str | None
    link: None = None


def make_tabs(selected: str, counts: dict[str, int]) -> list[Tab]:
    """Return the lists with their counts; what is not counted to its end has none."""
    return [
        Tab(
            text,
            url_for("exchanges.swaps", tab=None if tab == "for_you" else tab),
            counts[tab] if counts.get(tab, COUNTED + 1) <= COUNTED else None,
            tab == selected,
        )
        for tab, text in TAB_WORDS.items()
    ]


def make_rows(member_id: int, part: Part) -> list[Row]:
    """Return a row for each exchange of the page."""
    ids = [row.id for row in part.rows]
    things, unread = lists.names_of_things(ids), unread_in(ids, member_id)
    return [
        _row(row, "proposer" if row.proposer_id == member_id else "receiver", things, unread.get(row.id, 0))
        for row in part.rows
    ]


def pages_beside(tab: str, part: Part) -> dict[str, str | None]:
    """Return the addresses of the pages beside this one, None for one that is not there."""
    return {
        "newer_url": url_for("exchanges.swaps", tab=tab, newer=part.newer) if part.newer else None,
        "older_url": url_for("exchanges.swaps", tab=tab, older=part.older) if part.older else None,
    }


def _row(row: Any, side: str, things: dict[tuple[int, str], list[str]], unread: int) -> Row:
    other = row.receiver if side == "proposer" else row.proposer
    words, _ = ON_HOLD if row.is_on_hold else STATE_WORDS[row.state]
    gives, gets = (things.get((row.id, each), []) for each in (side, OTHER_SIDE[side]))
    notes = (
        [f"You give: {names_in_words(gives)}", f"You get: {names_in_words(gets)}"] if gives or gets else []
    )
    if row.state in ("question", "proposed"):
        notes.append(f"Open until {local(row.open_until, '%-d %B %Y')}")
    if unread:
        notes.insert(0, unread_in_words(unread))
    return Row(
        value=row.id,
        title=f"With {other or FORMER}",
        url=url_for("exchanges.show", exchange_id=row.id),
        notes=[*notes, age(row.created_at)],
        tag=words,
    )
