"""Pages that are the same for every visitor: made once for each version of what the site shows.

A view that is `@conditional` shows nothing but what `current_version` counts, and until a moment that it
notes itself (see freshness.py). Its page bears a tag. Asked for again with the tag while nothing changed,
the answer is 304; asked for by another visitor, it is the page as it was made. Either takes one cheap
statement and nothing else, before Flask is asked; visitors who come within an instant share it, so that a
crowd hardly reaches the database. For a member the page is kept with gaps where it differs by who looks (see
personal.py), and only those are made anew: members see at once what they have changed. For members who are
kept apart from others (see blocks/) all of it is made anew, and not kept.
"""

import re
import time
from collections.abc import Callable, Iterable
from functools import cached_property, wraps
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from sqlalchemy.exc import SQLAlchemyError

from marketplace.blocks.queries import reader_apart
from marketplace.database.versions import ENVIRON_KEY, SHOWS_VERSION, Version, current_version
from marketplace.freshness import end_of_truth
from marketplace.page_store import PageStore, StoredPage
from marketplace.personal import SharedPage, for_everybody
from marketplace.security_headers import page_headers

Environ = dict[str, Any]
HeaderList = list[tuple[str, str]]

STORE_BYTES = 32_000_000
# What a visitor sees may be so old: too short to notice, and long enough for a crowd to share a look.
SHARED_SECONDS = 0.02
# A page that has no end is taken for true so long; then it is made again, and is the same.
LONGEST_SECONDS = 86_400
UNTIL_KEY = "kula.true_until"
TAG = re.compile(r'"([0-9a-f]{1,12})-([0-9a-f]{32})"')


def conditional(view: Callable[..., Any]) -> Callable[..., Any]:
    """Declare that the view's page is the same for everybody while the content is, and no listing ends."""
    return _declared(view, any_end=True)


def conditional_but_for_ends(view: Callable[..., Any]) -> Callable[..., Any]:
    """Declare the same of a page that notes itself when the listings end that it depends on."""
    return _declared(view, any_end=False)


def _declared(view: Callable[..., Any], any_end: bool) -> Callable[..., Any]:
    @wraps(view)
    def noted(**arguments: Any) -> Any:
        if reader_apart() is not None:
            # This member does not see what everybody sees.
            return view(**arguments)
        # Before anything is read: the page may be newer than its version, but never older.
        version = current_version()
        latest = version.now + LONGEST_SECONDS
        pages: ConditionalPages = current_app.extensions["conditional_pages"]
        page, until = pages.for_everybody(
            lambda: view(**arguments), version, min(latest, version.next_end) if any_end else latest
        )
        if isinstance(page, SharedPage):
            page = page.filled()
        # What was filled in may be true for less long.
        request.environ[UNTIL_KEY] = int(min(until, end_of_truth()))
        return page

    setattr(noted, SHOWS_VERSION, True)
    return noted


def init_app(app: Flask) -> None:
    """Look at visitors' requests before Flask does; not under its debugger, which reads templates anew."""
    app.config.setdefault("PAGE_STORE_BYTES", 0 if app.debug else STORE_BYTES)
    app.config.setdefault("VERSION_SHARED_SECONDS", SHARED_SECONDS)
    pages = ConditionalPages(app)
    app.extensions["conditional_pages"] = pages
    app.extensions["page_store"] = pages.store
    if not app.debug:
        app.wsgi_app = pages  # type: ignore[method-assign]


