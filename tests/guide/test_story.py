"""The guide played as a story, by the real commands in a checkout of its own, with 100,000 listings."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import postgresql
from tests.support.operator import CHAIN, HEAD, numbered
from tests.support.postgresql import ROOT, Server, connect
from tests.support.revisions import REVISION
from tests.support.site import Site

pytestmark = pytest.mark.soak

LISTINGS = 100_000
NEXT = numbered("change")
TABLES = ("categories", "listing_items", "listings", "users")
PARTS = ("marketplace", "migrations", "static", "templates", "pyproject.toml", "wsgi.py")

# Whatever the order of the rows, and each as a whole: the number of rows and the sum of their hashes.
HASH = "SELECT count(*), sum(('x' || left(md5(t::text), 16))::bit(64)::bigint::numeric) FROM {} AS t"

# What the next version brings: a column with a value in every row.
UPGRADE = """op.add_column("listings", sa.Column("note", sa.Text(), nullable=False, server_default="none"))"""
DOWNGRADE = """op.drop_column("listings", "note")"""

Hashes = dict[str, tuple[int, int]]


class Checkout:
    """The project as it lies on a server, with a database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        ignore = shutil.ignore_patterns("__pycache__")
        for part in PARTS:
            if (ROOT / part).is_dir():
                shutil.copytree(ROOT / part, folder / part, ignore=ignore)
            else:
                shutil.copy(ROOT / part, folder / part)

    def flask(self, words: str, status: int = 0) -> str:
        """Run `flask …`, see how it ends, and return what it said."""
        result = subprocess.run(
            [sys.executable, "-m", "flask", *words.split()],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        said = result.stdout + result.stderr
        assert result.returncode == status, f"flask {words} → {result.returncode}\n{said}"
        assert "Traceback" not in said, said
        return said

    def verified(self) -> None:
        """`flask db verify` finds everything in order."""
        assert "everything is in order" in self.flask("db verify")

    def serves(self) -> None:
        """The application answers, as the guide's `curl` asks, and shows its first page."""
        site = Site(self.folder, self.environment)
        try:
            site.wait_until_it_answers()
            assert site.get("/health")[0] == 200
            assert site.get("/")[0] == 200
        finally:
            site.kill()

    def hashes(self) -> Hashes:
        """What the rows of each table add up to."""
        found = {}
        with connect(self.url) as cursor:
            for table in TABLES:
                cursor.execute(HASH.format(table))
                found[table] = cursor.fetchone()
        return found

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "DATABASE_URL": self.url,
            "SECRET_KEY": "tests",
            # The checkout's own code, and not that of whoever tests it.
            "PYTHONPATH": str(self.folder),
            "PYTHONDONTWRITEBYTECODE": "1",
        }


@pytest.fixture
def checkout(tmp_path: Path, server: Server, worker_id_or_main: str) -> Iterator[Checkout]:
    """A checkout with an empty database, dropped with all that restores leave beside it."""
    name = f"kula_{worker_id_or_main}_story"
    yield Checkout(tmp_path, postgresql.create_database(server, name, "template0"))
    with connect(server.url) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name])
        for (each,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{each}" WITH (FORCE)')


def test_deploy_verify_roll_back_and_recover(checkout):
    flask = checkout.flask

    # The first deployment: from nothing to head, and a site full of listings.
    assert f"Upgraded base → {HEAD}: {len(CHAIN)} migrations, " in flask("db upgrade head")
    assert HEAD in flask("db current")
    assert "(head)" in flask("db current")
    flask("db check")
    flask("categories load marketplace/categories/starter.toml")
    assert f"Added {LISTINGS:,} listings" in flask(f"sample-data --listings {LISTINGS}")
    checkout.verified()
    checkout.serves()

    # "Always backup before migrating!"
    saved = checkout.hashes()
    assert saved["listings"][0] == LISTINGS
    assert all(rows > 0 for rows, _ in saved.values())
    backup = Path(re.search(r"Backed up to (\S+\.dump):", flask("db backup"))[1])
    assert backup.is_relative_to(checkout.folder)
    assert backup.name in flask("db backups")

    # The next version comes with a revision. Its review finds no loss, and the upgrade none either.
    file = checkout.folder / "migrations" / "versions" / f"{NEXT}.py"
    file.write_text(REVISION.format(revision=NEXT, below=HEAD, upgrade=UPGRADE, downgrade=DOWNGRADE))
    assert "nothing would be lost" in flask("db review")
    flask("maintenance on")
    assert f"Upgraded {HEAD} → {NEXT}: 1 migration, " in flask("db upgrade head")
    flask("maintenance off")
    assert NEXT in flask("db current")
    checkout.verified()
    checkout.serves()
    with connect(checkout.url) as cursor:
        cursor.execute("SELECT count(*) FROM listings WHERE note = 'none'")
        assert cursor.fetchone() == (LISTINGS,)

    # It goes wrong. One step back takes a column with it, so its values are counted and asked for.
    flask("maintenance on")
    said = flask("db downgrade -1", status=1)
    assert re.search(rf"listings\.note\D+{LISTINGS:,}|{LISTINGS:,}\D+listings\.note", said), said
    assert "nothing was changed" in said
    assert NEXT in flask("db current")
    assert f"Downgraded {NEXT} → {HEAD}: 1 migration, " in flask("db downgrade -1 --yes")
    assert checkout.hashes() == saved

    # The full revert deletes everything. It says so first, with the number of rows of each table.
    said = flask("db downgrade base", status=1)
    for table, (rows, _) in saved.items():
        assert re.search(rf"\b{table}\b.*\b{rows:,}\b", said), said
    assert checkout.hashes() == saved
    assert f"Downgraded {HEAD} → base: {len(CHAIN)} migrations, " in flask("db downgrade base --yes")
    with connect(checkout.url) as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        assert {name for (name,) in cursor.fetchall()} <= {"alembic_version"}
    assert "The table listings is missing" in flask("db verify", status=1)

    # Recovery: the backup comes back, and the migrations are applied again.
    assert f"Restored {checkout.url.rpartition('/')[2].partition('?')[0]} from {backup.name}" in flask(
        f"db restore {backup} --yes"
    )
    assert checkout.hashes() == saved
    assert HEAD in flask("db current")
    assert f"Upgraded {HEAD} → {NEXT}: 1 migration, " in flask("db upgrade head")
    checkout.verified()
    flask("maintenance off")
    checkout.serves()
    with connect(checkout.url) as cursor:
        # Without what the new version added, the rows are what they were.
        cursor.execute("ALTER TABLE listings DROP COLUMN note")
    assert checkout.hashes() == saved

    # The ledger tells the whole story.
    log = flask("db log")
    for action in ("upgrade", "downgrade", "backup", "restore"):
        assert action in log, log
