"""`flask db review`: what is destructive, locks, rewrites or mixes is told, and the founding chain is not."""

import json

import pytest
from alembic.config import Config

from marketplace.extensions import db
from marketplace.schema.contents import count_rows, one_instant
from marketplace.schema.plan import plan_downgrade, plan_upgrade
from marketplace.schema.review import Finding, review, squawk_program
from tests.support.operator import CHAIN, FOUNDING_HEAD, HEAD
from tests.support.postgresql import run_project_command
from tests.support.revisions import chain_with


def own_chain(site) -> Config:
    config = Config()
    config.set_main_option("script_location", site.extensions["migrate"].directory)
    return config


def found(tmp_path, upgrade: str) -> list[tuple[str, str]]:
    """What is found in an upgrade with this body."""
    config = chain_with(tmp_path, upgrade)
    [reviewed] = review(db.engine, plan_upgrade(config, FOUNDING_HEAD, "head"), config)
    return [(finding.kind, finding.says) for finding in reviewed.findings]


def test_the_founding_chain_has_nothing_to_note(open_app, make_database):
    site = open_app(make_database(template="template0"))
    config = own_chain(site)
    reviewed = review(db.engine, plan_upgrade(config, None, FOUNDING_HEAD), config)
    assert [each.revision for each in reviewed][-1] == FOUNDING_HEAD
    assert [each.findings for each in reviewed] == [()] * 5


def test_the_way_to_base_tells_every_table_with_its_rows(founding_site):
    config = own_chain(founding_site)
    reviewed = review(db.engine, plan_downgrade(config, FOUNDING_HEAD, "base"), config)
    assert [finding.says for each in reviewed for finding in each.findings] == [
        "drops the table listing_items: 3 rows",
        "drops the table listings: 2 rows",
        "drops the table categories: 2 rows",
        "drops the table users: 2 rows",
    ]


FINDINGS = {
    "op.drop_column('listings', 'title')": [("loss", "drops the column listings.title: 2 values")],
    "op.create_index('ix', 'listings', ['title'])": [
        (
            "lock",
            "an index is built without CONCURRENTLY; listings is locked against writing meanwhile (2 rows)",
        ),
        ("squawk", "require-concurrent-index-creation: "),
    ],
    "op.alter_column('listing_items', 'value', type_=sa.BigInteger())": [
        (
            "rewrite",
            "every row is written anew to make value BIGINT; listing_items is locked against reading and",
        ),
        ("squawk", "changing-column-type: "),
    ],
    "op.add_column('users', sa.Column('x', sa.Uuid(), server_default=sa.text('gen_random_uuid()')))": [
        (
            "rewrite",
            "every row is written anew for a new column; users is locked against reading and writing",
        ),
        ("squawk", "adding-field-with-default: "),
    ],
    "op.alter_column('users', 'last_login_at', nullable=False)": [
        ("lock", "every row is read to see that last_login_at is never empty; users is locked"),
        ("squawk", "adding-not-nullable-field: "),
    ],
    "op.create_check_constraint('ck', 'users', 'session_epoch < 9')": [
        ("lock", "every row is checked for a new rule; users is locked against reading and writing"),
        ("squawk", "constraint-missing-not-valid: "),
    ],
    "op.execute('UPDATE listings SET description = title')": [
        ("whole table", "has no WHERE: UPDATE listings SET description = title")
    ],
    "op.execute('DELETE FROM listing_items')": [
        ("loss", "deletes 3 rows from listing_items"),
        ("whole table", "has no WHERE: DELETE FROM listing_items"),
    ],
    "op.add_column('users', sa.Column('x', sa.Text()))\n"
    "    op.execute(\"UPDATE users SET x = '' WHERE id = 1\")": [
        ("mixed", "changes schema and data in one revision")
    ],
    "[op.drop_table(t) for t in ('listing_items', 'listings', 'categories', 'users')]": [
        ("loss", "drops the table listing_items: 3 rows"),
        ("loss", "drops the table listings: 2 rows"),
        ("loss", "drops the table categories: 2 rows"),
        ("loss", "drops the table users: 2 rows"),
        ("everything", "drops every table there is (categories, listing_items, listings, users)"),
    ],
    "op.execute('DROP VIEW IF EXISTS v')\n    op.execute('DROP VIEW IF EXISTS w')": [
        ("squawk", "ban-drop-view: Dropping a view may break existing clients. (2 times)")
    ],
    "op.execute('DO $$ BEGIN NULL; END $$')": [
        ("unreadable", "has something whose losses cannot be counted: DO")
    ],
}


