"""`flask db backup`: a proven file, or one sentence and nothing changed."""

import os
import re
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from marketplace.extensions import db
from marketplace.schema import backup_files, clients, ledger
from marketplace.schema.backup import make_backup
from marketplace.schema.errors import BackupFailed
from tests.schema.conftest import fill
from tests.support.killed import run_killed
from tests.support.operator import HEAD
from tests.support.postgresql import connect, run_project_command
from tests.support.small_disk import run_there, small_disk

ROWS = {"categories": 2, "listing_items": 3, "listings": 2, "users": 2}


def files(folder: Path) -> list[str]:
    """The names in a folder, the hidden ones too."""
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_a_backup_is_named_noted_readable_by_its_owner_alone_and_recorded(site, backups):
    made = make_backup(db.engine, reason="a test")

    stored = backup_files.list_backups(backups)
    assert [each.path for each in stored] == [made.path]
    database = db.engine.url.database
    assert made.path.name.startswith(f"{database}-{made.made_at:%Y%m%dT%H%M%SZ}-{HEAD}")
    note = stored[0].note
    assert ROWS.items() <= {table: each.rows for table, each in note.contents.items()}.items()
    assert note.sha256 == made.sha256 == backup_files.digest(made.path)
    assert note.size == made.path.stat().st_size
    for path in (made.path, backup_files.note_path(made.path)):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(backups.stat().st_mode) == 0o700
    assert len(files(backups)) == 2
    entry = ledger.entries(db.engine)[-1]
    assert (entry.action, entry.revision, entry.detail["reason"]) == ("backup", HEAD, "a test")
    assert entry.detail["sha256"] == made.sha256


def test_a_database_without_rows_needs_no_backup_unless_asked_for(open_app, url, backups):
    open_app(url)
    assert make_backup(db.engine, reason="a test") is None
    assert files(backups) == []
    assert make_backup(db.engine, reason="a test", always=True) is not None


def test_an_older_server_is_backed_up_with_clients_that_fit_it(open_app, old_url, backups):
    fill(open_app(old_url))
    made = make_backup(db.engine, reason="a test")
    assert ROWS.items() <= {table: each.rows for table, each in made.contents.items()}.items()
    assert clients.server_major(db.engine) < 18


def test_the_counts_are_those_of_the_dump_while_the_site_is_written_to(site, monkeypatch):
    """Rows that come in after the dump began are in neither."""
    original = clients.run

    def write_first(command, *others):
        with connect(str(site.config["SQLALCHEMY_DATABASE_URI"].render_as_string(False))) as cursor:
            cursor.execute("UPDATE listings SET title = title || '!'")
            cursor.execute(
                "INSERT INTO listings (owner_id, category_id, title)"
                " SELECT owner_id, category_id, 'Written meanwhile' FROM listings LIMIT 1"
            )
        return original(command, *others)

    monkeypatch.setattr(clients, "run", write_first)
    made = make_backup(db.engine, reason="a test")
    assert made.contents["listings"].rows == 2
    assert db.session.execute(text("SELECT count(*) FROM listings")).scalar() > 2


def test_the_site_s_own_command_takes_its_place(site, backups, monkeypatch, tmp_path):
    script = tmp_path / "own"
    script.write_text('#!/bin/sh\necho "working"\necho "vault:$BACKUP_DATABASE/$BACKUP_REVISION"\n')
    script.chmod(0o755)
    monkeypatch.setenv("BACKUP_COMMAND", str(script))
    made = make_backup(db.engine, reason="a test")
    assert str(made.path) == f"vault:{db.engine.url.database}/{HEAD}"
    assert files(backups) == []

    script.write_text("#!/bin/sh\necho 'error: the vault is closed' >&2\nexit 3\n")
    with pytest.raises(BackupFailed, match=r"BACKUP_COMMAND failed: .*the vault is closed"):
        make_backup(db.engine, reason="a test")


def test_the_command_says_what_it_made_and_lists_it(site, url, backups):
    result = run_project_command("flask", "db", "backup", database_url=url, BACKUP_DIR=str(backups))
    name = backup_files.list_backups(backups)[0].path.name
    assert result.stdout.startswith(f"Backed up to {backups}/{name}: ")
    assert re.search(r", \d+ tables, \d+ rows, read back whole\.\n$", result.stdout)
    listing = run_project_command("flask", "db", "backups", database_url=url, BACKUP_DIR=str(backups)).stdout
    assert name in listing
    assert "by hand" in listing


# What goes wrong: each says so in one sentence, and leaves neither a file nor a trace.


def test_clients_that_are_too_old_are_passed_over_for_newer_ones(site, monkeypatch, tmp_path):
    put_first_on_path(monkeypatch, tmp_path, version=14)
    assert make_backup(db.engine, reason="a test") is not None


def test_clients_that_are_all_too_old_stop_it(site, backups, monkeypatch, tmp_path):
    put_first_on_path(monkeypatch, tmp_path, version=14, alone=True)
    monkeypatch.setattr(clients, "_folders_of_the_wheel", lambda: iter(()))
    with pytest.raises(
        BackupFailed, match=r"PostgreSQL 18, and no pg_dump .*pg_dump is version 14"
    ) as raised:
        make_backup(db.engine, reason="a test")
    assert "apt install postgresql-client-18" in str(raised.value)
    assert files(backups) == []
    assert "backup" not in [entry.action for entry in ledger.entries(db.engine)]


