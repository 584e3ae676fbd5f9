"""The guide's problems, made to happen: recognised, in its words, with commands that then work."""

import re

import pytest

from tests.support.operator import CHAIN, HEAD, SPELLINGS, numbered

NOTES = 'op.execute("ALTER TABLE listings ADD COLUMN notes text")'


def prefix(spelling):
    return dict(zip(SPELLINGS, ("flask db", "alembic"), strict=True))[spelling]


def test_missing_table_that_was_dropped_by_hand(project, spelling):
    project.rows("DROP TABLE listings CASCADE")
    project.add("notes", up=NOTES, down='op.drop_column("listings", "notes")')
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert "relation 'listings' does not exist: Upgrade of notes needs it" in said
    assert "50c3593832b4 created it; it was dropped by other means since." in said
    assert "flask db restore FILE" in said
    for command in ("current", "downgrade base", "upgrade head"):
        assert f"{prefix(spelling)} {command}" in said
    # The guide's solution works, although the table that base would drop is gone already.
    project.run(spelling, "downgrade", "base")
    assert f"{len(CHAIN) + 1} migrations" in project.run(spelling, "upgrade", "head").stdout
    project.one("SELECT count(*) FROM listings")


GONE = {
    "a table": "DROP TABLE users CASCADE",
    "a table of a later revision": "DROP TABLE search_entries CASCADE",
    "a column": "ALTER TABLE listings DROP COLUMN area CASCADE",
    "a rule": "ALTER TABLE listings DROP CONSTRAINT ck_listings_status_known",
    "a trigger": "DROP TRIGGER remember_removed_listings_on_delete ON listings",
    "a function": "DROP FUNCTION search_text CASCADE",
    "a view": "DROP VIEW listing_documents",
    "everything": "DROP SCHEMA public CASCADE; CREATE SCHEMA public;"
    " CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY);"
    f" INSERT INTO alembic_version VALUES ('{HEAD}')",
}


@pytest.mark.parametrize("statement", GONE.values(), ids=GONE)
def test_reset_to_base_forgives_what_is_gone_already(project, statement):
    project.rows(statement)
    assert f"{len(CHAIN)} migrations" in project.flask("downgrade", "base")
    assert f"{len(CHAIN)} migrations" in project.flask("upgrade", "head")
    project.flask("check")


def test_only_a_reset_to_base_forgives(project):
    project.add("table", up='op.execute("CREATE TABLE added ()")', down='op.execute("DROP TABLE added")')
    project.flask("upgrade", "head")
    project.rows("DROP TABLE added")
    assert "'added' does not exist" in project.flask("downgrade", "-1", status=1)
    assert project.at() == "table"


@pytest.mark.parametrize("if_exists", [True, False])
@pytest.mark.parametrize("gone", [True, False])
def test_reset_to_base_drops_an_index_concurrently(project, if_exists, gone):
    """Whether the index was dropped by hand already or not, and however the revision spells it."""
    name, block = "ix_users_created_at", "with op.get_context().autocommit_block():\n    "
    project.add(
        "index",
        up=f'{block}op.create_index("{name}", "users", ["created_at"], postgresql_concurrently=True)',
        down=f'{block}op.drop_index("{name}", postgresql_concurrently=True, if_exists={if_exists})',
    )
    project.flask("upgrade", "head")
    if gone:
        project.rows(f"DROP INDEX {name}")
    assert f"{len(CHAIN) + 1} migrations" in project.flask("downgrade", "base")
    assert project.at() is None


def test_missing_table_that_was_stamped_over(new_project, spelling):
    new_project.run(spelling, "upgrade", "cf5a32f4e1d5")
    new_project.run(spelling, "stamp", "50c3593832b4")
    said = new_project.run(spelling, "upgrade", "head", status=1).stderr
    assert "relation 'listings' does not exist: Upgrade of ecee305c0829 needs it" in said
    assert "50c3593832b4 creates it, but was only stamped, and never ran." in said
    assert f"{prefix(spelling)} stamp cf5a32f4e1d5\n      {prefix(spelling)} upgrade head" in said
    new_project.run(spelling, "stamp", "cf5a32f4e1d5")
    assert f"{len(CHAIN) - 1} migrations" in new_project.run(spelling, "upgrade", "head").stdout


def test_missing_table_that_a_later_revision_creates(new_project, spelling):
    new_project.add("000_early", parents=(), up=NOTES)
    early = new_project.file("000_early")
    early.write_text(early.read_text().replace("down_revision = ()", "down_revision = None"))
    new_project.edit("cf5a32f4e1d5", "down_revision = None", 'down_revision = "000_early"')
    said = new_project.run(spelling, "upgrade", "head", status=1).stderr
    assert "relation 'listings' does not exist" in said
    assert "before it is created, which is what 50c3593832b4 does: migration order issue." in said
    assert new_project.at() is None


def test_missing_table_that_no_revision_creates(project, spelling):
    project.add("typo", up='op.execute("ALTER TABLE listing ADD COLUMN notes text")')
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert "relation 'listing' does not exist: Upgrade of typo needs it, and no revision creates it." in said


