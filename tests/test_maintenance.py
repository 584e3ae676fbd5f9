"""The site closes and opens on every worker, and nothing about it ever fails a page."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from marketplace.maintenance import Maintenance, Watch, retry_after
from tests.conftest import dispose, make_app, new_client
from tests.support.html import text_of
from tests.support.postgresql import ROOT, connect, run_project_command

PATIENCE = 60


@pytest.fixture
def url(make_database: Callable[..., str]) -> str:
    return make_database()


@pytest.fixture
def workers(url: str) -> Iterator[list[Flask]]:
    """Two processes' worth of the site, which look at the state for each request."""
    apps = [make_app(url, MAINTENANCE_CHECK_SECONDS=0) for _ in range(2)]
    yield apps
    for app in apps:
        dispose(app)


def flask(url: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess:
    return run_project_command("flask", "maintenance", *arguments, database_url=url, check=check)


def test_closed_it_answers_on_every_worker_with_the_page_and_opens_again(workers, url):
    browsers = [new_client(app) for app in workers]
    for browser in browsers:
        browser.page("/")
    assert (
        "closed within a second" in flask(url, "on", "--for", "2h", "--message", "We add <pictures>.").stdout
    )
    for browser in browsers:
        for path in ("/", "/login", "/no/such/page"):
            page = browser.page(path, 503)
            assert "We add <pictures>." in text_of(page)
            assert browser.statements == []
        response = browser.get("/")
        assert 7000 < int(response.headers["Retry-After"]) <= 7200
        # A form is not checked for its token first: whoever sends one is told why it is not taken.
        assert browser.post("/login", data={"email": "a"}).status_code == 503
        assert browser.get("/health").status_code == 200
        with browser.get("/static/css/base.css") as stylesheet:
            assert stylesheet.status_code == 200
    assert "Maintenance is on until" in flask(url).stdout
    flask(url, "off")
    for browser in browsers:
        browser.page("/")


def test_announced_it_says_when_on_every_page_and_stays_open(workers, url):
    moment = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    said = flask(
        url, "announce", "--at", f"{moment:%Y-%m-%d %H:%M}", "--for", "30m", "--message", "Back soon."
    )
    assert f"Announced for {moment:%Y-%m-%d %H:%M} UTC" in said.stdout
    for app in workers:
        for path, status in (("/", 200), ("/login", 200), ("/no/such/page", 404)):
            page = new_client(app).page(path, status)
            banner = text_of(page.find(".//aside[@aria-label='Announcement']"))
            assert f"from {moment:%H:%M} UTC on" in banner
            assert banner.endswith("Back soon.")
    flask(url, "off")
    assert new_client(workers[0]).page("/").find(".//aside[@aria-label='Announcement']") is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("announce", "--at", "tomorrow"), "is no time"),
        (("announce", "--at", "2020-01-01 10:00"), "is over"),
        (("announce",), "--at"),
        (("on", "--for", "soon"), "is no duration"),
    ],
)
def test_what_makes_no_sense_is_refused(url, arguments, said):
    result = flask(url, *arguments, check=False)
    assert result.returncode == 2
    assert said in result.stderr
    assert flask(url).stdout == "The site is open, and nothing is announced.\n"


def test_opening_a_site_that_was_never_closed_makes_no_table(url):
    flask(url, "off")
    with connect(url) as cursor:
        cursor.execute("SELECT to_regclass('operations.maintenance')")
        assert cursor.fetchone() == (None,)


def test_a_role_that_only_serves_the_site_sees_the_state(url, server):
    flask(url, "on")
    role = "visitor_of_maintenance"
    with connect(url) as cursor:
        cursor.execute(f"CREATE ROLE {role} LOGIN")
        try:
            watch = Watch(url_of(url, username=role), 0)
            assert watch.now().state == "on"
            watch._close()
        finally:
            cursor.execute(f"DROP ROLE {role}")


def url_of(url: str, **parts):
    return make_url(url).set(**parts)


def test_a_worker_outlives_a_lost_connection_and_a_server_that_is_away(url):
    flask(url, "on")
    watch = Watch(url_of(url), 0)
    assert watch.now().state == "on"
    with connect(url) as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            " AND datname = current_database()"
        )
    assert watch.now().state == "on"
    # Away altogether, it goes by what it knew.
    watch._close()
    watch._dsn = "postgresql://nobody@127.0.0.1:1/nothing"
    assert watch.now().state == "on"
    assert Watch(url_of("postgresql://nobody@127.0.0.1:1/nothing"), 0).now() is None


def test_a_server_that_accepts_and_then_hangs_holds_no_page_up_twice():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        watch = Watch(url_of(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/x"), 0)
        assert watch.now() is None
        assert watch._due > time.monotonic() + 1
        # Until then it is not asked again.
        assert watch.now() is None


def test_without_its_table_the_site_is_open(url):
    watch = Watch(url_of(url), 0)
    assert watch.now() is None
    watch._close()


def test_it_asks_once_in_an_interval(url):
    watch = Watch(url_of(url), 3600)
    assert watch.now() is None
    flask(url, "on")
    assert watch.now() is None
    watch._due = 0
    assert watch.now().state == "on"
    watch._close()


def test_retry_after_never_says_the_past():
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert retry_after(Maintenance("on", None, now + timedelta(minutes=2), ""), now) == 120
    assert retry_after(Maintenance("on", None, now - timedelta(minutes=2), ""), now) == 120
    assert retry_after(Maintenance("on", None, None, ""), now) == 120
    assert retry_after(Maintenance("on", None, now + timedelta(seconds=0.1), ""), now) == 1


def test_all_workers_of_a_real_server_close_and_open(url):
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "--preload", "-w", "2", "-b", f"127.0.0.1:{port}", "wsgi:app"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url, "SECRET_KEY": "tests"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: statuses(port, 1) == {200})
        flask(url, "on")
        until(lambda: statuses(port, 20) == {503})
        flask(url, "off")
        until(lambda: statuses(port, 20) == {200})
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(PATIENCE)


def statuses(port: int, times: int) -> set[int]:
    """What so many requests are answered with; 0 for no answer."""
    found = set()
    for _ in range(times):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
                found.add(answer.status)
        except urllib.error.HTTPError as error:
            found.add(error.code)
        except OSError:
            found.add(0)
    return found


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
