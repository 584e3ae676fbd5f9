"""What addresses may look like: ids that PostgreSQL can hold, and paths that stay on this site."""

from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from werkzeug.routing import BaseConverter, IntegerConverter, PathConverter


class IdConverter(IntegerConverter):
    """A key as the database gives them out, counting from 1; anything else is a page that does not exist."""

    # Eighteen digits fit bigint, whatever they are. A range checked after the match would not do:
    # Werkzeug answers 405 then where another rule of the same path takes another method.
    regex = r"[1-9][0-9]{0,17}"


class SlugsConverter(PathConverter):
    """One to three slugs of categories, from the root down."""

    regex = r"[a-z0-9-]{1,80}(?:/[a-z0-9-]{1,80}){0,2}"


class UsernameConverter(BaseConverter):
    """A member's name, in any case."""

    regex = r"[A-Za-z0-9][A-Za-z0-9._-]{2,29}"


def init_app(app: Flask) -> None:
    """Register the converters, and refuse addresses that are not text or have a NUL in it."""
    app.url_map.converters["id"] = IdConverter
    app.url_map.converters["slugs"] = SlugsConverter
    app.url_map.converters["username"] = UsernameConverter
    app.add_template_filter(whole_address)

    @app.before_request
    def refuse_unreadable() -> None:
        try:
            request.query_string.decode()
        except UnicodeDecodeError:
            abort(400)
        # PostgreSQL can neither store nor compare a NUL.
        parts = [request.path, *request.args.keys(), *(v for vs in request.args.listvalues() for v in vs)]
        if any("\x00" in part for part in parts):
            abort(400)


def path_on_this_site(text: str | None) -> str | None:
    """Return `text` when it is a path on this site that a redirect may lead to, else None.

    Browsers read a backslash as a slash and drop tabs and line breaks, so neither may occur,
    nor may any other character that cannot be seen: forms carry the path from page to page.
    """
    if not text or not text.startswith("/") or text.startswith("//"):
        return None
    if "\\" in text or not text.isprintable():
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if not parts.scheme and not parts.netloc else None


def whole_address(path: str) -> str:
    """Return the address of a path on this site as it is written elsewhere: in a message, say.

    It begins with SITE_URL. Without that setting it begins with what the request calls the site, which
    is the reader's to choose: then it must be shown to that reader alone.
    """
    return f"{current_app.config['SITE_URL'] or request.host_url.rstrip('/')}{path}"
