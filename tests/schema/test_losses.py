"""What a plan would delete is counted exactly, and what cannot be counted is said."""

import pytest
from alembic.config import Config
from sqlalchemy import text

from marketplace.extensions import db
from marketplace.schema.contents import count_rows, one_instant
from marketplace.schema.effects import effects_of
from marketplace.schema.losses import describe, find_losses
from marketplace.schema.plan import plan_downgrade, plan_upgrade
from marketplace.schema.statements import split
from tests.support.operator import FOUNDING_HEAD, HEAD
from tests.support.revisions import chain_with
from tests.support.rows import fill


def losses_of(tmp_path, upgrade: str) -> list[tuple[str, str, int | None]]:
    """What an upgrade with this body would lose: what, name and count."""
    config = chain_with(tmp_path, upgrade)
    plan = plan_upgrade(config, FOUNDING_HEAD, "head")
    return [(loss.what, loss.name, loss.count) for loss in find_losses(db.engine, plan, config)]


def execute(*statements: str) -> str:
    """The body of an upgrade that sends these statements."""
    return "\n    ".join(f"op.execute({statement!r})" for statement in statements)


@pytest.fixture
def config(founding_site) -> Config:
    return chain_config(founding_site)


def chain_config(site) -> Config:
    config = Config()
    config.set_main_option("script_location", site.extensions["migrate"].directory)
    return config


def test_the_way_down_to_base_loses_every_table_s_rows(founding_site, config):
    losses = find_losses(db.engine, plan_downgrade(config, FOUNDING_HEAD, "base"), config)
    assert [(loss.revision, loss.what, loss.name, loss.count) for loss in losses] == [
        ("ecee305c0829", "table", "listing_items", 3),
        ("50c3593832b4", "table", "listings", 2),
        ("50c3593832b4", "table", "categories", 2),
        ("cf5a32f4e1d5", "table", "users", 2),
    ]
    assert describe(losses).splitlines()[0] == "  ecee305c0829 drops the table listing_items: 3 rows"


def test_on_an_empty_database_nothing_is_lost(open_app, url):
    config = chain_config(open_app(url))
    assert find_losses(db.engine, plan_downgrade(config, HEAD, "base"), config) == []


def test_no_revision_loses_anything_on_the_way_up(open_app, make_database, founding_site, config):
    assert find_losses(db.engine, plan_upgrade(config, FOUNDING_HEAD, "head"), config) == []
    config = chain_config(open_app(make_database(template="template0")))
    assert find_losses(db.engine, plan_upgrade(config, None, "head"), config) == []


def test_the_way_down_to_base_tells_every_row_of_the_whole_chain(open_app, url):
    config = chain_config(open_app(url))
    fill(url)
    with one_instant(db.engine) as connection:
        rows = count_rows(connection)
    assert all(rows.values()), rows
    losses = find_losses(db.engine, plan_downgrade(config, HEAD, "base"), config)
    assert {loss.name: loss.count for loss in losses if loss.what == "table"} == rows
    assert {loss.what for loss in losses} <= {"table", "column"}