def test_two_heads_are_named_with_the_merge(project, spelling):
    project.add("left")
    project.add("right")
    for command in (["upgrade", "head"], ["check"], ["revision", "--autogenerate", "-m", "more"]):
        said = project.run(spelling, *command, status=1).stderr
        assert "Multiple head revisions: left (left.py) and right (right.py)" in said
        assert f'{prefix(spelling)} merge left right -m "merge heads"' in said
        assert f'{prefix(spelling)} revision --autogenerate -m "merge multiple heads"' in said
    project.run(spelling, "merge", "left", "right", "-m", "merge heads")
    assert "3 migrations" in project.run(spelling, "upgrade", "head").stdout


def test_autogenerated_merge_as_the_guide_writes_it(project, spelling):
    project.add("left", up='op.execute("CREATE TABLE l (id int)")', down='op.execute("DROP TABLE l")')
    project.add("right", up='op.execute("CREATE TABLE r (id int)")', down='op.execute("DROP TABLE r")')
    project.run(spelling, "upgrade", "left")
    project.run(spelling, "revision", "--autogenerate", "-m", "merge multiple heads")
    merge = project.file(numbered("merge_multiple_heads"))
    assert re.search(r'down_revision = \("left", "right"\)', merge.read_text())
    assert "2 migrations" in project.run(spelling, "upgrade", "head").stdout
    # At a true merge plain Alembic calls a single step ambiguous, in both directions.
    project.run(spelling, "downgrade", "-1")
    assert project.at() == "left and right"
    project.run(spelling, "upgrade", "+1")
    assert project.at() == numbered("merge_multiple_heads")
    project.run(spelling, "downgrade", "-3")
    assert project.at() == HEAD
    project.run(spelling, "upgrade", "+3")
    project.run(spelling, "downgrade", "base")
    project.run(spelling, "upgrade", "head")
    assert project.at() == numbered("merge_multiple_heads")


def test_merge_alone_merges_all_heads(project):
    project.add("left")
    project.add("right")
    project.flask("merge")
    assert project.file(numbered("merge_heads"))


def test_orphan_rows_are_named(project, spelling):
    project.rows("CREATE TABLE notes (id int PRIMARY KEY, listing_id bigint)")
    project.rows("INSERT INTO notes VALUES (1, 11), (2, 12), (3, NULL)")
    project.add(
        "key",
        up='op.create_foreign_key("fk_notes_listing_id", "notes", "listings", ["listing_id"], ["id"])',
    )
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert (
        "Foreign key constraint errors: 2 rows of notes (id 1, 2) refer to rows of listings that do not exist"
        " (fk_notes_listing_id)." in said
    )
    statement = re.search(r"DELETE FROM .*;", said)[0]
    assert f"{prefix(spelling)} upgrade head" in said
    project.rows(statement)
    assert project.rows("SELECT id FROM notes") == [(3,)]
    assert "1 migration" in project.run(spelling, "upgrade", "head").stdout


def test_referenced_rows_that_a_revision_deletes_are_named(project, spelling):
    listing = project.add_listing(project.add_member())
    category = project.one("SELECT category_id FROM listings")
    project.add("tidy", up='op.execute("DELETE FROM categories")')
    said = project.run(spelling, "upgrade", "head", "--yes", status=1).stderr
    assert (
        f"Foreign key constraint errors: 1 row of listings (id {listing}) refer to the row of categories "
        "that upgrade of tidy deletes (fk_listings_category_id_categories)." in said
    )
    assert f"SELECT * FROM listings c WHERE (category_id) = ('{category}');" in said
    project.rows(re.search(r"DELETE FROM .*;", said)[0])
    assert "1 migration" in project.run(spelling, "upgrade", "head", "--yes").stdout


def test_dependent_objects_are_named(project, spelling):
    project.add("drop", up='op.drop_table("listings")')
    said = project.run(spelling, "upgrade", "head", status=1).stderr
    assert "Foreign key constraint errors: Upgrade of drop would drop what others depend on" in said
    assert "cannot drop table listings because other objects depend on it" in said
    assert project.at() == HEAD


def test_drift_is_told_in_lines(project, spelling):
    project.rows("DROP INDEX ix_listing_items_owner_id; ALTER TABLE users DROP COLUMN last_login_at")
    result = project.run(spelling, "check", status=1)
    assert result.stdout == f"Nothing is pending: the database is at {HEAD} (head).\n"
    assert "The models and the database disagree: 2 differences" in result.stderr
    assert "add column: users.last_login_at" in result.stderr
    assert "create index: listing_items.ix_listing_items_owner_id" in result.stderr


def test_autogenerate_on_a_database_behind_says_what_is_pending(project, spelling):
    project.run(spelling, "downgrade", "-1")
    said = project.run(spelling, "revision", "--autogenerate", "-m", "add new feature", status=1).stderr
    assert "1 migration is pending" in said


def test_new_revisions_are_numbered(project, spelling):
    project.run(spelling, "revision", "-m", "Add a new feature, with care")
    first, second = numbered("add_a_new_feature_with_care"), numbered("and_another", after=1)
    assert project.file(first)
    project.run(spelling, "revision", "-m", "and another")
    assert f'down_revision = "{first}"' in project.file(second).read_text()
    assert "2 migrations" in project.run(spelling, "upgrade", "head").stdout
