"""`flask serve` with the embedded server, in a copy of the project with an `instance/` of its own."""

import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg2
import pytest

from tests.support.operator import HEAD, as_environment
from tests.support.postgresql import ROOT
from tests.support.site import Site, wait_until

PARTS = ("marketplace", "migrations", "templates", "static", "wsgi.py", "pyproject.toml")


@pytest.fixture
def project() -> Iterator[Path]:
    """A copy of the project in which nothing has run yet."""
    # Not under pytest's own folder, which is closed to the user that the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="kula-"))
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, folder / part)
    yield folder
    for server in servers_of(folder):
        server.kill()
    wait_until(lambda: not servers_of(folder), "the server of the test has ended")
    shutil.rmtree(folder)


@pytest.fixture
def start(project: Path) -> Iterator[Callable[[], Site]]:
    """Starts the site of the copy, as `make run` does."""
    sites: list[Site] = []

    def start_it() -> Site:
        environment = as_environment(PYTHONPATH=str(project))
        sites.append(Site(project, environment))
        return sites[-1].wait_until_it_answers()

    yield start_it
    for site in sites:
        site.kill()


def servers_of(project: Path) -> list[psutil.Process]:
    """The PostgreSQL servers whose data lie in this copy."""
    data = str(project / "instance" / "postgres")
    return [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres" and data in (process.info["cmdline"] or [])
    ]


def contents(project: Path) -> dict[str, object]:
    """The revision and every category, with the transaction that wrote it last."""
    connection = psycopg2.connect(
        host=str(project / "instance" / "postgres"), user="postgres", dbname="kula", password=""
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT version_num, xmin::text FROM alembic_version")
            revision = cursor.fetchall()
            cursor.execute("SELECT id, name, xmin::text FROM categories ORDER BY id")
            return {"revision": revision, "categories": cursor.fetchall()}
    finally:
        connection.close()


def test_the_database_is_made_once_kept_and_stopped(project, start):
    assert not (project / "instance").exists()
    first = start()
    assert first.get("/")[0] == 200
    made = contents(project)
    assert [revision for revision, _ in made["revision"]] == [HEAD]
    assert len(made["categories"]) > 50
    secret = project / "instance" / "secret_key"
    kept = secret.read_text()
    assert len(kept) >= 32
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert len(servers_of(project)) == 1

    printed = first.interrupt()
    assert len(printed.splitlines()) <= 3, printed
    assert first.processes() == []
    assert servers_of(project) == [], "the database server outlived the site"

    second = start()
    assert contents(project) == made
    assert secret.read_text() == kept
    assert sorted(file.name for file in (project / "instance").iterdir()) == [
        "postgres",
        "secret_key",
        "static",
    ]

    # A killed site cannot stop its server; the next one takes it over, and stops it in the end.
    second.kill()
    assert len(servers_of(project)) == 1
    third = start()
    assert third.get("/")[0] == 200
    assert contents(project) == made
    third.interrupt()
    assert third.processes() == []
    assert servers_of(project) == [], "the server that a killed site left behind was never stopped"


def test_two_commands_at_once_share_the_server(project, start):
    site = start()
    environment = as_environment(PYTHONPATH=str(project))
    for _ in range(2):
        result = subprocess.run(
            [sys.executable, "-m", "flask", "db", "current"],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (result.returncode, result.stdout.split()) == (0, [HEAD, "(head)"]), result.stderr
        assert site.get("/")[0] == 200, "a command that ended took the site's server with it"
