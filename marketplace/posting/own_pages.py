"""What the page of a member's own listings shows of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from marketplace.listings.paging import Part
from marketplace.posting.queries import Counts
from marketplace.templating import age, utc

TABS = {
    "active": "On show",
    "ending": "Ending soon",
    "drafts": "Drafts",
    "expired": "Ended",
    "archived": "Archived",
    "hidden": "Hidden",
}
RARE = ("ending", "hidden")
SOON = timedelta(days=7)


@dataclass(frozen=True)
class Tab:
    """A link to one part of the page, for the component `tabs`."""

    text: str
    url: str
    count: int
    selected: bool


@dataclass(frozen=True)
class Row:
    """A listing or a draft, for the component `bulk_list`."""

    value: Any
    title: str
    url: str
    notes: list[str]
    tag: str | None
    link: tuple[str, str]


def make_tabs(selected: str, counts: Counts) -> list[Tab]:
    """Return the tabs with their counts; those of RARE things are there when there is such a thing."""
    return [
        Tab(
            text,
            url_for("posting.mine", tab=None if tab == "active" else tab),
            getattr(counts, tab),
            tab == selected,
        )
        for tab, text in TABS.items()
        if tab not in RARE or getattr(counts, tab) or selected == tab
    ]


def listing_rows(rows: Iterable[Any], now: datetime) -> list[Row]:
    """Return rows for listings (id, title, created_at, expires_at)."""
    return [
        Row(
            value=row.id,
            title=row.title,
            url=url_for("listings.show", listing_id=row.id),
            notes=[f"Posted {age(row.created_at)}", _end(row.expires_at, now)],
            tag="Ends soon" if row.expires_at and now < row.expires_at <= now + SOON else None,
            link=("Edit", url_for("posting.edit", listing_id=row.id)),
        )
        for row in rows
    ]


def draft_rows(rows: Iterable[Any]) -> list[Row]:
    """Return rows for drafts (id, title, listing_title, updated_at)."""
    return [
        Row(
            value=row.id,
            title=(row.title or "").strip() or "Without a title yet",
            url=url_for("posting.draft", draft_id=row.id),
            notes=[
                f"Saved {age(row.updated_at)}",
                *([f"Changes “{row.listing_title}”"] if row.listing_title else []),
            ],
            tag=None,
            link=("Discard", url_for("posting.confirm_discard", draft_id=row.id)),
        )
        for row in rows
    ]


def pages_beside(tab: str, part: Part) -> dict[str, str | None]:
    """Return the addresses of the pages beside this part of a tab, None for one that is not there."""
    return {
        "newer_url": url_for("posting.mine", tab=tab, newer=part.newer) if part.newer else None,
        "older_url": url_for("posting.mine", tab=tab, older=part.older) if part.older else None,
    }


def _end(expires_at: datetime | None, now: datetime) -> str:
    if expires_at is None:
        return "Shown without end"
    day = utc(expires_at, "%-d %B %Y")
    return f"Shown until {day}" if expires_at > now else f"Ended on {day}"
