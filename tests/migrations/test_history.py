"""Files that are not as they were applied are named with the next command, and harmless changes are not."""

import pytest

from tests.support.operator import CHAIN, HEAD, SPELLINGS, numbered

LENGTH = "sa.String(length=120)"
BLOCKED = ("upgrade", "downgrade", "check")


def arguments_of(command: str) -> list[str]:
    return {"upgrade": ["upgrade", "head"], "downgrade": ["downgrade", "-1"], "check": ["check"]}[command]


@pytest.mark.parametrize("command", BLOCKED)
def test_edited_file_stops_the_command(project, spelling, command):
    project.edit("ecee305c0829", LENGTH, "sa.String(length=99)")
    said = project.run(spelling, *arguments_of(command), status=1).stderr
    assert (
        "Migration checksum mismatch: ecee305c0829_create_base_listing_items_table.py was edited "
        "after being applied on 20" in said
    )
    assert '-        sa.Column("name", sa.String(length=120), nullable=False, comment=' in said
    assert '+        sa.Column("name", sa.String(length=99), nullable=False, comment=' in said
    prefix = "flask db" if spelling == "flask" else "alembic"
    assert f"{prefix} stamp head" in said
    assert f'{prefix} revision --autogenerate -m "fix checksum"' in said
    assert "flask db repair --restore-file ecee305c0829" in said
    assert project.at() == HEAD


HARMLESS = {
    "a comment": lambda text: text.replace("def upgrade", "# The base table.\ndef upgrade"),
    "another docstring": lambda text: text.replace("Create the items that a listing", "Items a listing"),
    "line ends of another system": lambda text: text.replace("\n", "\r\n"),
    "single quotes": lambda text: text.replace('revision = "ecee305c0829"', "revision = 'ecee305c0829'"),
    "joined lines": lambda text: text.replace('(\n            "owner_id",', '("owner_id",'),
    "blank lines": lambda text: text.replace("\n\n", "\n\n\n\n"),
    "sorted imports": lambda text: text.replace(
        "import sqlalchemy as sa\nfrom alembic import op", "from alembic import op\nimport sqlalchemy as sa"
    ),
    "annotations": lambda text: text.replace('revision = "ecee', 'revision: str = "ecee').replace(
        " -> None", ""
    ),
}


@pytest.mark.parametrize("change", HARMLESS)
def test_reformatted_file_is_no_matter(project, change):
    path = project.file("ecee305c0829")
    before = path.read_text()
    after = HARMLESS[change](before)
    assert after != before
    compile(after, path, "exec")
    path.write_bytes(after.encode())
    assert project.flask("check") == (
        f"Nothing is pending: the database is at {HEAD} (head).\nNo new upgrade operations detected.\n"
    )
    assert project.flask("upgrade", "head") == f"Already at {HEAD} (head)\n"


def test_edit_of_a_pending_file_is_no_matter(project):
    project.flask("downgrade", "ecee305c0829")
    project.edit(
        "001_add_exchange_types", "def upgrade() -> None:\n    pass", "def upgrade() -> None:\n    print()"
    )
    assert f"{len(CHAIN) - 3} migrations" in project.flask("upgrade", "head")


def test_stamp_head_accepts_the_files_as_they_are(project, spelling):
    project.edit("ecee305c0829", LENGTH, "sa.String(length=99)")
    said = project.run(spelling, "stamp", "head").stdout
    assert said == (
        f"Already at {HEAD} (head); accepted as they are: ecee305c0829_create_base_listing_items_table.py\n"
    )
    assert project.run(spelling, "upgrade", "head").stdout == f"Already at {HEAD} (head)\n"
    assert "0001" not in project.run(spelling, "check").stdout
    assert project.logged()[-1] == ("stamp", "ecee305c0829")


def test_fix_checksum_brings_the_difference_as_a_new_revision(project, spelling):
    # The models have an index that the database lacks, because somebody wrote it into an applied file.
    project.rows("DROP INDEX ix_listing_items_owner_id")
    applied = project.edit("ecee305c0829", LENGTH, "sa.String(length=99)")
    said = project.run(spelling, "revision", "--autogenerate", "-m", "fix checksum").stdout
    assert "has its applied text again" in said
    assert project.file("ecee305c0829").read_text() == applied
    assert (
        "length=99"
        in (project.versions / "ecee305c0829_create_base_listing_items_table.py.edited").read_text()
    )
    assert "ix_listing_items_owner_id" in project.file(numbered("fix_checksum")).read_text()
    said = project.run(spelling, "upgrade", "head").stdout
    assert said.startswith(f"Upgraded {HEAD} → {numbered('fix_checksum')}: 1 migration, ")
    assert project.run(spelling, "check").stdout.startswith("Nothing is pending")


