"""The same pages from memory: `gunicorn bench.memory:app`.

Takes what each page's template is given from the database once, and renders the template with it for
each request: a plain Flask route, without a database, a check of who asks, or any other hook of the site's.
BENCH_PAGES is a file with a JSON list of the requests to be prepared: [[address, cookie], …].
"""

import json
import os
from pathlib import Path
from typing import Any

from flask import Flask, g, render_template, request, template_rendered
from flask.typing import ResponseReturnValue
from flask_login import current_user

from marketplace import create_app
from marketplace.extensions import db
from marketplace.saved import queries as saved


def take_contexts(app: Flask, requests: list[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, Any]]:
    """Ask for each page once, and return its template's name and context."""
    taken: list[tuple[str, Any]] = []

    def take(_app: Flask, template: Any, context: dict[str, Any], **_more: Any) -> None:
        taken.append((template.name, context))

    contexts = {}
    with template_rendered.connected_to(take, app):
        for address, cookie in requests:
            taken.clear()
            headers = {"Cookie": cookie} if cookie else {}
            response = app.test_client(use_cookies=False).get(address, headers=headers)
            if response.status_code != 200 or len(taken) != 1:
                raise SystemExit(f"{address} answered {response.status} with {len(taken)} templates.")
            contexts[address, cookie] = taken[0]
    return contexts


def take_readers(app: Flask, cookies: set[str]) -> dict[str, Any]:
    """Return who looks with each of these cookies."""
    readers = {}
    for cookie in cookies:
        with app.test_request_context(headers={"Cookie": cookie} if cookie else {}):
            readers[cookie] = current_user._get_current_object()
    return readers


def make_plain(app: Flask, contexts: dict[tuple[str, str], tuple[str, Any]], readers: dict[str, Any]) -> None:
    """Leave the application its addresses and templates, and one view for all of them."""

    def show(**_arguments: Any) -> ResponseReturnValue:
        address = request.full_path if request.query_string else request.path
        cookie = request.headers.get("Cookie", "")
        taken = contexts.get((address, cookie))
        g._login_user = readers.get(cookie)
        return render_template(taken[0], **taken[1]) if taken else ("", 404)

    for hooks in (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
        app.template_context_processors,
    ):
        hooks.clear()
    app.template_context_processors[None] = []
    app.teardown_appcontext_funcs.clear()
    app.view_functions = dict.fromkeys(app.view_functions, show)
    app.wsgi_app = Flask.wsgi_app.__get__(app)  # type: ignore[method-assign]


app = create_app({"PAGE_STORE_BYTES": 0})
requests = json.loads(Path(os.environ["BENCH_PAGES"]).read_text())
make_plain(app, take_contexts(app, requests), take_readers(app, {cookie for _, cookie in requests}))
# What the part of a page that its reader alone sees asks for. The member of the benchmark watches nothing.
saved.is_watched = lambda *_: False
with app.app_context():
    for engine in db.engines.values():
        engine.dispose()
