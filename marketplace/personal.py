"""What is different for whoever looks, in pages that are otherwise the same for everybody.

A template writes such a part as `{{ personal("site_header", …) }}`. While a page is made for everybody this
leaves a gap, which is filled for each reader; on any other page the part is there at once.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, get_flashed_messages, session
from flask_login import current_user
from markupsafe import Markup

from marketplace.maintenance import announced
from marketplace.notifications.rules import count_in_words

# No form and no column has a NUL in it, so nobody can write a gap.
GAP = re.compile(r"\0(\d+)\0")

Part = Callable[..., Markup]


@dataclass(frozen=True)
class Gap:
    """The name of a part, and what it is told wherever it is filled in."""

    name: str
    known: tuple[Any, ...]

    def filled(self) -> Markup:
        """Return the part for the reader of this request."""
        part: Part = current_app.extensions["personal"][self.name]
        return part(*self.known)


@dataclass(frozen=True)
class SharedPage:
    """A page with gaps: one text more than gaps, in turns."""

    texts: tuple[bytes, ...]
    gaps: tuple[Gap, ...]

    def __len__(self) -> int:
        """Return about how many bytes it takes."""
        return sum(map(len, self.texts)) + len(repr(self.gaps))

    def filled(self) -> bytes:
        """Return the page for the reader of this request."""
        pieces = [self.texts[0]]
        for gap, text in zip(self.gaps, self.texts[1:], strict=True):
            pieces += (gap.filled().encode(), text)
        return b"".join(pieces)


def init_app(app: Flask) -> None:
    """Offer templates `personal()`, with the parts that are on every page."""
    app.extensions["personal"] = {}
    app.add_template_global(personal)
    register(app, "site_header", _site_header)
    register(app, "messages", _messages)


def register(app: Flask, name: str, part: Part) -> None:
    """Let templates write `personal(name, …)`; `part` is called with the rest, and knows who looks."""
    app.extensions["personal"][name] = part


def personal(name: str, *known: Any) -> Markup:
    """Return a part of the page for the reader, or a gap for it; `known` is the same for everybody."""
    gap = Gap(name, known)
    gaps: list[Gap] | None = g.get("gaps")
    if gaps is None:
        return gap.filled()
    gaps.append(gap)
    return Markup("\0{}\0").format(len(gaps) - 1)


def macro(template: str, name: str) -> Part:
    """Return a macro of a template, to be called from Python."""
    found: Part = getattr(current_app.jinja_env.get_template(template).module, name)
    return found


def for_everybody(make: Callable[[], Any]) -> SharedPage | Any:
    """Return the page that `make` makes for a visitor, with gaps where members would see another one.

    What has to do with the reader's session, and any other answer than a page, is returned as it is for the
    reader: a visitor may be told that there is nothing to see where a member sees a page.
    """
    is_member = current_user.is_authenticated
    with _gaps_left(), _as_visitor():
        page = make()
        gaps = tuple(g.gaps)
    match page:
        case str():
            shared = _split(page, gaps)
            return shared.filled() if session.modified or "csrf_token" in g else shared
        case (str(text), int(status)):
            return make() if is_member else (_split(text, gaps).filled(), status)
    # A redirect or a feed has no gaps.
    return page


def _split(page: str, gaps: Sequence[Gap]) -> SharedPage:
    pieces = GAP.split(page)
    texts = tuple(text.encode() for text in pieces[::2])
    return SharedPage(texts, tuple(gaps[int(number)] for number in pieces[1::2]))


@contextmanager
def _gaps_left() -> Iterator[None]:
    g.gaps = []
    try:
        yield
    finally:
        # Also before the page that says what went wrong is made.
        g.pop("gaps")


@contextmanager
def _as_visitor() -> Iterator[None]:
    """Have nobody signed in, so that nothing of a member's gets into a page for everybody."""
    reader = current_user._get_current_object()
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    try:
        yield
    finally:
        g._login_user = reader


def _site_header(endpoint: str, query: str, keep: Any) -> Markup:
    # Not by the proxy, which the template would go through a hundred times.
    reader = current_user._get_current_object()
    unread = reader.unread if reader.is_authenticated else 0
    header = macro("components/site_header.html", "site_header")
    return header(reader, endpoint, query, keep, unread, count_in_words(unread))


def _messages() -> Markup:
    banner = macro("components/maintenance_banner.html", "maintenance_banner")(announced())
    flashed = get_flashed_messages(with_categories=True)
    return banner + Markup("\n") + macro("components/flash.html", "flash")(flashed)
