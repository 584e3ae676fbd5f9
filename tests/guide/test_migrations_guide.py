"""docs/MIGRATIONS.md, played from top to bottom: each command does and prints what the page shows."""

from collections.abc import Callable, Iterator

import pytest

from tests.guide.documents import read_blocks
from tests.guide.sandbox import A_COLUMN, MODELS, Sandbox, open_sandbox, play
from tests.support.operator import numbered
from tests.support.postgresql import ROOT

BLOCKS = read_blocks(ROOT / "docs/MIGRATIONS.md")
ITEMS = "migrations/versions/ecee305c0829_*.py"


def with_rows(sandbox: Sandbox) -> None:
    sandbox.fill()


def at_an_early_revision(sandbox: Sandbox) -> None:
    sandbox.fill(empty=True)
    sandbox.must("flask db upgrade 50c3593832b4")


def one_member_more(sandbox: Sandbox) -> None:
    sandbox.sql(
        "INSERT INTO users (username, email, password_hash) VALUES ('newcomer', 'new@example.org', 'x')"
    )


def without_a_table(sandbox: Sandbox) -> None:
    sandbox.fill(empty=True)
    sandbox.must("flask db upgrade 50c3593832b4")
    sandbox.sql("DROP TABLE listings")


def two_heads(sandbox: Sandbox) -> None:
    sandbox.fill()
    for side in ("left", "right"):
        sandbox.add_revision(
            f"add_{side}", f"op.execute('CREATE TABLE {side}s ()')", f"op.execute('DROP TABLE {side}s')"
        )


def edited(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.edit(ITEMS, "String(length=120)", "String(length=99)")


def edited_with_its_model(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.edit(ITEMS, "String(length=120)", "String(length=99)")
    sandbox.add_motto_to_the_model()


def deleted(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.must("rm migrations/versions/001_add_exchange_types.py")


def deletes_referenced_rows(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.add_revision(
        numbered("tidy_categories"),
        "op.execute('DELETE FROM categories WHERE id = 12')",
        "pass",
        title="Tidy.",
    )


def locked(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.add_motto()
    sandbox.lock("users")


def new_column(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.add_motto_to_the_model()


def new_column_with_a_value(sandbox: Sandbox) -> None:
    sandbox.fill()
    column = "    motto: Mapped[str] = mapped_column(Text)\n"
    sandbox.edit(MODELS, A_COLUMN, f"{A_COLUMN}{column}")


def one_pending(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.add_motto()


def throws_values_away(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.add_revision(
        numbered("drop_alternative_texts"),
        'op.drop_column("pictures", "alt")',
        'op.add_column("pictures", sa.Column("alt", sa.Text(), server_default="", nullable=False))',
        title="Show pictures without words in their place.",
    )


def changed_by_hand(sandbox: Sandbox) -> None:
    sandbox.fill()
    sandbox.must(
        'psql --quiet kula -c "CREATE INDEX ix_listings_title ON listings (title)"'
        ' -c "ALTER TABLE users ADD CONSTRAINT ck_users_known CHECK (id > 0) NOT VALID"'
    )


STATES: dict[str, Callable[[Sandbox], None]] = {
    "a site with rows": with_rows,
    "an empty database at 50c3593832b4": at_an_early_revision,
    "a member registered since the backup": one_member_more,
    "a table of the chain was dropped by hand": without_a_table,
    "two revisions follow the same one": two_heads,
    "an applied file was edited": edited,
    "an applied file and its model were edited": edited_with_its_model,
    "an applied file was deleted": deleted,
    "a pending revision deletes referenced rows": deletes_referenced_rows,
    "a report reads a table that a pending revision changes": locked,
    "a model has a new column": new_column,
    "a model has a new column that must have a value": new_column_with_a_value,
    "a site with rows and one pending revision": one_pending,
    "a pending revision throws values away": throws_values_away,
    "somebody changed the schema by hand": changed_by_hand,
    "the site was started again": Sandbox.serve,
}


def begin(sandbox: Sandbox) -> None:
    """Set up what the page takes for granted: a site with rows, running."""
    sandbox.prepare()
    sandbox.serve()


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with open_sandbox(tmp_path_factory.mktemp("guide")) as sandbox:
        begin(sandbox)
        yield sandbox


@pytest.mark.soak
def test_the_whole_page_from_top_to_bottom(sandbox: Sandbox) -> None:
    for block in BLOCKS:
        if block.not_run is None:
            play(sandbox, block, STATES)


def test_every_state_is_used_and_every_block_is_run() -> None:
    assert {block.given for block in BLOCKS} - {None} == set(STATES)
    [elsewhere] = [block.not_run for block in BLOCKS if block.not_run]
    assert elsewhere.startswith("tests/standalone/test_story.py plays it")