@pytest.mark.parametrize("upgrade", FINDINGS, ids=lambda upgrade: upgrade[:45])
def test_each_danger_is_told(founding_site, tmp_path, upgrade):
    told, wanted = found(tmp_path, upgrade), FINDINGS[upgrade]
    assert [kind for kind, _ in told] == [kind for kind, _ in wanted]
    for (_, says), (_, beginning) in zip(told, wanted, strict=True):
        assert says.startswith(beginning)


HARMLESS = [
    "op.add_column('listings', sa.Column('note', sa.Text()))",
    "op.add_column('listings', sa.Column('n', sa.Integer(), server_default='0', nullable=False))",
    "op.create_table('extra', sa.Column('id', sa.BigInteger()))\n    op.create_index('ix', 'extra', ['id'])",
    "with op.get_context().autocommit_block():\n"
    "        op.create_index('ix', 'listings', ['title'], postgresql_concurrently=True)",
    "op.execute('ALTER TABLE listings ADD CONSTRAINT c CHECK (id > 0) NOT VALID')",
    "op.execute(\"UPDATE listings SET title = 'no WHERE in sight' WHERE id = 1\")",
    "op.create_table_comment('listings', 'DROP TABLE listings')",
]


@pytest.mark.parametrize("upgrade", HARMLESS, ids=lambda upgrade: upgrade[:45])
def test_what_is_harmless_is_not_noted(founding_site, tmp_path, upgrade):
    assert found(tmp_path, upgrade) == []


def test_a_table_that_comes_with_an_earlier_pending_revision_is_new_to_all_rules(founding_site, tmp_path):
    chain_with(tmp_path, "op.create_table('extra', sa.Column('id', sa.BigInteger()))", revision="extra")
    config = chain_with(tmp_path, "op.create_index('ix', 'extra', ['id'])", revision="index", below="extra")
    reviewed = review(db.engine, plan_upgrade(config, FOUNDING_HEAD, "head"), config)
    assert [each.findings for each in reviewed] == [(), ()]


def test_the_way_to_base_tells_every_row_of_the_whole_chain(site, url):
    reviewed = review(db.engine, plan_downgrade(own_chain(site), HEAD, "base"), own_chain(site))
    assert [each.revision for each in reviewed] == [*reversed(CHAIN)]
    told = [finding.says for each in reviewed for finding in each.findings]
    with one_instant(db.engine) as connection:
        rows = count_rows(connection)
    for table, count in rows.items():
        assert f"drops the table {table}: {count} row{'' if count == 1 else 's'}" in told


def test_the_command_takes_targets_in_both_directions(founding_url, url):
    def run(*arguments: str, check: bool = False):
        return run_project_command(
            "flask", "db", "review", *arguments, database_url=founding_url, check=check
        )

    assert squawk_program() is not None
    result = run_project_command("flask", "db", "review", database_url=url)
    assert result.stdout == f"Nothing to review: the database is at {HEAD}.\n"
    assert run(check=True).stdout.splitlines()[-1] == (
        f"{FOUNDING_HEAD} → {HEAD}: {len(CHAIN) - 5} revisions, nothing would be lost."
    )
    harmless = run("-2", check=True)
    assert harmless.stdout.splitlines() == [
        "downgrade cbfc66708806_merge_multiple_heads.py",
        "  nothing to note",
        "downgrade 001_add_exchange_types.py",
        "  nothing to note",
        f"{FOUNDING_HEAD} → ecee305c0829: 2 revisions, nothing would be lost.",
    ]
    for target in ("50c3593832b4", "-3"):
        result = run(target)
        assert result.returncode == 1
        assert "  LOSS  drops the table listing_items: 3 rows" in result.stdout
    answer = json.loads(run("base", "--json").stdout)
    assert answer["destructive"]
    assert answer["to"] is None
    assert len(answer["revisions"]) == 5
    unknown = run("nonsense")
    assert unknown.returncode == 1
    assert "There is no revision nonsense" in unknown.stderr


def test_an_older_server_is_reviewed_too(open_app, old_url):
    config = own_chain(open_app(old_url))
    reviewed = review(db.engine, plan_downgrade(config, FOUNDING_HEAD, "base"), config)
    # What is empty is told, and is no loss.
    assert reviewed[-1].findings == (Finding("empty", "drops the table users: 0 rows"),)