class ConditionalPages:
    """The WSGI application that answers for what has not changed, and leaves the rest to the one inside."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._inner = app.wsgi_app
        self._cookie = app.config["SESSION_COOKIE_NAME"]
        self._shared_seconds: float = app.config["VERSION_SHARED_SECONDS"]
        # The version that visitors share, and until when by this process's clock.
        self._shared: tuple[Version | None, float] = (None, 0.0)
        self.store = PageStore(app.config["PAGE_STORE_BYTES"])

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if not self._is_visitors(environ):
            return self._inner(environ, start_response)
        address = _address(environ)
        stored = self.store.find(address)
        tags = TAG.findall(environ.get("HTTP_IF_NONE_MATCH", ""))
        # While something is announced or the site is closed, Flask answers.
        version = self._version() if (stored or tags) and self._is_plainly_open() else None
        if version is not None:
            # If the page must be made after all, it is for this version.
            environ[ENVIRON_KEY] = version
            for until, digest in tags:
                end = int(until, 16)
                if version.now < end and digest == self._digest(address, version, end):
                    start_response("304 NOT MODIFIED", self._headers_of_unchanged(f'"{until}-{digest}"'))
                    return []
            if stored is not None and stored.is_current(self._edition_of(version), version.now):
                start_response("200 OK", list(stored.headers))
                return [stored.body] if environ["REQUEST_METHOD"] == "GET" else []
        return self._make(environ, start_response, address)

    def for_everybody(self, make: Callable[[], Any], version: Version, latest: float) -> tuple[Any, int]:
        """Return the page that `make` makes, with gaps if it is one for everybody, and until when it is true.

        That is at the `latest`. It is the page that is kept when it would be made the same now.
        """
        key, edition = f"shared {_address(request.environ)}", self._edition_of(version)
        stored = self.store.find(key)
        if stored is not None and stored.is_current(edition, version.now):
            return stored.body, stored.until
        page = for_everybody(make)
        until = int(min(end_of_truth(), latest))
        if isinstance(page, SharedPage) and until > version.now:
            self.store.keep(key, StoredPage(edition, until, (), page))
        return page, until

    def _is_visitors(self, environ: Environ) -> bool:
        """Tell whether the answer may be one for everybody: no member asks."""
        cookies = environ.get("HTTP_COOKIE", "")
        return environ["REQUEST_METHOD"] in ("GET", "HEAD") and self._cookie not in cookies

    def _is_plainly_open(self) -> bool:
        return self._app.extensions["maintenance"].now() is None

    def _version(self) -> Version | None:
        """Return the version of this moment, or of an instant ago; None when there is no database to ask."""
        asked_at = time.monotonic()
        version, until = self._shared
        if asked_at < until:
            return version
        try:
            version = self._app.extensions["versions"].read()
        except SQLAlchemyError:
            # The page itself says so better.
            return None
        self._shared = version, asked_at + self._shared_seconds
        return version

    def _make(self, environ: Environ, start_response: Any, address: str) -> Iterable[bytes]:
        """Let the page be made, give it its tag, and keep it, if it may be."""
        answer: list[Any] = []

        def hold_back(*status_and_headers: Any) -> Any:
            answer[:] = status_and_headers

        body = self._inner(environ, hold_back)
        status, headers = answer[:2]
        until = environ.get(UNTIL_KEY)
        sets_cookie = any(name.lower() == "set-cookie" for name, _ in headers)
        if until is None or not status.startswith("200 ") or sets_cookie:
            start_response(*answer)
            return body
        version = environ[ENVIRON_KEY]
        if until > version.now:
            digest = self._digest(address, version, until)
            headers = [*headers, ("ETag", f'"{until:x}-{digest}"')]
        start_response(status, headers)
        if until <= version.now or environ["REQUEST_METHOD"] == "HEAD":
            return body
        try:
            whole = b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()
        self.store.keep(address, StoredPage(self._edition_of(version), until, headers, whole))
        return [whole]

    def _headers_of_unchanged(self, tag: str) -> HeaderList:
        return [("ETag", tag), ("Vary", "Cookie"), *page_headers(self._app).items()]

    def _digest(self, address: str, version: Version, until: int) -> str:
        text = f"{self._edition_of(version)} {until} {address}"
        return blake2b(text.encode(), digest_size=16, key=self._secret).hexdigest()

    def _edition_of(self, version: Version) -> str:
        """What a page is made of: the content, the static files that it names, and the code that makes it."""
        return f"{version.content} {self._app.extensions['assets'].edition} {self._code}"

    @cached_property
    def _secret(self) -> bytes:
        # Nobody can make up a tag, and have a page that never was called unchanged.
        return blake2b(self._app.config["SECRET_KEY"].encode(), digest_size=32).digest()

    @cached_property
    def _code(self) -> str:
        digest = blake2b(digest_size=16)
        for folder in map(Path, (self._app.root_path, str(self._app.template_folder))):
            for file in sorted(folder.rglob("*.*")):
                if file.suffix in (".py", ".toml", ".html"):
                    digest.update(f"{file.relative_to(folder)}\0".encode() + file.read_bytes())
        return digest.hexdigest()


def _address(environ: Environ) -> str:
    parts = ("wsgi.url_scheme", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING")
    return " ".join(environ.get(part, "") for part in parts)
