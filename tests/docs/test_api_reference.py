"""docs/API_REFERENCE.md says what the application does: routes, methods, access rules, tables, /health."""

import functools
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import psycopg2.extensions
import pyotp
import pytest

from marketplace.categories.tree import Node
from marketplace.sitemap.queries import RANGE
from tests.conftest import new_client
from tests.factories.accounts import PASSWORD
from tests.factories.exchanges import days
from tests.factories.second_factor import RECOVERY_CODE, SECRET
from tests.support.client import CheckedClient
from tests.support.notifications import register_kinds_beside
from tests.support.postgresql import ROOT
from tests.support.tables import tables_in
from tests.support.tokens import paths_in_letters

TEXT = (ROOT / "docs/API_REFERENCE.md").read_text(encoding="utf-8")
NOTHING = "–"
CELL_COUNT = 6


@dataclass(frozen=True)
class Row:
    """What the reference says of one route and method."""

    rule: str
    method: str
    access: str
    reads: frozenset[str]
    writes: frozenset[str]


def documented_rows() -> list[Row]:
    """The rows of all tables of routes."""
    lines = [line for line in TEXT.splitlines() if line.startswith("| `/")]
    return [documented_row([cell.strip() for cell in line.strip("|").split("|")]) for line in lines]


def documented_row(cells: list[str]) -> Row:
    """One row: route, method, access rule, tables read, tables written, what it does."""
    assert len(cells) == CELL_COUNT, cells
    assert all(cells), f"an empty cell: {cells}"
    return Row(cells[0].strip("`"), cells[1], cells[2], names_in(cells[3]), names_in(cells[4]))


def names_in(cell: str) -> frozenset[str]:
    """The tables named in a cell, in which a dash stands for none."""
    if cell == NOTHING:
        return frozenset()
    names = cell.split(", ")
    assert names == sorted(names), f"not in order: {cell}"
    return frozenset(names)


ROWS = {(row.rule, row.method): row for row in documented_rows()}


@dataclass(frozen=True)
class Request:
    """How a route's right reader asks for it; `path` names rows of the `site` fixture in braces."""

    reader: str
    path: str
    form: dict[str, str] | None = None
    # That of the site's settings, for a page that is there only for who shows it.
    token: str | None = None


LISTING_FORM = {
    "title": "Drill and ladder",
    "category_id": "{category}",
    "offers-0-id": "{item}",
    "offers-0-name": "Drill",
    "offers-0-exchange_type": "permanent",
    "offers-1-name": "Ladder",
    "offers-1-exchange_type": "temporary",
    "offers-1-duration_days": "7",
}
NEW_ACCOUNT = {"username": "newcomer", "email": "newcomer@example.org", "password": PASSWORD}
PICTURE_KEY = "5" * 32
CREDENTIALS = {"username": "owner", "password": PASSWORD}

SUGGESTIONS = "/listings/new/suggestions?title=Drill&category_id={category}&name=Drill"