LOSSES = {
    "op.drop_column('listing_items', 'duration_days')": [("column", "listing_items.duration_days", 1)],
    "op.drop_column('listings', 'title')": [("column", "listings.title", 2)],
    execute("ALTER TABLE ONLY public.listings DROP title, DROP COLUMN IF EXISTS description CASCADE"): [
        ("column", "public.listings.title", 2),
        ("column", "public.listings.description", 2),
    ],
    execute("DELETE FROM listing_items WHERE exchange_type = 'temporary'"): [("rows", "listing_items", 1)],
    execute(
        "-- all of them\ndelete from only listing_items as i using listings l where l.id = i.listing_id"
    ): [("rows", "listing_items", 3)],
    # Foreign keys take along what points to a deleted row.
    execute("DELETE FROM users WHERE id IN (SELECT min(owner_id) FROM listings)"): [
        ("rows", "users", 1),
        ("rows", "listing_items", 2),
        ("rows", "listings", 1),
    ],
    execute("TRUNCATE TABLE listings CASCADE"): [("rows", "listings", 2), ("rows", "listing_items", 3)],
    execute("TRUNCATE listing_items, listings RESTART IDENTITY"): [
        ("rows", "listing_items", 3),
        ("rows", "listings", 2),
    ],
    execute('DROP TABLE IF EXISTS "listing_items", no_such_table CASCADE'): [("table", '"listing_items"', 3)],
    execute("DROP SCHEMA public CASCADE"): [
        ("table", "public.categories", 2),
        ("table", "public.listing_items", 3),
        ("table", "public.listings", 2),
        ("table", "public.users", 2),
    ],
    "op.alter_column('listings', 'title', type_=sa.String(3))": [("values", "listings.title", 2)],
    # Under its new name it is still the same table.
    "op.rename_table('listings', 'offers')\n    op.drop_table('offers')": [("table", "offers", 2)],
    "op.alter_column('listings', 'title', new_column_name='name')\n    op.drop_column('listings', 'name')": [
        ("column", "listings.name", 2)
    ],
    execute("DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'listings'; END $$"): [
        ("unknown", "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'listings'; END $$", None)
    ],
    execute("WITH gone AS (DELETE FROM listing_items RETURNING 1) SELECT count(*) FROM gone"): [
        ("unknown", "WITH gone AS (DELETE FROM listing_items RETURNING 1) SELECT count(*) …", None)
    ],
    execute("SELECT delete_everything()"): [("unknown", "SELECT delete_everything()", None)],
    "op.add_column('listings', sa.Column('x', sa.Text()))\n    "
    + execute("DELETE FROM listings WHERE x IS NULL"): [
        ("rows", "listings", None),
        ("rows", "listing_items", None),
    ],
    "op.get_bind().execute(sa.text('SELECT 1')).scalar_one()": [
        ("unknown", "change.py decides by what it reads (AttributeError)", None)
    ],
}


@pytest.mark.parametrize("upgrade", LOSSES, ids=lambda upgrade: upgrade[:40])
def test_each_loss_is_counted(founding_site, tmp_path, upgrade):
    assert losses_of(tmp_path, upgrade) == LOSSES[upgrade]


HARMLESS = [
    "op.add_column('listings', sa.Column('note', sa.Text()))",
    "op.create_index('ix', 'listings', ['title'])\n    op.drop_index('ix')",
    "op.drop_constraint('ck_listings_title_length', 'listings')",
    "op.alter_column('listings', 'title', server_default=None, type_=sa.Text())",
    "op.alter_column('listing_items', 'value', type_=sa.BigInteger())",
    "op.create_table('extra', sa.Column('id', sa.Integer()))\n    op.drop_table('extra')",
    "op.add_column('listings', sa.Column('x', sa.Text()))\n    op.drop_column('listings', 'x')",
    execute("UPDATE listings SET title = 'DROP TABLE users; DELETE FROM users'"),
    execute("INSERT INTO users (username, email, password_hash) VALUES ('x1y', 'a@b', 'DELETE') -- DELETE"),
    execute("COMMENT ON TABLE users IS 'TRUNCATE users'; /* DROP /* TABLE */ users */ SELECT 1"),
    execute("CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN DELETE FROM users; END $f$"),
    execute("ALTER TABLE listings ADD CONSTRAINT c FOREIGN KEY (id) REFERENCES listings ON DELETE CASCADE"),
    execute("DROP TABLE IF EXISTS no_such_table", "DELETE FROM users WHERE false", "DROP VIEW IF EXISTS v"),
    execute("SELECT setval(pg_get_serial_sequence('users', 'id'), coalesce(max(id), 1)) FROM users"),
]


@pytest.mark.parametrize("upgrade", HARMLESS, ids=lambda upgrade: upgrade[:40])
def test_what_loses_nothing_raises_no_alarm(founding_site, tmp_path, upgrade):
    assert losses_of(tmp_path, upgrade) == []


def test_counting_changes_nothing(founding_site, config):
    find_losses(db.engine, plan_downgrade(config, HEAD, "base"), config)
    assert db.session.execute(text("SELECT count(*) FROM listing_items")).scalar() == 3


@pytest.mark.parametrize(
    "sql", ["'", "/*", "$$", '"', "DROP", "ALTER TABLE", "DELETE FROM", "TRUNCATE", ";;"]
)
def test_broken_sql_breaks_nothing(sql):
    for statement in split(sql):
        effects_of(statement)