def put_first_on_path(monkeypatch, folder: Path, version: int, alone: bool = False) -> None:
    """Put programs on PATH that give a version and fail when they are used."""
    programs = folder / "programs"
    programs.mkdir()
    for name in ("pg_dump", "pg_restore"):
        script = programs / name
        script.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && echo "{name} (PostgreSQL) {version}.1" && exit 0\nexit 9\n'
        )
        script.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs) if alone else f"{programs}:{os.environ['PATH']}")


def test_a_full_disk_stops_it(site, url, tmp_path):
    place = tmp_path / "small"
    with connect(url) as cursor:
        cursor.execute("CREATE TABLE noise AS SELECT sha256(n::text::bytea) FROM generate_series(1, 40000) n")
    with small_disk(place) as before:
        result = run_there(place, before, ["db", "backup"], url)
        assert result.returncode == 1
        assert f"Error: The backup does not fit into {place}: the disk is full." in result.stderr
        assert "Nothing was changed" in result.stderr
        assert "Traceback" not in result.stderr
        assert files(place) == []
    assert make_backup(db.engine, reason="on a disk with room") is not None


def test_a_folder_that_cannot_be_made_stops_it(site, open_app, url, tmp_path):
    (tmp_path / "file").write_text("in the way")
    open_app(url, BACKUP_DIR=str(tmp_path / "file" / "backups"))
    with pytest.raises(BackupFailed, match="No backup can be written to"):
        make_backup(db.engine, reason="a test")


def test_a_setting_that_is_no_number_stops_it(site, open_app, url, backups):
    open_app(url, BACKUP_KEEP="many")
    with pytest.raises(BackupFailed, match="BACKUP_KEEP is 'many': set it to a whole number"):
        make_backup(db.engine, reason="a test")
    assert files(backups) == []


def test_a_dump_that_fails_stops_it(site, backups, monkeypatch):
    original = clients.run

    def fail(command, *others):
        if "--format=custom" in command:
            return original([*command, "--table=no_such_table"], *others)
        return original(command, *others)

    monkeypatch.setattr(clients, "run", fail)
    with pytest.raises(BackupFailed, match="pg_dump says “no matching tables were found”"):
        make_backup(db.engine, reason="a test")
    assert files(backups) == []


@pytest.mark.parametrize("harm", ["truncate", "flip"])
def test_a_dump_that_cannot_be_read_back_gets_no_name(site, url, backups, monkeypatch, harm):
    with connect(url) as cursor:
        cursor.execute("CREATE TABLE noise AS SELECT sha256(n::text::bytea) FROM generate_series(1, 20000) n")
    original = clients.run

    def harmed(command, *others):
        output = original(command, *others)
        target = [word for word in command if word.startswith("--file=") and ".partial" in word]
        if target:
            spoil(Path(target[0].removeprefix("--file=")), harm)
        return output

    monkeypatch.setattr(clients, "run", harmed)
    with pytest.raises(BackupFailed, match="pg_restore says"):
        make_backup(db.engine, reason="a test")
    assert files(backups) == []


def spoil(path: Path, harm: str) -> None:
    """Cut a file in the middle, or flip one bit in its middle."""
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    if harm == "truncate":
        del content[middle:]
    else:
        content[middle] ^= 1
    path.write_bytes(content)


# Those at which the most is at stake; all of them are taken by tests/migrations/test_killed_at_every_step.py.
STEPS = [
    ("after", "marketplace.schema.backup:write_dump", False),
    ("before", "pathlib:Path.replace", False),
    ("after", "pathlib:Path.replace", False),
    ("after", "marketplace.schema.backup_files:put_in_place", True),
]


@pytest.mark.parametrize(("when", "where", "made"), STEPS)
def test_killed_at_a_step_it_leaves_a_whole_backup_or_none(site, url, backups, when, where, made):
    run_killed(when, where, "db", "backup", database_url=url, BACKUP_DIR=str(backups))
    assert len(backup_files.list_backups(backups)) == made

    run_project_command("flask", "db", "backup", database_url=url, BACKUP_DIR=str(backups))
    stored = backup_files.list_backups(backups)
    assert len(stored) == made + 1
    assert not [name for name in files(backups) if name.startswith(".")]
    for each in stored:
        assert backup_files.digest(each.path) == each.note.sha256


def test_expired_backups_of_this_database_go_when_a_new_one_is_there(site, open_app, url, backups):
    open_app(url, BACKUP_KEEP=2, BACKUP_KEEP_DAYS=3)
    backups.mkdir()
    long_ago = datetime.now(UTC) - timedelta(days=90)
    others = backups / backup_files.name_for("another", None, long_ago)
    ours = backups / backup_files.name_for(db.engine.url.database, None, long_ago)
    others.touch()
    ours.touch()
    first = make_backup(db.engine, reason="a test")
    assert first.removed == ()
    second = make_backup(db.engine, reason="a test")
    assert second.removed == (ours,)
    assert [path.exists() for path in (ours, others, first.path, second.path)] == [False, True, True, True]