REQUESTS = {
    ("/", "GET"): Request("visitor", "/"),
    ("/categories/<slugs:path>", "GET"): Request("visitor", "/categories/tools"),
    ("/listings/<id:listing_id>", "GET"): Request("visitor", "/listings/{listing}"),
    ("/items/<id:item_id>", "GET"): Request("visitor", "/items/{item}"),
    ("/members/<username:username>", "GET"): Request("visitor", "/members/owner"),
    ("/members/<username:username>/block", "GET"): Request("owner", "/members/other/block"),
    ("/members/<username:username>/block", "POST"): Request("owner", "/members/other/block"),
    ("/members/<username:username>/unblock", "POST"): Request("owner", "/members/other/unblock"),
    ("/account/profile", "GET"): Request("owner", "/account/profile"),
    ("/account/profile", "POST"): Request("owner", "/account/profile", {"about": "I mend bicycles."}),
    ("/robots.txt", "GET"): Request("visitor", "/robots.txt"),
    ("/sitemap.xml", "GET"): Request("visitor", "/sitemap.xml"),
    ("/sitemaps/pages.xml", "GET"): Request("visitor", "/sitemaps/pages.xml"),
    ("/sitemaps/<id:number>.xml", "GET"): Request("visitor", "/sitemaps/{range}.xml"),
    ("/media/<key>/<name>", "GET"): Request("owner", f"/media/{PICTURE_KEY}/640.webp"),
    ("/my/listings", "GET"): Request("owner", "/my/listings"),
    ("/search", "GET"): Request("visitor", "/search?q=drill"),
    ("/search.atom", "GET"): Request("visitor", "/search.atom?q=listing"),
    ("/my/saved", "GET"): Request("owner", "/my/saved"),
    ("/my/saved/searches/new", "GET"): Request("owner", "/my/saved/searches/new?q=drill"),
    ("/my/saved/searches/new", "POST"): Request("owner", "/my/saved/searches/new?q=saw", {"name": "Saws"}),
    ("/my/saved/searches/<id:search_id>", "GET"): Request("owner", "/my/saved/searches/{search}"),
    ("/my/saved/searches/<id:search_id>", "POST"): Request(
        "owner", "/my/saved/searches/{search}", {"name": "Drills"}
    ),
    ("/my/saved/searches/<id:search_id>/open", "POST"): Request("owner", "/my/saved/searches/{search}/open"),
    ("/my/saved/searches/<id:search_id>/remove", "POST"): Request(
        "owner", "/my/saved/searches/{search}/remove"
    ),
    ("/listings/<id:listing_id>/watch", "POST"): Request("owner", "/listings/{listing}/watch"),
    ("/listings/<id:listing_id>/unwatch", "POST"): Request("owner", "/listings/{watched}/unwatch"),
    ("/listings/new", "GET"): Request("owner", "/listings/new"),
    ("/listings/new/suggestions", "GET"): Request("owner", SUGGESTIONS),
    ("/listings/<id:listing_id>/edit", "GET"): Request("owner", "/listings/{listing}/edit"),
    ("/drafts/<uuid:draft_id>", "GET"): Request("owner", "/drafts/{draft}"),
    ("/drafts/<uuid:draft_id>", "POST"): Request("owner", "/drafts/{draft}", LISTING_FORM),
    ("/drafts/<uuid:draft_id>/check", "GET"): Request("owner", "/drafts/{draft}/check"),
    ("/drafts/<uuid:draft_id>/publish", "POST"): Request("owner", "/drafts/{draft}/publish", {"saves": "1"}),
    ("/drafts/<uuid:draft_id>/discard", "GET"): Request("owner", "/drafts/{draft}/discard"),
    ("/drafts/<uuid:draft_id>/discard", "POST"): Request("owner", "/drafts/{draft}/discard"),
    ("/my/listings", "POST"): Request("owner", "/my/listings", {"act": "renew", "id": "{listing}"}),
    ("/listings/<id:listing_id>/renew", "POST"): Request("owner", "/listings/{lasting}/renew"),
    ("/listings/<id:listing_id>/archive", "POST"): Request("owner", "/listings/{listing}/archive"),
    ("/listings/<id:listing_id>/restore", "POST"): Request("owner", "/listings/{archived}/restore"),
    ("/listings/<id:listing_id>/delete", "GET"): Request("owner", "/listings/{listing}/delete"),
    ("/listings/<id:listing_id>/delete", "POST"): Request("owner", "/listings/{listing}/delete"),
    ("/report/<any(listing,item,picture,message,review):kind>/<id:object_id>", "GET"): Request(
        "owner", "/report/listing/{watched}"
    ),
    ("/report/<any(listing,item,picture,message,review):kind>/<id:object_id>", "POST"): Request(
        "owner", "/report/listing/{watched}", {"reason": "spam"}
    ),
    ("/members/<username:username>/report", "GET"): Request("owner", "/members/another/report"),
    ("/members/<username:username>/report", "POST"): Request(
        "owner", "/members/another/report", {"reason": "spam"}
    ),
    ("/swaps", "GET"): Request("owner", "/swaps?tab=for_other"),
    ("/swaps/<id:exchange_id>", "GET"): Request("owner", "/swaps/{exchange}"),
    ("/items/<id:item_id>/ask", "GET"): Request("owner", "/items/{theirs}/ask"),
    ("/items/<id:item_id>/ask", "POST"): Request("owner", "/items/{theirs}/ask", {"words": "Is it sharp?"}),
    ("/items/<id:item_id>/swap", "GET"): Request("owner", "/items/{theirs}/swap"),
    ("/items/<id:item_id>/swap", "POST"): Request(
        "owner", "/items/{theirs}/swap", {"get": "{theirs}", "open_days": "7", "go": "send"}
    ),
    ("/swaps/<id:exchange_id>/change", "GET"): Request("owner", "/swaps/{received}/change"),
    ("/swaps/<id:exchange_id>/change", "POST"): Request(
        "owner",
        "/swaps/{received}/change",
        {"version": "1", "give": "{spare}", "open_days": "7", "go": "send"},
    ),
    ("/swaps/<id:exchange_id>/accept", "POST"): Request(
        "owner", "/swaps/{received}/accept", {"version": "1"}
    ),
    ("/swaps/<id:exchange_id>/undo", "POST"): Request("owner", "/swaps/{agreed}/undo"),
    ("/swaps/<id:exchange_id>/withdraw", "POST"): Request("owner", "/swaps/{exchange}/withdraw"),
    ("/swaps/<id:exchange_id>/decline", "GET"): Request("owner", "/swaps/{received}/decline"),
    ("/swaps/<id:exchange_id>/decline", "POST"): Request("owner", "/swaps/{received}/decline"),
    ("/swaps/<id:exchange_id>/arrange", "GET"): Request("owner", "/swaps/{agreed}/arrange"),
    ("/swaps/<id:exchange_id>/arrange", "POST"): Request(
        "owner", "/swaps/{agreed}/arrange", {"place": "At the well", "day": "{day}", "hour": "18:00"}
    ),
    ("/swaps/<id:exchange_id>/hand-over.ics", "GET"): Request("owner", "/swaps/{meeting}/hand-over.ics"),
    ("/swaps/<id:exchange_id>/sheet", "GET"): Request("owner", "/swaps/{meeting}/sheet"),
    ("/swaps/<id:exchange_id>/hand", "GET"): Request("owner", "/swaps/{agreed}/hand"),
    ("/swaps/<id:exchange_id>/hand", "POST"): Request("owner", "/swaps/{agreed}/hand"),
    ("/swaps/<id:exchange_id>/cancel", "GET"): Request("owner", "/swaps/{agreed}/cancel"),
    ("/swaps/<id:exchange_id>/cancel", "POST"): Request("owner", "/swaps/{agreed}/cancel"),
    ("/swaps/<id:exchange_id>/dispute", "GET"): Request("owner", "/swaps/{agreed}/dispute"),
    ("/swaps/<id:exchange_id>/dispute", "POST"): Request(
        "owner", "/swaps/{agreed}/dispute", {"words": "It is broken."}
    ),
    ("/swaps/<id:exchange_id>/longer", "GET"): Request("owner", "/swaps/{borrowed}/longer?loan={loan}"),
    ("/swaps/<id:exchange_id>/longer", "POST"): Request(
        "owner", "/swaps/{borrowed}/longer", {"loan": "{loan}", "day": "{day}", "hour": "18:00"}
    ),
    ("/swaps/<id:exchange_id>/lend-longer", "POST"): Request(
        "owner", "/swaps/{lent}/lend-longer", {"loan": "{asked}", "until": "{until}"}
    ),
    ("/swaps/<id:exchange_id>/back", "GET"): Request("owner", "/swaps/{borrowed}/back?loan={loan}"),
    ("/swaps/<id:exchange_id>/back", "POST"): Request("owner", "/swaps/{borrowed}/back", {"loan": "{loan}"}),
    ("/swaps/<id:exchange_id>/messages", "POST"): Request(
        "owner", "/swaps/{talk}/messages", {"words": "Hello", "seen": "{message}"}
    ),
    ("/swaps/<id:exchange_id>/messages/count", "GET"): Request("owner", "/swaps/{talk}/messages/count"),
    ("/swaps/<id:exchange_id>/read", "POST"): Request("owner", "/swaps/{talk}/read", {"until": "{message}"}),
    ("/swaps/<id:exchange_id>/pictures/<id:picture_id>/<name>", "GET"): Request(
        "owner", "/swaps/{talk}/pictures/{message_picture}/640.webp"
    ),
    ("/swaps/<id:exchange_id>/review", "GET"): Request("owner", "/swaps/{done}/review"),
    ("/swaps/<id:exchange_id>/review", "POST"): Request("owner", "/swaps/{done}/review", {"thumbs": "good"}),
    ("/members/<username:username>/reviews", "GET"): Request("visitor", "/members/another/reviews"),
    ("/my/reports", "GET"): Request("owner", "/my/reports"),
    ("/my/notices", "GET"): Request("owner", "/my/notices"),
    ("/my/notices", "POST"): Request("owner", "/my/notices"),
    ("/moderation", "GET"): Request("administrator", "/moderation"),
    ("/moderation/cases/<id:case_id>", "GET"): Request("administrator", "/moderation/cases/{case}"),
    ("/moderation/cases/<id:case_id>", "POST"): Request(
        "administrator",
        "/moderation/cases/{case}",
        {"decision": "suspend", "days": "3", "reason": "Not again.", "version": "0"},
    ),
    ("/moderation/swaps", "GET"): Request("administrator", "/moderation/swaps"),
    ("/moderation/swaps/<id:exchange_id>", "GET"): Request("administrator", "/moderation/swaps/{disputed}"),
    ("/moderation/swaps/<id:exchange_id>", "POST"): Request(
        "administrator", "/moderation/swaps/{disputed}", {"decision": "settle", "reason": "It is."}
    ),
    ("/moderation/log", "GET"): Request("administrator", "/moderation/log"),
    ("/moderation/words", "GET"): Request("administrator", "/moderation/words"),
    ("/moderation/words", "POST"): Request(
        "administrator", "/moderation/words", {"words": "snake oil", "outcome": "hold"}
    ),
    ("/moderation/words/<id:word_id>/remove", "POST"): Request(
        "administrator", "/moderation/words/{word}/remove"
    ),
    ("/moderation/categories", "GET"): Request("administrator", "/moderation/categories"),
    ("/moderation/categories/new", "GET"): Request("administrator", "/moderation/categories/new"),
    ("/moderation/categories/new", "POST"): Request(
        "administrator", "/moderation/categories/new", {"name": "Boats", "slug": "", "parent": ""}
    ),
    ("/moderation/categories/<id:category_id>/rename", "GET"): Request(
        "administrator", "/moderation/categories/{category}/rename"
    ),
    ("/moderation/categories/<id:category_id>/rename", "POST"): Request(
        "administrator",
        "/moderation/categories/{category}/rename",
        {"name": "Gear", "slug": "gear", "state": "{state}"},
    ),
    ("/moderation/categories/<id:category_id>/move", "GET"): Request(
        "administrator", "/moderation/categories/{category}/move"
    ),
    ("/moderation/categories/<id:category_id>/move", "POST"): Request(
        "administrator",
        "/moderation/categories/{category}/move",
        {"parent": "", "place": "1", "state": "{state}"},
    ),
    ("/moderation/categories/<id:category_id>/retire", "GET"): Request(
        "administrator", "/moderation/categories/{category}/retire"
    ),
    ("/moderation/categories/<id:category_id>/retire", "POST"): Request(
        "administrator", "/moderation/categories/{category}/retire", {"heir": "{root}", "state": "{state}"}
    ),
    ("/register", "GET"): Request("visitor", "/register"),
    ("/register", "POST"): Request("visitor", "/register", NEW_ACCOUNT),
    ("/login", "GET"): Request("visitor", "/login"),
    ("/login", "POST"): Request("visitor", "/login", CREDENTIALS),
    ("/logout", "POST"): Request("owner", "/logout"),
    ("/login/code", "GET"): Request("half_done", "/login/code"),
    ("/login/code", "POST"): Request("half_done", "/login/code", {"code": "{code}"}),
    ("/account/second-factor", "GET"): Request("careful", "/account/second-factor"),
    ("/account/second-factor/begin", "POST"): Request("owner", "/account/second-factor/begin"),
    ("/account/second-factor/set-up", "GET"): Request("setting_up", "/account/second-factor/set-up"),
    ("/account/second-factor/set-up", "POST"): Request(
        "setting_up", "/account/second-factor/set-up", {"code": "{code}"}
    ),
    ("/account/second-factor/recovery-codes", "POST"): Request(
        "careful", "/account/second-factor/recovery-codes"
    ),
    ("/account/second-factor/off", "POST"): Request(
        "careful", "/account/second-factor/off", {"code": RECOVERY_CODE, "password": PASSWORD}
    ),
    ("/account/devices", "GET"): Request("owner", "/account/devices"),
    ("/account/devices/<id:device_id>/end", "POST"): Request("owner", "/account/devices/{device}/end"),
    ("/account/devices/end-others", "POST"): Request("owner", "/account/devices/end-others"),
    ("/account/confirm", "GET"): Request("owner", "/account/confirm"),
    ("/account/confirm", "POST"): Request("owner", "/account/confirm", {"password": PASSWORD}),
    ("/verify/<token>", "GET"): Request("visitor", "{verify}"),
    ("/verify/<token>", "POST"): Request("visitor", "{verify}"),
    ("/password/forgot", "GET"): Request("visitor", "/password/forgot"),
    ("/password/forgot", "POST"): Request("visitor", "/password/forgot", {"email": "{address}"}),
    ("/password/forgot/sent", "GET"): Request("visitor", "/password/forgot/sent"),
    ("/password/reset/<token>", "GET"): Request("visitor", "{reset}"),
    ("/password/reset/<token>", "POST"): Request("visitor", "{reset}", {"new_password": PASSWORD}),
    ("/address/<token>", "GET"): Request("visitor", "{address_change}"),
    ("/address/<token>", "POST"): Request("visitor", "{address_change}"),
    ("/account", "GET"): Request("owner", "/account"),
    ("/account/verify", "GET"): Request("owner", "/account/verify"),
    ("/account/verify", "POST"): Request("newcomer", "/account/verify"),
    ("/account/password", "GET"): Request("owner", "/account/password"),
    ("/account/password", "POST"): Request(
        "owner", "/account/password", {"password": PASSWORD, "new_password": PASSWORD}
    ),
    ("/account/address", "GET"): Request("owner", "/account/address"),
    ("/account/address", "POST"): Request(
        "owner", "/account/address", {"email": "new@example.org", "password": PASSWORD}
    ),
    ("/account/address/sent", "GET"): Request("owner", "/account/address/sent"),
    ("/account/notifications", "GET"): Request("owner", "/account/notifications"),
    ("/account/notifications", "POST"): Request("owner", "/account/notifications", {"told": "daily"}),
    ("/notifications", "GET"): Request("owner", "/notifications"),
    ("/notifications/count", "GET"): Request("owner", "/notifications/count"),
    ("/notifications/read", "POST"): Request("owner", "/notifications/read", {"until": "{notification}"}),
    ("/notifications/<id:notification_id>/open", "POST"): Request(
        "owner", "/notifications/{notification}/open"
    ),
    ("/unsubscribe/<token>", "GET"): Request("visitor", "{unsubscribe}"),
    ("/unsubscribe/<token>", "POST"): Request("visitor", "{unsubscribe}"),
    ("/outbox", "GET"): Request("visitor", "/outbox"),
    ("/account/data", "GET"): Request("owner", "/account/data"),
    ("/account/data", "POST"): Request("owner", "/account/data", {"password": PASSWORD}),
    ("/account/delete", "GET"): Request("owner", "/account/delete"),
    ("/account/delete", "POST"): Request("owner", "/account/delete", {"password": PASSWORD}),
    ("/account/leaving", "GET"): Request("leaving", "/account/leaving"),
    ("/account/leaving", "POST"): Request("leaving", "/account/leaving"),
    ("/health", "GET"): Request("visitor", "/health"),
    ("/health/details", "GET"): Request("visitor", "/health/details", token="of-the-site-s-settings"),
    ("/metrics", "GET"): Request("visitor", "/metrics", token="of-the-site-s-settings"),
    ("/style-guide", "GET"): Request("visitor", "/style-guide"),
    ("/static/<path:filename>", "GET"): Request("visitor", "/static/css/base.css"),
}


