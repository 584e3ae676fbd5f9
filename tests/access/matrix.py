"""Who gets which answer about what: the rules of tests/conventions/routes.py, for everybody and everything.

Most answers follow from a route's row there. What differs for a listing that is hidden or gone, and for those
with a role, is said here; a route that shows or changes a listing and is not here fails a test. A new kind of
person is one more entry of PEOPLE.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.conventions.routes import REPORTED, Route
from tests.factories import Factories

# Whose listing a route is asked about, and how it is.
OBJECTS = ("own", "somebody else's", "hidden", "own, hidden", "deleted")


@dataclass(frozen=True)
class Person:
    """Somebody who asks: `column` names the column of `Route` that says what they get, and `make` makes one.

    `always` is what they get wherever it is asked who they are. `is_blocked`: by the member it is all about.
    """

    column: str
    make: Callable[[Factories], Any] | None = None
    always: int | None = None
    is_blocked: bool = False


PEOPLE = {
    "visitor": Person("visitor"),
    "member": Person("member", lambda make: make.member()),
    "unverified": Person("member", lambda make: make.member(email_verified_at=None)),
    "suspended": Person("member", lambda make: make.suspended(), always=403),
    "blocked": Person("member", lambda make: make.member(), is_blocked=True),
    "moderator": Person("member", lambda make: make.moderator()),
    "administrator": Person("member", lambda make: make.administrator()),
}

# Nobody is asked who they are.
FOR_EVERYBODY = frozenset(
    {
        "GET /static/<path:filename>",
        "GET /media/<key>/<name>",
        "GET /health",
        "GET /health/details",
        "GET /metrics",
        "POST /logout",
        "GET /robots.txt",
        "GET /sitemap.xml",
        "GET /sitemaps/pages.xml",
        "GET /sitemaps/<id:number>.xml",
    }
)

# What is not there for those who are blocked.
APART = frozenset(
    {
        "GET /listings/<id:listing_id>",
        "GET /items/<id:item_id>",
        "GET /members/<username:username>",
        "GET /members/<username:username>/reviews",
        "POST /listings/<id:listing_id>/watch",
        "GET /items/<id:item_id>/ask",
        "POST /items/<id:item_id>/ask",
        "GET /items/<id:item_id>/swap",
        "POST /items/<id:item_id>/swap",
    }
)

# What those with a role get of the pages that are not there for others: (moderator, administrator).
# The form to decide is sent without the version of the case.
TEAM = {
    "GET /moderation": (200, 200),
    "GET /moderation/cases/<id:case_id>": (200, 200),
    "POST /moderation/cases/<id:case_id>": (409, 409),
    "GET /moderation/swaps": (200, 200),
    # Nobody asked for a moderator there.
    "GET /moderation/swaps/<id:exchange_id>": (404, 404),
    "POST /moderation/swaps/<id:exchange_id>": (404, 404),
    "GET /moderation/log": (404, 200),
    "GET /moderation/words": (404, 200),
    "POST /moderation/words": (404, 422),
    "POST /moderation/words/<id:word_id>/remove": (404, 303),
    "GET /moderation/categories": (404, 200),
    "GET /moderation/categories/new": (404, 200),
    "POST /moderation/categories/new": (404, 422),
    "GET /moderation/categories/<id:category_id>/rename": (404, 200),
    "POST /moderation/categories/<id:category_id>/rename": (404, 422),
    "GET /moderation/categories/<id:category_id>/move": (404, 200),
    "POST /moderation/categories/<id:category_id>/move": (404, 422),
    "GET /moderation/categories/<id:category_id>/retire": (404, 200),
    "POST /moderation/categories/<id:category_id>/retire": (404, 422),
}


@dataclass(frozen=True)
class AboutListing:
    """What a route answers about a listing that is hidden (to members, moderators, its owner) or deleted."""

    hidden: int
    hidden_for_moderators: int
    hidden_own: int
    deleted: int


_OWNERS = AboutListing(403, 403, 303, 404)
_SWAPS = AboutListing(404, 404, 303, 404)
ABOUT_LISTINGS = {
    "GET /items/<id:item_id>/ask": _SWAPS,
    "POST /items/<id:item_id>/ask": _SWAPS,
    "GET /items/<id:item_id>/swap": _SWAPS,
    "POST /items/<id:item_id>/swap": _SWAPS,
    "GET /listings/<id:listing_id>": AboutListing(410, 200, 200, 410),
    "GET /items/<id:item_id>": AboutListing(410, 200, 200, 404),
    "GET /sitemaps/<id:number>.xml": AboutListing(404, 404, 404, 404),
    "POST /listings/<id:listing_id>/watch": AboutListing(404, 404, 404, 404),
    "POST /listings/<id:listing_id>/unwatch": AboutListing(303, 303, 303, 404),
    "GET /listings/<id:listing_id>/edit": AboutListing(403, 403, 200, 404),
    "POST /listings/<id:listing_id>/renew": _OWNERS,
    "POST /listings/<id:listing_id>/archive": _OWNERS,
    "POST /listings/<id:listing_id>/restore": _OWNERS,
    "GET /listings/<id:listing_id>/delete": AboutListing(403, 403, 200, 404),
    "POST /listings/<id:listing_id>/delete": _OWNERS,
    **dict.fromkeys(
        (f"{method} /report/{REPORTED}" for method in ("GET", "POST")), AboutListing(404, 404, 303, 404)
    ),
}


def is_about_a_listing(route: Route) -> bool:
    """Tell whether the route's address names a listing, an item, or the sitemap with a listing."""
    return any(name in route.rule for name in ("listing_id", "item_id", "object_id", "<id:number>"))


def expected(route: Route, name: str, what: str) -> int:
    """Return the status that the person gets of the route, asked about a listing of this kind."""
    person = PEOPLE[name]
    if person.always is not None and str(route) not in FOR_EVERYBODY:
        return person.always
    if name == "unverified" and route.access == "verified":
        return 303
    if name == "visitor" and route.access != "public":
        return route.visitor
    if route.access in ("moderator", "administrator"):
        if name in ("moderator", "administrator"):
            return TEAM[str(route)][name == "administrator"]
        return 404
    if person.is_blocked and str(route) in APART and what in ("somebody else's", "hidden"):
        return 404
    if is_about_a_listing(route):
        about = ABOUT_LISTINGS[str(route)]
        if what == "deleted":
            return about.deleted
        if what == "own, hidden":
            return about.hidden_own
        if what == "hidden":
            return about.hidden_for_moderators if name in ("moderator", "administrator") else about.hidden
    column = "owner" if what.startswith("own") else person.column
    status: int = getattr(route, column)
    return status
