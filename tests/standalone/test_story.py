"""The operators' side in another application: all that MIGRATIONS.md promises, from `flask db init` on."""

import json

import pytest

from tests.standalone.conftest import Library
from tests.support.postgresql import connect

ROWS = """
INSERT INTO book (title) VALUES ('Emma'), ('Ulysses');
INSERT INTO loan (book_id, reader) VALUES (1, 'Ada'), (2, 'Bo'), (2, 'Cem');
"""


@pytest.fixture
def begun(library: Library) -> Library:
    """The application with its first revision applied, and with rows."""
    library.flask("init")
    library.flask("revision", "--autogenerate", "-m", "first tables")
    library.flask("upgrade")
    with connect(library.url) as cursor:
        cursor.execute(ROWS)
    return library


def test_nothing_of_the_site_can_be_imported_there(library):
    program = library.folder / "look.py"
    program.write_text(
        "import marketplace, pkgutil\n"
        "print(*[each.name for each in pkgutil.iter_modules(marketplace.__path__)])\n"
    )
    assert library.run("look").split() == ["alembic_plugin", "schema"]


def test_the_first_revision(library):
    assert library.flask("init").startswith("Made migrations, without a revision yet.\n")
    assert "migrations is there already" in library.flask("init", exits=1)
    assert "0001_first_tables.py" in library.flask("revision", "--autogenerate", "-m", "first tables")
    assert library.flask("check", exits=1).startswith("Error: 1 migration is pending")
    assert "Upgraded base → 0001_first_tables: 1 migration" in library.flask("upgrade")
    assert library.flask("current") == "0001_first_tables (head)\n"
    assert "No new upgrade operations detected." in library.flask("check")


def test_a_change_is_rehearsed_applied_taken_back_and_restored(begun):
    begun.change_models("reader = ", "until = db.Column(db.Date)\n    reader = ")
    begun.flask("revision", "--autogenerate", "-m", "until when")
    assert "0002_until_when" in begun.flask("status", exits=2)
    assert "nothing to note" in begun.flask("review")
    assert "no danger was found" in begun.flask("rehearse")

    assert "Upgraded 0001_first_tables → 0002_until_when" in begun.flask("upgrade")
    with connect(begun.url) as cursor:
        cursor.execute("UPDATE loan SET until = '2030-01-01'")
    assert "Proven: restored, and 5 tables" in begun.flask("backup", "--prove")
    backup = json.loads(begun.flask("backups", "--json"))[-1]
    assert backup["rows"] == {"book": 2, "loan": 3}

    assert "drops the column loan.until: 3 values" in begun.flask("downgrade", "-1", exits=1)
    assert "Downgraded 0002_until_when → 0001_first_tables" in begun.flask("downgrade", "-1", "--yes")
    assert "revision 0002_until_when" in begun.flask("restore", backup["path"], "--yes")
    with connect(begun.url) as cursor:
        cursor.execute("SELECT DISTINCT until::text FROM loan")
        assert cursor.fetchall() == [("2030-01-01",)]

    assert "everything is in order" in begun.flask("verify")
    assert "nothing is wrong" in begun.flask("doctor")
    assert "Nothing was changed outside of a migration" in begun.flask("drift")
    assert ": fine." in begun.flask("status")
    assert "restore" in begun.flask("log")


def test_what_is_changed_by_hand_is_told_and_becomes_a_revision(begun):
    with connect(begun.url) as cursor:
        cursor.execute("CREATE VIEW lent AS SELECT book_id FROM loan")
    assert "+ view lent" in begun.flask("drift", exits=3)
    assert "0002_a_view.py adopts 1 change." in begun.flask("drift", "--write", "-m", "a view")
    assert "Upgraded 0001_first_tables → 0002_a_view" in begun.flask("upgrade")
    assert "Nothing was changed outside of a migration" in begun.flask("drift")


def test_an_edited_file_and_a_deleted_one_are_told_and_come_back(begun):
    file = begun.folder / "migrations/versions/0001_first_tables.py"
    text = file.read_text()
    file.write_text(text.replace("'title'", "'name'"))
    assert "0001_first_tables.py was edited" in begun.flask("check", exits=1)
    begun.flask("repair", "--restore-file", "0001_first_tables")
    assert file.read_text() == text


def test_plain_alembic_does_the_same(begun):
    begun.change_models("title = ", "pages = db.Column(db.Integer)\n    title = ")
    assert "0002_pages.py" in begun.alembic("revision", "--autogenerate", "-m", "pages")
    assert "1 migration is pending" in begun.alembic("check", exits=1)
    assert "Upgraded 0001_first_tables → 0002_pages" in begun.alembic("upgrade", "head")
    assert begun.alembic("current") == "0002_pages (head)\n"
    assert begun.alembic("heads") == "0002_pages (head)\n"
    assert "0001_first_tables -> 0002_pages (head)" in begun.alembic("history")
    assert "Downgraded 0002_pages → 0001_first_tables" in begun.alembic("downgrade", "-1")
    assert "Upgraded 0001_first_tables → 0002_pages" in begun.alembic("upgrade", "+1")
    assert "Already at 0002_pages (head)" in begun.alembic("stamp", "head")
    (begun.folder / "migrations/versions/0001_first_tables.py").unlink()
    said = begun.alembic("heads", exits=1)
    assert "its file 0001_first_tables.py was deleted" in said
    assert "Traceback" not in said


def test_without_an_application_alembic_says_so(begun):
    (begun.folder / "app.py").rename(begun.folder / "elsewhere.py")
    said = begun.alembic("current", exits=1)
    assert "Next: call alembic where the application lies, or set FLASK_APP" in said
    assert "Traceback" not in said
