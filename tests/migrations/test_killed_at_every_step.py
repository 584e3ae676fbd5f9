"""Upgrade, downgrade, backup and restore, killed at each of their steps: nothing is lost, nobody is blocked.

A command is run again and again, each time on the same database, and killed one step later than before,
until it comes to its end. After each time the database is looked at, and the same command run once more.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from marketplace.schema import backup_files
from tests.support import postgresql, rows
from tests.support.catalogue import read_catalogue
from tests.support.killed_at_step import Killer, killer
from tests.support.migrations import Project, make_project, wait_until
from tests.support.operator import CHAIN, HEAD
from tests.support.postgresql import Server

pytestmark = pytest.mark.soak

# The steps are dealt out, so that several workers can take them.
SHARES = 4
# A command with fewer steps than this is not the one that was meant.
FEWEST = {"upgrade": 100, "downgrade": 60, "downgrade to base": 40, "backup": 40, "restore": 80}

# Each revision is another round of the same steps: three of the test's own are enough.
LAST = "batches"
INDEX = "ix_users_created_at"
CAST = re.compile(r"::(character varying|text)(\[\])?|[()]")

# What a database looks like to its users: its catalogue, and the rows of each table.
Look = tuple[Any, Any]


@dataclass
class Scene:
    """A filled database that others are copied from, and what each revision of it looks like."""

    project: Project
    server: Server
    model: str
    looks: dict[str | None, Look]
    name: str

    def set_up(self) -> None:
        """Begin anew with a copy of the database, and without backups."""
        self.project.close()
        self.drop_copies()
        self.project.url = postgresql.create_database(self.server, self.name, self.model)

    def drop_copies(self) -> None:
        """Drop what restores leave."""
        with postgresql.connect(self.server.url) as cursor:
            cursor.execute(
                "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{self.name}_"]
            )
            for (name,) in cursor.fetchall():
                if name != self.model:
                    cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def wait_until_alone(self) -> None:
        """Wait until the server has noticed that the killed process is gone, and what it had started."""
        self.project.close()
        with postgresql.connect(self.server.url) as cursor:

            def nobody_else() -> bool:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE starts_with(datname, %s)", [self.name]
                )
                return cursor.fetchone()[0] == 0

            wait_until(nobody_else)

    def locks(self) -> int:
        """How many advisory locks and prepared transactions there are in the database."""
        return self.project.one(
            "SELECT (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database()))"
            " + (SELECT count(*) FROM pg_prepared_xacts)"
        )

    def assert_consistent(self, where: str) -> None:
        """The database is at a revision of the chain, and looks as that revision does."""
        at = self.project.at()
        assert at in self.looks, where
        catalogue, stored = look(self.project.url)
        assert (catalogue, stored) == self.looks[at], f"{where}: {at} does not look as it should"

    def assert_backups_whole(self, where: str) -> None:
        """Whatever has the name of a backup is one, and holds every row."""
        for stored in backup_files.list_backups(self.backups):
            assert stored.note is not None, where
            assert backup_files.digest(stored.path) == stored.note.sha256, where
            counts = {table: each.rows for table, each in stored.note.contents.items()}
            assert {table: counts[table] for table in self.counts} == self.counts, where

    @property
    def backups(self) -> Path:
        return self.project.folder.parent / "backups"

    @property
    def counts(self) -> dict[str, int]:
        """The rows of each table before the command."""
        return {table: len(lines) for table, lines in self.looks["before"][1].items()}


def look(url: str) -> Look:
    """What a database looks like, without what a revision does outside of its transaction."""
    catalogue = {
        what: {plain(row) for row in found if row[0] != "batches" and INDEX not in str(row)}
        for what, found in read_catalogue(url).items()
    }
    stored = rows.read_rows(url)
    stored.pop("batches", None)
    return catalogue, stored


def plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row of the catalogue, without the casts that PostgreSQL writes elsewhere once a dump was restored."""
    return tuple(CAST.sub("", each) if isinstance(each, str) else each for each in row)


def add_revisions(project: Project) -> None:
    """Add revisions: one changes a filled table, one builds an index at its leisure, one works in batches."""
    project.add(
        "note",
        up='op.execute("ALTER TABLE users ADD COLUMN note text")\n'
        'op.execute("UPDATE users SET note = email")',
        down='op.drop_column("users", "note")',
    )
    block = "with op.get_context().autocommit_block():\n    "
    project.add(
        "index",
        parents="note",
        up=f'{block}op.create_index("{INDEX}", "users", ["created_at"], postgresql_concurrently=True,'
        " if_not_exists=True)",
        down=f'{block}op.drop_index("{INDEX}", postgresql_concurrently=True, if_exists=True)',
    )
    project.add(
        LAST,
        parents="index",
        up='op.execute("CREATE TABLE IF NOT EXISTS batches (part int PRIMARY KEY)")\n'
        f"{block}for part in range(3):\n"
        '        op.execute("INSERT INTO batches VALUES (%d) ON CONFLICT DO NOTHING" % part)',
        down='op.drop_table("batches")',
    )


@pytest.fixture(scope="module")
def forks() -> Iterator[Killer]:
    """Runs commands and kills them."""
    with killer() as process:
        yield process


