"""`revision --autogenerate` writes what holds nobody up, each with the harmless change that needs none of it.

The database is made to lack what the models have, so that autogenerate finds it.
"""

import re

import pytest
from alembic.config import Config

from marketplace.extensions import db
from marketplace.schema.plan import plan_upgrade
from marketplace.schema.review import review
from tests.support.migrations import Project
from tests.support.operator import HEAD, numbered

MESSAGE = "mend it"
FIRST = numbered("mend_it")


def generate(project: Project, lack: str) -> tuple[str, dict[str, str]]:
    """Take something away by SQL, and return what was said and the new files by their ids."""
    project.rows(lack)
    before = set(project.versions.glob("*.py"))
    said = project.flask("revision", "--autogenerate", "-m", MESSAGE)
    new = sorted(set(project.versions.glob("*.py")) - before)
    return said, {path.stem: path.read_text() for path in new}


def findings(project: Project) -> list[str]:
    """What `flask db review` says of the new revisions."""
    config = Config()
    config.set_main_option("script_location", str(project.folder))
    with project.app.app_context():
        reviewed = review(db.engine, plan_upgrade(config, HEAD, "head"), config)
    return [finding.says for each in reviewed for finding in each.findings]


def goes_up_down_and_up(project: Project, files: dict[str, str]) -> None:
    """Have the new revisions pass their review, and take all of them up, down and up, with rows."""
    assert findings(project) == []
    for way in (("upgrade", "head"), ("downgrade", HEAD), ("upgrade", "head")):
        said = project.flask(*way, "--yes", "--no-backup")
        assert ("1 migration," if len(files) == 1 else f"{len(files)} migrations,") in said
    assert "No new upgrade operations detected." in project.flask("check")


@pytest.fixture
def filled(project: Project) -> Project:
    """A project whose database has rows."""
    project.add_listing(project.add_member())
    return project


def test_an_index_is_built_while_the_table_is_used(filled):
    said, files = generate(filled, "DROP INDEX ix_exchanges_proposer_outcome")
    [text] = files.values()
    assert "is built CONCURRENTLY, for exchanges can be written meanwhile." in said
    assert list(files) == [FIRST]
    block = text[text.index("with op.get_context().autocommit_block():") : text.index("def downgrade")]
    drop = block.index('op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_exchanges_proposer_outcome")')
    assert drop < block.index("op.create_index(") < block.index("postgresql_concurrently=True")
    assert "Reads exchanges while it can be read and written." in text
    goes_up_down_and_up(filled, files)


def test_an_index_that_was_stopped_half_way_is_built_anew(filled):
    """As PostgreSQL leaves it: there by name, and used by nobody."""
    _, files = generate(filled, "DROP INDEX ix_exchanges_proposer_outcome")
    filled.rows("CREATE INDEX ix_exchanges_proposer_outcome ON exchanges (id)")
    filled.rows(
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_exchanges_proposer_outcome'::regclass"
    )
    goes_up_down_and_up(filled, files)


FOREIGN_KEY = ("listings", "fk_listings_owner_id_users")
CHECK = ("report_cases", "ck_report_cases_kind_known")


