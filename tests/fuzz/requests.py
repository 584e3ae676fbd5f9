"""Requests that no browser would send: any method, address, header and body, against every route there is."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import quote, unquote

from hypothesis import strategies as st

from tests.conventions.routes import ROUTES
from tests.support.hostile import HOSTILE

METHODS = ("GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")
# The names that pages and forms send, in one bag: each is tried everywhere.
NAMES = (
    *(
        "q",
        "category",
        "kind",
        "type",
        "days",
        "min",
        "max",
        "condition",
        "area",
        "posted",
        "picture",
        "sort",
    ),
    *(
        "near",
        "after",
        "before",
        "older",
        "next",
        "tab",
        "title",
        "name",
        "category_id",
        "without",
        "act",
        "id",
    ),
    *(
        "about",
        "new_password",
        "stop",
        "start",
        "until",
        "listing_ends",
        "time_zone",
        "List-Unsubscribe",
        "username",
        "email",
        "password",
        "remember",
        "description",
        "lifetime_days",
        "listing",
        "based_on",
    ),
    *("give", "get", "from-1", "until-1", "note", "open_days", "version", "reason", "words"),
    *("slug", "parent", "place", "heir", "state", "below"),
    *("saves", "seen", "by_itself", "go", "add", "remove", "earlier", "later", "remove_picture", "upload"),
    *("offers-0-id", "offers-0-name", "offers-0-value", "offers-0-duration_days", "offers-0-exchange_type"),
    *("offers-0-picture", "offers-0-files", "offers-1-name", "wants-0-name", "alt-1", "owner_id", "status"),
    *("is_active", "session_epoch", "created_at", "member_id", "seen_at", "csrf_token", "_method", "code"),
)
WORDS = (
    *("1", "2", "3", "40", "0", "-1", "9223372036854775807", "9223372036854775808", "1e9", "٣", "", " ", "x"),
    *(
        "active",
        "archived",
        "check",
        "offers",
        "wants",
        "archive",
        "renew",
        "restore",
        "permanent",
        "temporary",
        "at_once",
        "never",
        "daily",
        "Asia/Tokyo",
    ),
    *("/", "//example.org", "javascript:alert(1)", "tools", "a@example.org", "yes", "value", "relevance"),
    *(
        "' OR 1=1 --",
        "'; DROP TABLE users; --",
        "${7*7}",
        "{{7*7}}",
        "../../etc/passwd",
        "%00",
        "%s%n",
        "\x00",
    ),
    *("1-1", "9999999999999999-1", "00000000-0000-4000-8000-000000000000"),
)
# As the server hands headers on.
HEADERS = (
    *("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_CONTENT_ENCODING", "CONTENT_LENGTH", "CONTENT_TYPE"),
    *(
        "HTTP_COOKIE",
        "HTTP_HOST",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_IF_NONE_MATCH",
        "HTTP_ORIGIN",
        "HTTP_RANGE",
    ),
    *("HTTP_REFERER", "HTTP_TRANSFER_ENCODING", "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR"),
    *("HTTP_X_FORWARDED_HOST", "HTTP_X_HTTP_METHOD_OVERRIDE", "HTTP_X_REQUEST_ID", "HTTP_AUTHORIZATION"),
)
CONTENT_TYPES = (
    *(
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
    ),
    *("application/json", "application/xml", "x", "application/x-www-form-urlencoded; charset=utf-16"),
)


@dataclass
class Wild:
    """A request, and whether it is the member's; `has_token` when it carries the token of its session."""

    by_member: bool
    method: str
    path: str
    query: str
    headers: dict[str, str]
    has_token: bool
    body: dict[str, Any] = field(default_factory=dict)

    def arguments(self, token: str) -> dict[str, Any]:
        """What the test client's `open` takes.

        The path is given as servers hand it on: the client takes one that begins with two slashes for a host.
        """
        environ = {"PATH_INFO": unquote(self.path, "latin-1"), **self.headers}
        values: dict[str, Any] = {
            "method": self.method,
            "query_string": self.query,
            "environ_overrides": environ,
            **self.body,
        }
        if isinstance(values.get("data"), dict):
            # A file is read once.
            values["data"] = {
                name: (BytesIO(value[0]), value[1]) if isinstance(value, tuple) else value
                for name, value in values["data"].items()
            }
            if self.has_token:
                values["data"]["csrf_token"] = token
        return values