@pytest.fixture
def stage(
    tmp_path: Path, server: Server, worker_id_or_main: str, template_at: Callable[[str], str]
) -> Iterator[Callable[..., Scene]]:
    """Makes the scene of a command: a database at a revision, filled, and how it looks at every step."""
    name = f"kula_{worker_id_or_main}_killed"
    project = make_project(tmp_path / "migrations", server.url_of(name))
    add_revisions(project)

    def build(start: str, way: list[str], end: str | None) -> Scene:
        postgresql.create_database(server, name, template_at(start if start in CHAIN else HEAD))
        project.flask("upgrade", start, "--no-backup")
        rows.fill(project.url)
        project.close()
        model = f"{name}_model"
        postgresql.create_database(server, model, name)
        looks = {"before": look(project.url), project.at(): look(project.url)}
        while project.at() != end:
            project.flask(*way, "--yes", "--no-backup")
            looks[project.at()] = look(project.url)
        scene = Scene(project, server, model, looks, name)
        scene.set_up()
        return scene

    yield build
    project.close()
    with postgresql.connect(server.url) as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [name])
        for (each,) in cursor.fetchall():
            cursor.execute(f'DROP DATABASE "{each}" WITH (FORCE)')


def numbers(share: int) -> Iterator[int]:
    """The steps of a share, without end."""
    number = share + 1
    while True:
        yield number
        number += SHARES


@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize(
    ("kind", "start", "target", "end"),
    [
        ("upgrade", HEAD, "head", LAST),
        ("downgrade", "index", HEAD, HEAD),
        ("downgrade to base", "50c3593832b4", "base", None),
    ],
    ids=["upgrade", "downgrade", "downgrade to base"],
)
def test_migration_killed_at_a_step(stage, forks, kind, start, target, end, share):
    direction = kind.split()[0]
    # With rows a backup comes first; the upgrade makes it, and is killed in its middle, for all of them.
    command = [direction, target, *(["--yes", "--no-backup"] if direction == "downgrade" else [])]
    scene = stage(start, [direction, "+1" if direction == "upgrade" else "-1"], end)
    project = scene.project
    words = ("db", direction, "-d", str(project.folder), *command[1:])
    for number in numbers(share):
        scene.set_up()
        where = forks.run(number, *words, url=project.url, **project.environment)
        scene.wait_until_alone()
        told = f"{direction}, step {number}, {where}"
        scene.assert_consistent(told)
        scene.assert_backups_whole(told)
        assert scene.locks() == 0, told
        project.flask(*command)
        assert project.at() == end, told
        scene.assert_consistent(told)
        scene.assert_backups_whole(told)
        assert project.one("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 0, told
        if direction == "upgrade":
            assert project.rows("SELECT part FROM batches ORDER BY 1") == [(0,), (1,), (2,)], told
        # Each step is in the ledger once, whichever of the two runs took it.
        taken = project.logged(direction)
        assert len(taken) == len(set(taken)), told
        assert project.logged("failure") == [], told
        if where is None:
            break
    assert number > FEWEST[kind]


@pytest.mark.parametrize("share", range(SHARES))
def test_backup_killed_at_a_step(stage, forks, share):
    scene = stage(HEAD, [], HEAD)
    project = scene.project
    for number in numbers(share):
        before = len(backup_files.list_backups(scene.backups))
        where = forks.run(number, "db", "backup", url=project.url, **project.environment)
        scene.wait_until_alone()
        told = f"backup, step {number}, {where}"
        scene.assert_consistent(told)
        scene.assert_backups_whole(told)
        assert scene.locks() == 0, told
        killed = len(backup_files.list_backups(scene.backups))
        assert killed in (before, before + 1), told
        project.flask("backup")
        assert len(backup_files.list_backups(scene.backups)) == killed + 1, told
        scene.assert_backups_whole(told)
        assert not list(scene.backups.glob(".*")), told
        if where is None:
            break
        for stored in backup_files.list_backups(scene.backups):
            backup_files.remove(stored.path)
    assert number > FEWEST["backup"]


@pytest.mark.parametrize("share", range(SHARES))
def test_restore_killed_at_a_step(stage, forks, share):
    scene = stage(HEAD, [], HEAD)
    project = scene.project
    project.flask("backup")
    [stored] = backup_files.list_backups(scene.backups)
    saved = scene.looks["before"]
    words = ("db", "restore", str(stored.path), "--yes")
    for number in numbers(share):
        scene.set_up()
        project.rows("UPDATE listings SET title = title || ' (changed)'")
        project.rows("DELETE FROM listing_items WHERE kind = 'want'")
        changed = look(project.url)
        where = forks.run(number, *words, url=project.url, **project.environment)
        scene.wait_until_alone()
        told = f"restore, step {number}, {where}"
        found = look(project.url)
        assert found in (changed, saved), told
        # What was in use is kept, and what is kept or in use is whole.
        assert (found == saved) == bool(kept := databases_of(scene, "before_restore")), told
        assert [look(scene.server.url_of(name)) for name in kept] == ([changed] if kept else []), told
        assert scene.locks() == 0, told
        project.run("flask", *words[1:], own_folder=False)
        project.close()
        assert look(project.url) == saved, told
        assert changed in [
            look(scene.server.url_of(name)) for name in databases_of(scene, "before_restore")
        ], told
        assert databases_of(scene, "restoring") == [], told
        if where is None:
            break
    assert number > FEWEST["restore"]


def databases_of(scene: Scene, kind: str) -> list[str]:
    """The databases of one kind that restores left."""
    with postgresql.connect(scene.server.url) as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY 1",
            [f"{scene.name}_{kind}_"],
        )
        return [name for (name,) in cursor.fetchall()]
