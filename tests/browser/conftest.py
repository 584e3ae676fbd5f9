"""A real browser, once for each worker, and a live site on a database that commits."""

import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from marketplace.categories.command import STARTER_FILE, load_file
from tests.conftest import dispose, make_app
from tests.factories import Factories
from tests.support import postgresql

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, as it is installed on this machine."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip(f"No browser to test with: none of {', '.join(PROGRAMS)} is on PATH.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def live_app(
    server: postgresql.Server, worker_id_or_main: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The application with the starter categories, on a database to which the browser's requests commit."""
    name = f"kula_{worker_id_or_main}_browser"
    outbox = tmp_path_factory.mktemp("outbox")
    app = make_app(postgresql.create_database(server, name), OUTBOX_PATH=str(outbox))
    with app.app_context():
        load_file(STARTER_FILE)
    yield app
    dispose(app)
    postgresql.drop_database(server, name)


@pytest.fixture(scope="session")
def site(live_app: Any) -> Iterator[str]:
    """The address of the running site."""
    web = make_server("127.0.0.1", 0, _read_whole(live_app), threaded=True)
    thread = threading.Thread(target=web.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{web.server_port}"
    web.shutdown()
    thread.join()
    web.server_close()


def _read_whole(app: Any) -> Callable[..., list[bytes]]:
    """The same application, whose answers are read before they are sent.

    Werkzeug's server leaves a file open when the browser goes away while it is sent.
    """

    def answer(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = app(environ, start_response)
        try:
            return list(body)
        finally:
            getattr(body, "close", lambda: None)()

    return answer


@pytest.fixture(scope="session")
def make_live(live_app: Any) -> Factories:
    """Makes rows that the browser can see; they stay for the other tests of this worker."""
    return Factories(live_app)


@pytest.fixture
def open_page(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Opens pages in browsers of their own; what a page complains of fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_one(path: str = "/", **options: Any) -> Page:
        context = browser.new_context(base_url=site, **options)
        contexts.append(context)
        context.set_default_timeout(20_000)
        # A broken content policy, a missing file and an uncaught error all end up here.
        context.on("console", lambda message: _note(message.type, message.text))
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("requestfailed", lambda request: _note_failure(request.url, request.failure))
        page = context.new_page()
        page.goto(path)
        return page

    def _note(kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            complaints.append(text)

    def _note_failure(url: str, failure: str | None) -> None:
        # A browser that goes on to the next page gives up what it still fetches for the last one.
        if failure != "net::ERR_ABORTED":
            complaints.append(f"{url}: {failure}")

    yield open_one
    for context in contexts:
        context.close()
    assert complaints == []
