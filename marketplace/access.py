"""Who may do what. Closed by default: a view without a named rule is refused."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from marketplace.limits import ADDRESS_MAXIMUM
from marketplace.urls import path_on_this_site

View = Callable[..., Any]


class Owned(Protocol):
    """Anything that belongs to one member."""

    owner_id: Any


def public(view: View) -> View:
    """Let everyone in."""
    view.access_rule = "public"  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """Let members in, and send visitors to log in first."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        if not current_user.is_authenticated:
            return _log_in_first()
        return view(**arguments)

    guarded.access_rule = "signed in"  # type: ignore[attr-defined]
    return guarded


def confirmed(view: View) -> View:
    """Let members in who gave their password a short while ago, and ask the others for it first."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        if not current_user.is_authenticated:
            return _log_in_first()
        if not current_user.is_confirmed:
            return _by_way_of("devices.confirm")
        return view(**arguments)

    guarded.access_rule = "confirmed"  # type: ignore[attr-defined]
    return guarded


def verified(view: View) -> View:
    """Let members in who have proved to own their address, and say to the others how to do it."""

    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        if not current_user.is_authenticated:
            return _log_in_first()
        if not current_user.is_verified:
            return redirect(url_for("accounts.prove"), 303)
        return view(**arguments)

    guarded.access_rule = "verified"  # type: ignore[attr-defined]
    return guarded


def owner_of(load: Callable[..., Owned], refusal: int = 403) -> Callable[[View], View]:
    """Let only its owner in to the thing that `load` finds by the route's ids.

    The view gets the thing instead of the ids. `load` raises NotFound for an unknown id. Other members get
    the status `refusal`: 404 for what nobody else is to know of.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(**ids: int) -> Any:
            if not current_user.is_authenticated:
                return _log_in_first()
            thing = load(**ids)
            if thing.owner_id != current_user.id:
                abort(refusal)
            return view(thing)

        guarded.access_rule = "owner"  # type: ignore[attr-defined]
        return guarded

    return decorate


def moderator(view: View) -> View:
    """Let moderators and administrators in. Visitors log in first; for others there is no such page."""
    return _team(view, "moderator", lambda: bool(current_user.is_moderator))


def administrator(view: View) -> View:
    """Let administrators in. Visitors log in first; for everybody else there is no such page."""
    return _team(view, "administrator", lambda: bool(current_user.is_administrator))


def init_app(app: Flask) -> None:
    """Refuse each request whose view names no rule."""
    public(app.view_functions["static"])

    @app.before_request
    def closed_by_default() -> None:
        if request.endpoint is None:
            return
        if not hasattr(current_app.view_functions[request.endpoint], "access_rule"):
            current_app.logger.error("The view %s names no access rule.", request.endpoint)
            abort(403)


def _team(view: View, rule: str, is_one: Callable[[], bool]) -> View:
    @wraps(view)
    def guarded(**arguments: Any) -> Any:
        if not current_user.is_authenticated:
            return _log_in_first()
        if not is_one():
            abort(404)
        return view(**arguments)

    guarded.access_rule = rule  # type: ignore[attr-defined]
    return guarded


def _log_in_first() -> Response:
    """Send a visitor to the log-in page, and from there back to this page when there is a way back."""
    return _by_way_of("accounts.login")


def _by_way_of(endpoint: str) -> Response:
    """Send somebody to a page that leads back to this one when there is a way back."""
    adapter = current_app.create_url_adapter(request)
    comes_back = request.method == "GET" or (adapter is not None and adapter.test(method="GET"))
    # What cannot be shown may name the page that its form was on.
    target = request.full_path.rstrip("?") if comes_back else path_on_this_site(request.args.get("next"))
    address = url_for(endpoint, next=target)
    if len(address) > ADDRESS_MAXIMUM:
        address = url_for(endpoint)
    return redirect(address, code=303)
