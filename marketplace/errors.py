"""The pages shown when something is wrong, each in the site's layout."""

import psycopg2
from flask import Flask, current_app, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import BadHost, HTTPException, NotFound, SecurityError
from werkzeug.wrappers import Response

from marketplace.extensions import db
from marketplace.logs import reason_of

PAGES = frozenset({400, 403, 404, 405, 413, 414, 429})
# In seconds, until when it is worth trying again: a database that is away, and one that is only busy.
AWAY, BUSY = "30", "5"
UNUSABLE = (OperationalError, InternalError, PoolTimeout)


def init_app(app: Flask) -> None:
    """Register one handler for each kind of failure."""
    app.register_error_handler(CSRFError, show_http_error)
    app.register_error_handler(HTTPException, show_http_error)
    for kind in UNUSABLE:
        app.register_error_handler(kind, show_unusable)
    app.register_error_handler(StaleDataError, show_gone)
    app.register_error_handler(Exception, show_failure)


def show_http_error(error: HTTPException) -> ResponseReturnValue:
    """The page for a refused request; redirects pass through."""
    if error.code is not None and error.code < 400:
        return error.get_response(request.environ)
    if isinstance(error, BadHost | SecurityError):
        # No page of ours can be made: its links need a host. No browser asks like that.
        return "There is no such host.\n", 400, {"Content-Type": "text/plain; charset=utf-8"}
    # Flask wraps what fails outside a view, such as the commit after it or another error's page.
    cause = getattr(error, "original_exception", None)
    if isinstance(cause, UNUSABLE):
        return show_unusable(cause)
    # What the request did before it failed must not be seen, not even by its own error page.
    db.session.rollback()
    code = error.code if error.code in PAGES else (500 if (error.code or 500) >= 500 else 400)
    page = _bare_page(code) if code == 500 else render_template(f"errors/{code}.html", error=error)
    response = Response(page, status=error.code or 500, content_type="text/html; charset=utf-8")
    for name, value in error.get_headers(request.environ):
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def show_unusable(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    """The page for a database that is away, busy or for reading alone; it needs no database itself."""
    if isinstance(error, InternalError) and not _is_read_only(error):
        return show_failure(error)
    current_app.logger.error("The database cannot be used: %r", reason_of(error))
    page = _bare_page(503, can_be_read=_is_read_only(error))
    return page, 503, {"Retry-After": BUSY if isinstance(error, PoolTimeout) else AWAY}


def show_gone(_error: StaleDataError) -> ResponseReturnValue:
    """The page for a change to something that another request has deleted meanwhile."""
    return show_http_error(NotFound())


def show_failure(error: Exception) -> ResponseReturnValue:
    """The page for a mistake of ours; it needs neither database nor session."""
    current_app.logger.exception("A request failed: %s %r", request.method, request.path, exc_info=error)
    return _bare_page(500), 500


def _is_read_only(error: Exception) -> bool:
    return isinstance(getattr(error, "orig", None), psycopg2.errors.ReadOnlySqlTransaction)


def _bare_page(code: int, **context: bool) -> str:
    # Not by Flask's render_template: it would look for the member behind the session first.
    return current_app.jinja_env.get_template(f"errors/{code}.html").render(context)
