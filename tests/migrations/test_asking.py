"""Rows are never lost without a word, nor anything done to them without a backup."""

import os
import pty
import subprocess

from tests.support.migrations import wait_until
from tests.support.operator import CHAIN, HEAD
from tests.support.postgresql import ROOT


def test_loss_without_a_terminal_wants_yes(project, spelling):
    project.add_listing(project.add_member(), items=3)
    said = project.run(spelling, "downgrade", "50c3593832b4", status=1).stderr
    assert "listing_items" in said
    assert "3" in said
    assert "would be lost, and there is no terminal to ask on: nothing was changed" in said
    wanted = (
        "flask db downgrade 50c3593832b4 --yes"
        if spelling == "flask"
        else "alembic -x yes downgrade 50c3593832b4"
    )
    assert f"Next: {wanted}, when they may go" in said
    assert project.at() == HEAD
    assert project.one("SELECT count(*) FROM listing_items") == 3


def test_loss_that_was_agreed_to_happens_after_a_backup(project, spelling):
    project.add_listing(project.add_member(), items=3)
    result = project.run(spelling, "downgrade", "50c3593832b4", "--yes")
    assert result.stdout.startswith(f"Downgraded {HEAD} → 50c3593832b4: {len(CHAIN) - 2} migrations, ")
    assert "Backup: " in result.stderr
    assert len(list((project.folder.parent / "backups").glob("*.dump"))) == 1
    detail = project.one(
        "SELECT detail FROM operations.ledger WHERE action = 'downgrade' ORDER BY id LIMIT 1"
    )
    assert detail["losses_agreed"] == "yes"
    counts = {"categories": 1, "listing_items": 3, "listings": 1, "users": 1}
    assert counts.items() <= detail["counts_before"].items()
    assert detail["backup"].endswith(".dump")


def test_no_backup_is_said_aloud_and_entered(project, spelling):
    project.add_member()
    result = project.run(spelling, "downgrade", "-1", "--no-backup")
    assert "No backup of " in result.stderr
    assert not (project.folder.parent / "backups").exists()
    assert project.one("SELECT detail -> 'no_backup' FROM operations.ledger ORDER BY id DESC LIMIT 1") is True
    assert "no backup" in project.flask("log")


def test_harmless_step_asks_nothing_and_makes_a_backup(project, spelling):
    project.add_member()
    result = project.run(spelling, "downgrade", "-1")
    assert "Backup: " in result.stderr
    result = project.run(spelling, "upgrade", "head")
    assert "Backup: " in result.stderr
    assert project.one("SELECT count(*) FROM users") == 1


def test_empty_database_asks_nothing_and_needs_no_backup(project, spelling):
    result = project.run(spelling, "downgrade", "base")
    assert result.stderr == ""
    assert not (project.folder.parent / "backups").exists()


def test_upgrade_that_loses_rows_asks_too(project, spelling):
    project.add_member()
    project.add("drop", up='op.drop_column("users", "email")')
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert "email" in said
    assert project.at() == HEAD


def test_failed_backup_stops_before_anything_has_changed(project, spelling):
    project.add_member()
    project.add("table", up='op.execute("CREATE TABLE added (id int)")')
    said = project.run(spelling, "upgrade", "head", status=1, BACKUP_COMMAND="false").stderr
    assert "BACKUP_COMMAND failed" in said
    assert project.at() == HEAD
    assert project.one("SELECT to_regclass('added')") is None
    assert "1 migration" in project.run(spelling, "upgrade", "head", BACKUP_COMMAND="true").stdout


def _on_a_terminal(project, spelling, answer):
    """Run a losing downgrade on a terminal, answer its question, and return its status and what it said."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        project.command(spelling, "downgrade", "50c3593832b4"),
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": project.url, "SECRET_KEY": "tests", **project.environment},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        os.write(ours, f"{answer}\n".encode())
        output, errors = process.communicate(timeout=60)
    finally:
        os.close(ours)
        os.close(theirs)
    return process.returncode, output, errors


def test_name_typed_on_a_terminal_agrees(project, spelling):
    project.add_listing(project.add_member())
    name = project.one("SELECT current_database()")
    status, output, errors = _on_a_terminal(project, spelling, name)
    assert (status, project.at()) == (0, "50c3593832b4"), errors
    assert f"Type the database's name ({name}) to go on: " in errors
    assert output.startswith("Downgraded")


def test_another_word_typed_on_a_terminal_changes_nothing(project, spelling):
    project.add_listing(project.add_member())
    status, _, errors = _on_a_terminal(project, spelling, "yes")
    assert (status, project.at()) == (1, HEAD)
    assert "nothing was changed" in errors


def test_embedded_development_database_goes_on_after_its_backup(project):
    project.add_listing(project.add_member())
    project.app.config["EMBEDDED_DATABASE"] = True
    result = project.run("flask", "downgrade", "50c3593832b4")
    assert "Backup: " in result.stderr
    assert project.at() == "50c3593832b4"


def test_embedded_development_database_without_a_backup_asks(project):
    project.add_listing(project.add_member())
    project.app.config["EMBEDDED_DATABASE"] = True
    project.run("flask", "downgrade", "50c3593832b4", "--no-backup", status=1)
    assert project.at() == HEAD


def test_unknown_word_for_plain_alembic_is_refused(project):
    command = project.command("alembic", "upgrade", "head")
    command[3:3] = ["-x", "yess"]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": project.url, "SECRET_KEY": "tests"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "-x yess is not known: there are no-backup, verbose, yes." in result.stderr


def test_waiting_is_bounded(project):
    """The deadline of the tests' own helper works, so that no test can hang."""
    assert wait_until(lambda: project.at()) == HEAD
