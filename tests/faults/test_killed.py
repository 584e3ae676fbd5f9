"""A worker is killed in the middle of a registration or an upload: it is done, or it never was.

The browser gets no answer then. Another worker takes over, and whoever tries again gets on.
"""

from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.browser import Browser
from tests.support.operator import as_environment
from tests.support.pictures import photo
from tests.support.postgresql import ROOT, connect, run_project_command
from tests.support.site import Site

# Lets a function kill the process that calls it, before or after it does its work, once.
CONFIGURATION = """
import os
import signal
from importlib import import_module
from pathlib import Path

worker_class = "marketplace.worker.Worker"
workers, threads = 1, 2
armed = Path({armed!r})


def post_fork(server, worker):
    module, _, name = {where!r}.partition(":")
    owner = import_module(module)
    *path, last = name.split(".")
    for part in path:
        owner = getattr(owner, part)
    original = getattr(owner, last)

    def deadly(*values, **options):
        if not armed.exists():
            return original(*values, **options)
        armed.unlink()
        if {when!r} == "after":
            original(*values, **options)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, last, deadly)
"""
COMMIT = "sqlalchemy.orm.session:Session.commit"
REGISTRATION = [
    ("before", "marketplace.accounts.actions:register_member", 0),
    ("after", "marketplace.accounts.actions:register_member", 0),
    ("before", COMMIT, 0),
    ("after", COMMIT, 1),
]
UPLOAD = [
    ("before", "marketplace.pictures.workshop:make_variants", 0),
    ("after", "marketplace.pictures.workshop:make_variants", 0),
    ("after", "marketplace.pictures.storage.folder:_write", 0),
    ("after", "marketplace.pictures.storage.folder:Folder.save", 0),
    ("before", COMMIT, 0),
    ("after", COMMIT, 1),
]


@pytest.fixture
def database(make_database):
    return make_database()


@pytest.fixture
def serve(database, tmp_path):
    """Starts a site in which a function is deadly once the file `armed` is there."""
    with ExitStack() as sites:

        def start(when, where):
            settings = tmp_path / "gunicorn.conf.py"
            settings.write_text(CONFIGURATION.format(when=when, where=where, armed=str(tmp_path / "armed")))
            environment = as_environment(
                DATABASE_URL=database, SECRET_KEY="tests", MEDIA_URL=(tmp_path / "media").as_uri()
            )
            command = ("gunicorn", "--config", str(settings), "wsgi:app", "--no-control-socket")
            site = Site(ROOT, environment, (*command, "--bind", "localhost:{port}"))
            sites.callback(site.kill)
            return site.wait_until_it_answers()

        yield start


def count(url, table):
    with connect(url) as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


@pytest.mark.soak
@pytest.mark.parametrize(("when", "where", "done"), REGISTRATION)
def test_a_registration_is_done_or_never_was(when, where, done, serve, database, tmp_path):
    site = serve(when, where)
    browser = Browser(site)
    (tmp_path / "armed").touch()
    assert browser.register("newcomer") == 0
    assert count(database, "users") == done
    # To whoever tries again, it is a name that can be had, or their own that is taken.
    assert Browser(site).register("newcomer") == (422 if done else 200)
    assert count(database, "users") == 1
    assert browser.get("/my/listings")[0] == 200


@pytest.mark.soak
@pytest.mark.parametrize(("when", "where", "done"), UPLOAD)
def test_an_upload_is_done_or_never_was(when, where, done, serve, database, tmp_path):
    site = serve(when, where)
    browser = Browser(site)
    assert browser.register("newcomer") == 200
    picture = photo()
    (tmp_path / "armed").touch()
    assert browser.upload(picture) == (0, "")
    assert (count(database, "pictures"), count(database, "listing_drafts")) == (done, done)
    status, page = browser.upload(picture)
    assert (status, "Tools" in page) == (200, True)
    assert count(database, "pictures") == done + 1
    # Each picture has its files. What else lies there is known, and belongs to nothing.
    media = {"database_url": database, "MEDIA_URL": (tmp_path / "media").as_uri()}
    said = run_project_command("flask", "media", "check", check=False, **media)
    assert "missing" not in said.stdout.lower(), said.stdout
    shown = whole_pictures(tmp_path / "media")
    assert len(shown) >= done + 1


def whole_pictures(media: Path) -> list[Path]:
    """The folders of pictures that are in their place, each of which must be complete."""
    folders = [folder for folder in media.glob("[0-9a-f][0-9a-f]/*") if folder.is_dir()]
    for folder in folders:
        assert len(list(folder.iterdir())) == 6, folder
    return folders