@dataclass
class Site:
    """A site with something to see on every page: its readers, and the ids of its rows by name."""

    visitor: CheckedClient
    owner: CheckedClient
    newcomer: CheckedClient
    administrator: CheckedClient
    # Members with a second factor: one who has it, one who sets it up, and one whose password was right.
    careful: CheckedClient
    setting_up: CheckedClient
    half_done: CheckedClient
    leaving: CheckedClient
    ids: dict[str, object]


@pytest.fixture
def site(app, make, browser_of, client, rows, monkeypatch) -> Site:
    register_kinds_beside(app, monkeypatch)
    root = make.category(slug="tools")
    category = make.category(root)
    owner = make.member(username="owner")
    make.member(username="other")
    listing = make.listing(owner_id=owner.id, category_id=category.id, items=[])
    item = make.item(listing)
    # Saving the form above deletes this one, which it does not name.
    make.item(listing, kind="want")
    archived = make.listing(owner_id=owner.id, category_id=category.id, status="archived")
    watched = make.listing(category_id=category.id, title="Drill")
    make.watched(owner, watched)
    if PICTURE_KEY not in {each.key for each in app.extensions["media"].stored(PICTURE_KEY[:2])}:
        app.extensions["media"].save(PICTURE_KEY, {"640.webp": b"a picture"})
    soon = datetime.now(UTC) + timedelta(days=3)
    lasting = make.listing(
        owner_id=owner.id, category_id=category.id, lifetime_days=30, expires_at=soon, items=[]
    )
    form = {"category_id": str(category.id), "lifetime_days": "30", "offers": [{"name": "Drill"}]}
    draft = make.draft(form, owner_id=owner.id)
    ids = {
        "draft": draft.id,
        "lasting": lasting.id,
        "category": category.id,
        "listing": listing.id,
        "item": item.id,
        "archived": archived.id,
        "watched": watched.id,
        "code": pyotp.TOTP(SECRET).now(),
        "device": make.device(owner).id,
        "search": make.saved_search(owner, query="q=drill").id,
        "range": (listing.id - 1) // RANGE + 1,
        "case": make.case(listing).id,
        "word": make.screened_word().id,
        "notification": make.notification(owner).id,
        "root": root.id,
        "state": Node(0, category.name, category.slug, Node(root.id, "", "", None)).state,
    }
    another = make.member(username="another")
    ids["exchange"] = make.exchange(owner, another, [item]).id
    boat = make.item(lasting, exchange_type="temporary", duration_days=7)
    ids["received"] = make.exchange(another, owner, [], [item, boat]).id
    ids["agreed"] = make.exchange(another, owner, [], [make.item(lasting)], state="accepted").id
    talk = make.exchange(another, owner)
    message = make.message(talk, "Hello")
    ids |= {"talk": talk.id, "message": message.id}
    ids["message_picture"] = make.picture(message_id=message.id, key=PICTURE_KEY).id
    ids["done"] = make.exchange(another, owner, state="completed").id
    ids["spare"] = make.item(lasting).id
    ids["theirs"] = make.thing_of(watched).id
    ids |= swaps_under_way(make, owner, another)
    ids["address"] = owner.email
    for rule, path in paths_in_letters(app, owner).items():
        ids[rule.split("/")[-2].replace("address", "address_change")] = path
    rows("UPDATE users SET notice_at = now() WHERE id = :id RETURNING id", id=owner.id)
    careful, setting_up = make.member(), make.member()
    make.second_factor(careful)
    make.second_factor(setting_up, confirmed_at=None)
    half_done = new_client(app)
    half_done.submit("/login", {"username": careful.username, "password": PASSWORD})
    return Site(
        visitor=client,
        owner=browser_of(owner),
        newcomer=browser_of(make.member(email_verified_at=None)),
        administrator=browser_of(make.administrator()),
        careful=browser_of(careful),
        setting_up=browser_of(setting_up),
        half_done=half_done,
        leaving=browser_of(make.member(leaving_at=datetime.now(UTC))),
        ids=ids,
    )