latin = st.text(st.characters(codec="latin-1", exclude_characters="\r\n\x00"), max_size=30)
hostile = st.sampled_from([text.decode(errors="replace")[:2000] for text in HOSTILE.values()])
texts = st.sampled_from(WORDS) | st.text(max_size=40) | hostile
names = st.sampled_from(NAMES) | st.text(max_size=12)


def paths(known: dict[str, list[Any]]) -> st.SearchStrategy[str]:
    """Paths of all routes with ids that exist and that do not, and paths of no route."""
    listing_ids, item_ids, search_ids, device_ids, notification_ids, exchange_ids = (
        st.sampled_from([*known[name], 1, 10**18])
        for name in ("listings", "items", "searches", "devices", "notifications", "exchanges")
    )
    drafts = st.sampled_from(known["drafts"]) | st.uuids()
    of_routes = st.builds(
        lambda route, listing, item, search, draft, name, device, notification, exchange: route.path(
            listing,
            item,
            "tools",
            name,
            draft,
            search,
            device,
            notification_id=notification,
            exchange_id=exchange,
        ),
        st.sampled_from(ROUTES),
        listing_ids,
        item_ids,
        search_ids,
        drafts,
        st.sampled_from(["victim", "mallory", "nobody"]),
        device_ids,
        notification_ids,
        exchange_ids,
    )
    # What is in an address has to be written so that it is one.
    spoilt = st.builds(lambda path, text: quote(path + text, safe="/%"), of_routes, texts)
    return of_routes | spoilt | st.builds(lambda text: "/" + quote(text, safe="/"), texts)


def queries() -> st.SearchStrategy[str]:
    """Query strings, most of them of names that some page knows."""
    pairs = st.lists(st.tuples(names, texts), max_size=4)
    return pairs.map(lambda found: "&".join(f"{quote(name)}={quote(value)}" for name, value in found))


def bodies() -> st.SearchStrategy[dict[str, Any]]:
    """Bodies: forms, forms with files, JSON, and bytes of any type."""
    values = texts | st.lists(texts, max_size=3)
    files = st.tuples(st.binary(max_size=60), st.sampled_from(["a.jpg", "../a.svg", "", "a.php\x00.jpg"]))
    forms = st.dictionaries(names, values, max_size=8).map(lambda data: {"data": data})
    with_files = st.dictionaries(names, texts | files, max_size=5).map(
        lambda data: {"data": data, "content_type": "multipart/form-data"}
    )
    json = st.recursive(
        st.none() | st.booleans() | st.integers() | texts, lambda part: st.lists(part, max_size=3)
    )
    raw = st.builds(
        lambda data, kind: {"data": data, "content_type": kind},
        st.binary(max_size=200),
        st.sampled_from(CONTENT_TYPES),
    )
    return forms | forms | with_files | json.map(lambda value: {"json": value}) | raw


def wild_requests(known: dict[str, list[Any]]) -> st.SearchStrategy[Wild]:
    """Requests by a visitor or the member; `known` are the ids of listings, items, searches and drafts."""
    return st.builds(
        Wild,
        by_member=st.booleans(),
        method=st.sampled_from(("GET", "POST", "POST", *METHODS)),
        path=paths(known),
        query=st.just("") | queries(),
        headers=st.just({}) | st.dictionaries(st.sampled_from(HEADERS), latin, max_size=2),
        has_token=st.sampled_from([True, True, True, False]),
        body=st.just({"data": {}}) | bodies(),
    )