def test_repair_puts_the_applied_text_back(project, spelling):
    applied = project.edit("ecee305c0829", LENGTH, "sa.String(length=99)")
    assert "checksum mismatch" in project.flask("repair", status=1)
    assert project.flask("repair", "--restore-file", "ecee") == (
        "ecee305c0829_create_base_listing_items_table.py has the text again that was applied.\n"
    )
    assert project.file("ecee305c0829").read_text() == applied
    assert project.run(spelling, "upgrade", "head").stdout == f"Already at {HEAD} (head)\n"
    assert project.flask("repair") == "All files are as they were applied.\n"


def test_repair_of_an_unknown_revision_says_what_there_is(project):
    said = project.flask("repair", "--restore-file", "nothing", status=1)
    assert said.startswith("Error: The ledger has no single text of nothing: it has ")
    assert "001_add_exchange_types, " in said


@pytest.mark.parametrize("revision", ["50c3593832b4", "001_add_exchange_types", HEAD])
@pytest.mark.parametrize("command", [*BLOCKED, "history", "stamp"])
def test_deleted_file_is_named_and_comes_back(project, spelling, revision, command):
    path = project.file(revision)
    applied = path.read_text()
    path.unlink()
    words = {"history": ["history"], "stamp": ["stamp", "head"]}.get(command) or arguments_of(command)
    if revision == HEAD and command == "history":
        # Without the newest file the rest is still a chain, which can be listed.
        assert HEAD not in project.run(spelling, *words).stdout
    else:
        said = project.run(spelling, *words, status=1).stderr
        assert f"Revision {revision} was applied on 20" in said
        assert f"but its file {path.name} was deleted" in said
        assert f"flask db repair --restore-file {revision}" in said
    project.flask("repair", "--restore-file", revision)
    assert path.read_text() == applied
    assert project.run(spelling, "upgrade", "head").stdout == f"Already at {HEAD} (head)\n"


def test_current_answers_whatever_the_files_are(project, spelling):
    project.file("50c3593832b4").unlink()
    assert project.run(spelling, "current").stdout == f"{HEAD} (head)\n"
    project.file(HEAD).unlink()
    assert project.run(spelling, "current").stdout == f"{HEAD} (no file defines it)\n"


@pytest.mark.parametrize("command", BLOCKED)
def test_renamed_revision_is_named(project, spelling, command):
    path = project.file(HEAD)
    path.write_text(path.read_text().replace(f'revision = "{HEAD}"', 'revision = "feedbeef"'))
    path.rename(path.with_name("feedbeef.py"))
    said = project.run(spelling, *arguments_of(command), status=1).stderr
    assert f"feedbeef is revision {HEAD} renamed" in said
    assert f"flask db repair --restore-file {HEAD}" in said


def test_renamed_file_does_no_harm(project, spelling):
    path = project.file(HEAD)
    path.rename(path.with_name(f"{HEAD}_merge.py"))
    assert project.run(spelling, "upgrade", "head").stdout == f"Already at {HEAD} (head)\n"
    result = project.run(spelling, "check")
    assert f"its file is called {HEAD}_merge.py now; that does no harm" in result.stderr
    assert f"git mv {path.with_name(f'{HEAD}_merge.py')} {path}" in result.stderr


@pytest.mark.parametrize("command", BLOCKED)
def test_revision_inserted_below_is_named(project, spelling, command):
    project.add("late", parents="ecee305c0829", up='op.execute("CREATE TABLE late (id int)")')
    project.edit("001_add_exchange_types", 'down_revision = "ecee305c0829"', 'down_revision = "late"')
    said = project.run(spelling, *arguments_of(command), status=1).stderr
    assert f"Revision late (late.py) was inserted below {HEAD}, which is applied: it was skipped" in said
    assert f"write down_revision = '{HEAD}' into late.py" in said
    assert "flask db repair --restore-file 001_add_exchange_types" in said
    # What it says to do, does it.
    late = project.file("late")
    late.write_text(late.read_text().replace("'ecee305c0829'", f"'{HEAD}'"))
    project.flask("repair", "--restore-file", "001_add_exchange_types")
    assert "1 migration" in project.run(spelling, "upgrade", "head").stdout
    assert project.at() == "late"


def test_revision_added_on_top_is_simply_pending(project, spelling):
    project.add("top", title="Put something on top.")
    said = project.run(spelling, "check", status=1).stderr
    assert f"1 migration is pending; the database is at {HEAD}.\n  top   Put something on top.\n" in said
    assert said.rstrip().endswith(("flask db upgrade head", "alembic upgrade head"))
    assert "1 migration" in project.run(spelling, "upgrade", "head").stdout