def swaps_under_way(make, owner, another):
    """Swaps that are agreed on: with a meeting, with something borrowed or lent, and in dispute."""
    meeting, disputed = (
        make.exchange(another, owner, state=state, handover_place="Here", handover_at=days(9))
        for state in ("accepted", "disputed")
    )
    make.dispute(disputed)
    lending = {"exchange_type": "temporary", "duration_days": 7}
    tent, canoe = (
        make.item(make.listing(owner_id=each.id, items=[]), **lending) for each in (another, owner)
    )
    borrowed = make.exchange(owner, another, [], [tent], state="lent")
    lent = make.exchange(another, owner, [], [canoe], state="lent")
    return {
        "meeting": meeting.id,
        "disputed": disputed.id,
        "borrowed": borrowed.id,
        "loan": make.loan(borrowed, tent).id,
        "lent": lent.id,
        "asked": make.loan(lent, canoe, asked_until=days(6)).id,
        "until": days(6).isoformat(),
        "day": days(6).date().isoformat(),
    }


@contextmanager
def recorded_by_the_driver(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield a list that fills with what connections made meanwhile send, with or without SQLAlchemy."""
    statements: list[str] = []

    class RecordingCursor(psycopg2.extensions.cursor):
        def execute(self, query: Any, values: Any = None) -> None:
            statements.append(str(query))
            super().execute(query, values)

    with monkeypatch.context() as patch:
        patch.setattr(
            psycopg2, "connect", functools.partial(psycopg2.connect, cursor_factory=RecordingCursor)
        )
        yield statements


@pytest.fixture
def known_tables(rows) -> set[str]:
    """All tables and views of the database, those outside of `public` with their schema's name."""
    found = rows(
        "SELECT schemaname, tablename FROM pg_tables UNION ALL SELECT schemaname, viewname FROM pg_views"
    )
    return {name if schema == "public" else f"{schema}.{name}" for schema, name in found}


def routes_of(app) -> dict[tuple[str, str], Any]:
    """Each route and method with its view; HEAD comes with each GET, and OPTIONS with every route."""
    return {
        (rule.rule, method): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }


def test_lists_every_route_once(app):
    listed = [(row.rule, row.method) for row in documented_rows()]
    assert sorted(listed) == sorted(routes_of(app))


def test_names_the_access_rule_of_every_route(app):
    rules = {route: view.access_rule for route, view in routes_of(app).items()}
    assert {route: row.access for route, row in ROWS.items()} == rules


def test_explains_every_access_rule(app):
    for rule in {view.access_rule for view in routes_of(app).values()}:
        assert f"- **{rule}**: " in TEXT


def test_every_route_is_requested(app):
    assert sorted(REQUESTS) == sorted(routes_of(app)), "each route needs a request in REQUESTS"


@pytest.mark.parametrize("route", REQUESTS, ids=lambda route: f"{route[1]} {route[0]}")
def test_names_the_tables_of_every_route(route, site, app, known_tables, monkeypatch):
    request = REQUESTS[route]
    headers = {"Authorization": f"Bearer {request.token}"} if request.token else {}
    monkeypatch.setitem(app.config, "HEALTH_TOKEN", request.token)
    reader = getattr(site, request.reader)
    path = request.path.format_map(site.ids)
    form = {name: value.format_map(site.ids) for name, value in (request.form or {}).items()}
    with recorded_by_the_driver(monkeypatch) as own_connections:
        response = reader.submit(path, form) if route[1] == "POST" else reader.get(path, headers=headers)
    response.close()
    assert response.status_code < 400, response.status
    tables = tables_in([*reader.statements, *own_connections], known_tables)
    # Every page that asks who looks reads the device with its member, the blocks that keep members apart, and
    # for its header what the member has not read, which is said once for all.
    unnamed = {"devices", "blocks", "notifications"} - ROWS[route].reads
    assert sorted(tables.read - unnamed) == sorted(ROWS[route].reads), "tables read"
    assert sorted(tables.written) == sorted(ROWS[route].writes), "tables written"


def test_shows_the_answers_of_health(client):
    shown = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)]
    answer = client.get("/health").get_json()
    assert [record["status"] for record in shown] == [
        "ok",
        "schema is not at head",
        "database unreachable",
    ]
    assert answer["status"] == "ok"
    assert [list(record) for record in shown] == [list(answer)] * 3


@pytest.mark.parametrize(
    ("statement", "read", "written"),
    [
        ("SELECT a FROM users JOIN LATERAL (SELECT 1 FROM listings) AS x ON true", "listings users", ""),
        ("SELECT 1 FROM unnest(ARRAY[1]) AS users", "", ""),
        ("SELECT id FROM listings FOR UPDATE", "listings", ""),
        ("INSERT INTO users (a) SELECT b FROM public.listings RETURNING id", "listings", "users"),
        ("UPDATE ONLY users SET a = x.a FROM listings AS x", "listings", "users"),
        ("DELETE\nFROM users", "", "users"),
    ],
)
def test_finds_the_tables_in_a_statement(statement, read, written):
    tables = tables_in([statement], {"users", "listings"})
    assert " ".join(sorted(tables.read)) == read
    assert " ".join(sorted(tables.written)) == written