@pytest.mark.parametrize(("table", "name"), [FOREIGN_KEY, CHECK])
def test_a_rule_holds_for_new_rows_first(filled, table, name):
    said, files = generate(filled, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    added, checked = files.values()
    assert f"The constraint {name} is added NOT VALID, and the rows of {table} are checked by a" in said
    assert list(files) == [FIRST, numbered("check_mend_it", after=1)]
    assert ' NOT VALID"' in added
    assert "VALIDATE" not in added
    assert f'op.execute("ALTER TABLE {table} VALIDATE CONSTRAINT {name}")' in checked
    assert " for a moment: " in added
    assert "while they can be read and written" in checked
    goes_up_down_and_up(filled, files)
    assert filled.one("SELECT convalidated FROM pg_constraint WHERE conname = %s", name)


@pytest.mark.parametrize(
    ("table", "name"),
    [("exchange_reviews", "uq_exchange_reviews_id"), ("categories", "uq_categories_parent_id_slug")],
)
def test_a_unique_constraint_takes_over_an_index(filled, table, name):
    """The second has NULLS NOT DISTINCT, which `check` would miss."""
    said, files = generate(filled, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    [text] = files.values()
    assert f"The unique constraint {name} takes over an index that is built CONCURRENTLY" in said
    assert f'" ADD CONSTRAINT {name} UNIQUE USING INDEX {name}"' in text
    goes_up_down_and_up(filled, files)


def fill_in(project: Project, files: dict[str, str], value: str) -> None:
    """Write the value that a person has to write."""
    [name] = [name for name, text in files.items() if "FILL_IN" in text]
    project.file(name).write_text(files[name].replace('= FILL_IN"', f'= {value}"'))


def test_a_column_becomes_not_null_over_two_files(filled):
    said, files = generate(filled, "ALTER TABLE categories ALTER COLUMN name DROP NOT NULL")
    filled.rows("UPDATE categories SET name = NULL")
    assert "The column categories.name becomes NOT NULL: rows without a value are filled in batches" in said
    assert list(files) == [FIRST, numbered("tighten_mend_it", after=1)]
    refused = "The backfill of categories has no value yet: write an SQL expression in the place of FILL_IN."
    assert refused in filled.flask("upgrade", "head", status=1)
    fill_in(filled, files, "'Things'")
    goes_up_down_and_up(filled, files)
    assert filled.one("SELECT name FROM categories") == "Things"


def test_tightening_finds_rows_that_are_empty_still(filled):
    """The proof is a real one: nothing is tightened over an empty value."""
    _, files = generate(filled, "ALTER TABLE categories ALTER COLUMN name DROP NOT NULL")
    filled.rows("UPDATE categories SET name = NULL")
    fill_in(filled, files, "name")
    said = filled.flask("upgrade", "head", "--yes", "--no-backup", status=1)
    assert 'check constraint "ck_categories_name_filled" of relation "categories" is violated' in said
    filled.rows("UPDATE categories SET name = 'Things'")
    assert "1 migration" in filled.flask("upgrade", "head", "--yes", "--no-backup")


def test_a_column_that_must_have_a_value_comes_over_three_files(filled):
    said, files = generate(filled, "ALTER TABLE categories RENAME COLUMN name TO title")
    assert "The column categories.name must have a value, and rows that are there have none" in said
    assert list(files) == [FIRST, numbered("fill_mend_it", after=1), numbered("tighten_mend_it", after=2)]
    # It may be the same column under another name; that is for a person to say.
    rename = 'op.alter_column("categories", "title", new_column_name="name")'
    assert f"if that is a rename, write this instead, which loses nothing:\n  {rename}" in said
    assert f"# A rename, perhaps, which loses nothing: {rename}" in files[FIRST]
    assert "Going down makes it again, empty." in " ".join(files[FIRST].split())
    text = files[FIRST].replace("    op.drop_column('categories', 'title')\n", "")
    text = re.sub(r"    op.add_column\('categories', sa.Column\('title'.*\n", "", text)
    filled.file(FIRST).write_text(text)
    fill_in(filled, files, "title")
    for way in (("upgrade", "head"), ("downgrade", HEAD), ("upgrade", "head")):
        assert "3 migrations" in filled.flask(*way, "--yes", "--no-backup")
    assert findings(filled) == []
    assert filled.one("SELECT name FROM categories") == "Tools"


def test_the_rename_it_may_be_goes_up_down_and_up(filled):
    said, files = generate(filled, "ALTER TABLE categories RENAME COLUMN name TO title")
    [rename] = re.findall(r"op.alter_column\(.*new_column_name=.*\)", said)
    back = 'op.alter_column("categories", "name", new_column_name="title")'
    for name in list(files)[1:]:
        filled.file(name).unlink()
    up, down = files[FIRST].split("def downgrade")
    body = "(?s)# ### commands.*# ### end Alembic commands ###"
    text = f"{re.sub(body, rename, up)}def downgrade{re.sub(body, back, down)}"
    filled.file(FIRST).write_text(text)
    assert findings(filled) == ["renaming-column: Renaming a column may break existing clients."]
    for way in (("upgrade", "head"), ("downgrade", HEAD), ("upgrade", "head")):
        assert "1 migration," in filled.flask(*way, "--yes", "--no-backup")
    assert "No new upgrade operations detected." in filled.flask("check")
    assert filled.one("SELECT name FROM categories") == "Tools"


def test_columns_of_other_types_are_no_rename(filled):
    """The harmless twin."""
    said, files = generate(
        filled, "ALTER TABLE listing_drafts DROP COLUMN owner_id, ADD COLUMN owner text NOT NULL DEFAULT ''"
    )
    assert "rename" not in said + "".join(files.values())


def test_a_column_that_may_be_empty_is_one_plain_file(filled):
    """The harmless twin of a column that must have a value."""
    said, files = generate(filled, "ALTER TABLE pictures DROP COLUMN alt")
    [text] = files.values()
    assert said.startswith("Generating ")
    assert "Locks pictures against reading and writing for a moment: it gets the column alt." in text
    goes_up_down_and_up(filled, files)


def test_a_new_table_needs_none_of_it(filled):
    """The harmless twin of indexes and rules on a table that is used."""
    said, files = generate(filled, "DROP TABLE blocks")
    [text] = files.values()
    assert said.startswith("Generating ")
    assert "CONCURRENTLY" not in text
    assert "NOT VALID" not in text
    assert "Makes blocks, which nobody uses yet. Locks users against writing for a moment." in text
    goes_up_down_and_up(filled, files)