def test_skipped_revisions_are_named_by_the_stamp_and_by_check(new_project, spelling):
    new_project.run(spelling, "upgrade", "50c3593832b4")
    result = new_project.run(spelling, "stamp", "head")
    assert result.stdout == f"Stamped 50c3593832b4 → {HEAD} (head): nothing was run\n"
    assert "these tables do not exist: listing_items" in result.stderr
    prefix = "flask db" if spelling == "flask" else "alembic"
    assert f"{prefix} stamp 50c3593832b4\n      {prefix} upgrade ecee305c0829" in result.stderr
    assert (
        "ecee305c0829 was marked as applied on 20" in new_project.run(spelling, "check", status=None).stderr
    )
    new_project.run(spelling, "stamp", "50c3593832b4")
    assert f"{len(CHAIN) - 2} migrations" in new_project.run(spelling, "upgrade", "head").stdout
    assert new_project.run(spelling, "check").stderr == ""


def test_tables_made_otherwise_can_be_stamped(project):
    """The harmless twin: everything is there, so a stamp has nothing to warn of."""
    project.rows("DROP TABLE alembic_version; DROP SCHEMA operations CASCADE")
    result = project.run("flask", "stamp", "head")
    assert result.stdout == f"Stamped base → {HEAD} (head): nothing was run\n"
    assert result.stderr == ""


def test_purge_forgets_an_unknown_revision(project, spelling):
    project.rows("UPDATE alembic_version SET version_num = '0099_future'")
    said = project.run(spelling, "stamp", "--purge", "head").stdout
    assert said == f"Stamped 0099_future → {HEAD} (head): nothing was run\n"


def test_database_of_newer_code_is_named(project, spelling):
    project.rows("UPDATE alembic_version SET version_num = '0099_future'")
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert "The database is at 0099_future, which no file here defines" in said


def test_database_from_before_the_ledger_is_adopted(project, spelling):
    project.rows("DROP SCHEMA operations CASCADE")
    assert project.run(spelling, "upgrade", "head").stdout == f"Already at {HEAD} (head)\n"
    assert len(project.logged("repair")) == len(CHAIN)
    project.edit("ecee305c0829", LENGTH, "sa.String(length=99)")
    assert "checksum mismatch" in project.run(spelling, "upgrade", "head", status=1).stderr


def test_two_files_of_one_revision_and_a_broken_file_are_named(project, spelling):
    twin = project.versions / "twin.py"
    twin.write_text(project.file(HEAD).read_text())
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert f"Two files define revision {HEAD}" in said
    twin.write_text("def upgrade(:\n")
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert "twin.py is not valid Python (line 1)" in said


def missing(project):
    project.file("50c3593832b4").unlink()
    return "Revision 50c3593832b4 was applied on 20"


def renamed(project):
    path = project.file("50c3593832b4")
    path.write_text(path.read_text().replace('revision = "50c3593832b4"', 'revision = "feedbeef"'))
    path.rename(path.with_name("feedbeef.py"))
    return "feedbeef is revision 50c3593832b4 renamed: "


def never_there(project):
    project.edit("cf5a32f4e1d5", "down_revision = None", 'down_revision = "below"')
    return (
        "cf5a32f4e1d5_create_users_table_for_authentication.py follows revision below, which no file defines"
    )


def doubled(project):
    (project.versions / "twin.py").write_text(project.file("50c3593832b4").read_text())
    return "Two files define revision 50c3593832b4: "


def not_python(project):
    (project.versions / "broken.py").write_text("def upgrade(:\n")
    return "broken.py is not valid Python (line 1)"


@pytest.mark.parametrize(
    ("command", "fault"),
    [
        ("history", missing),
        ("heads", doubled),
        *(
            pytest.param(command, missing, marks=pytest.mark.soak)
            for command in ("heads", "branches", f"show {HEAD}")
        ),
        *(
            pytest.param("heads", fault, marks=pytest.mark.soak)
            for fault in (renamed, never_there, not_python)
        ),
    ],
)
def test_commands_about_files_alone_end_in_the_same_sentence(project, command, fault):
    """Plain Alembic's do not reach env.py, so both are real programs here."""
    sentence = fault(project)
    said = {}
    for spelling in SPELLINGS:
        process = project.start(spelling, *command.split())
        output, errors = process.communicate(timeout=60)
        assert (process.returncode, output) == (1, ""), errors
        said[spelling] = errors.replace("alembic ", "flask db ")
    assert said["flask"].startswith(f"Error: {sentence}")
    assert said["alembic"] == said["flask"].replace("Error: ", "FAILED: ", 1)


def test_other_mistakes_of_plain_alembic_are_told_as_ever(project):
    process = project.start("alembic", "show", "nothing")
    output, errors = process.communicate(timeout=60)
    assert (output, errors) == ("FAILED: Can't locate revision identified by 'nothing'\n", "")
    process = project.start("alembic", "heads")
    assert process.communicate(timeout=60) == (f"{HEAD} (head)\n", "")
