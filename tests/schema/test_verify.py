"""`flask db verify` finds what the guide looks for, and is silent about what is in order."""

import json
from pathlib import Path

import pytest

from marketplace.extensions import db
from marketplace.schema import ledger
from marketplace.schema.verify import verify
from tests.schema.conftest import fill
from tests.support.catalogue import table_names
from tests.support.operator import HEAD
from tests.support.postgresql import connect, run_project_command


def verified(site):
    """The result, on this site."""
    return verify(
        db.engine, db.metadata, Path(site.extensions["migrate"].directory), lambda _stage, _share: None
    )


def faults(site) -> list[str]:
    """What is wrong, thing by thing."""
    return [fault for check in verified(site).checks for fault in check.faults]


def test_a_sound_site_is_in_order_on_one_screen(site, url):
    assert faults(site) == []
    result = run_project_command("flask", "db", "verify", database_url=url)
    lines = result.stdout.splitlines()
    assert len(lines) <= 24
    assert lines[0] == f"ok   Revision      {HEAD} (head)"
    number = len(table_names(url))
    assert f"ok   Tables        {number} of {number}" in lines
    assert ["users", "2"] in [line.split()[:2] for line in lines]
    assert lines[-1].endswith(": everything is in order.")
    answer = json.loads(run_project_command("flask", "db", "verify", "--json", database_url=url).stdout)
    assert answer["ok"]
    assert answer["rows"]["users"]["now"] == 2


def test_an_older_server_is_verified_too(open_app, old_url):
    site = open_app(old_url)
    fill(site)
    assert faults(site) == []


FAULTS = {
    "DROP TABLE saved_searches": ["The table saved_searches is missing"],
    "ALTER TABLE listing_drafts DROP COLUMN form": ["The column listing_drafts.form is missing"],
    "ALTER TABLE listing_items DROP CONSTRAINT fk_listing_items_owner_id_users": [
        "The foreign key listing_items.owner_id → users.id is missing"
    ],
    "UPDATE alembic_version SET version_num = 'ecee305c0829'": [
        f"The database is at ecee305c0829, and head is {HEAD}: flask db upgrade"
    ],
    "SET session_replication_role = replica; UPDATE listings SET category_id = 4711": [
        "2 rows point to nothing: listings.category_id → categories.id (as 4711)"
    ],
    # The orphans of a foreign key that is missing are found as well.
    "ALTER TABLE listings DROP CONSTRAINT fk_listings_owner_id_users;"
    "ALTER TABLE listing_items DROP CONSTRAINT fk_listing_items_owner_id_users;"
    "ALTER TABLE listing_items DROP CONSTRAINT fk_listing_items_listing_id_owner_id_listings;"
    "DELETE FROM users WHERE id = (SELECT min(id) FROM users)": [
        "The foreign key listings.owner_id → users.id is missing",
        "The foreign key listing_items.listing_id, owner_id → listings.id, owner_id is missing",
        "The foreign key listing_items.owner_id → users.id is missing",
        "1 row points to nothing: listings.owner_id → users.id (as 1)",
        "2 rows point to nothing: listing_items.owner_id → users.id (as 1)",
    ],
    "ALTER TABLE users ADD x bigint; ALTER TABLE users ADD FOREIGN KEY (x) REFERENCES users NOT VALID": [
        "The foreign key users.x → users.id was never validated"
    ],
    "CREATE INDEX broken ON users (id);"
    "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'broken'::regclass": [
        "The index broken is invalid: its build was interrupted"
    ],
}


@pytest.mark.parametrize("harm", FAULTS, ids=lambda harm: harm[:50])
def test_each_fault_is_named(site, url, harm):
    with connect(url) as cursor:
        cursor.execute(harm)
    assert sorted(faults(site)) == sorted(FAULTS[harm])
    result = run_project_command("flask", "db", "verify", database_url=url, check=False)
    assert result.returncode == 1
    assert FAULTS[harm][0] in result.stdout
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "harmless",
    [
        "CREATE TABLE extra (id int); CREATE VIEW v AS SELECT 1; CREATE SCHEMA other",
        "ALTER TABLE users ADD note text; CREATE INDEX ON users (note)",
        "DELETE FROM listing_items",
        "ALTER TABLE listings RENAME CONSTRAINT fk_listings_owner_id_users TO another_name",
    ],
)
def test_what_does_no_harm_raises_no_alarm(site, url, harmless):
    with connect(url) as cursor:
        cursor.execute(harmless)
    assert faults(site) == []


def test_fewer_rows_than_before_a_migration_that_has_just_run_are_a_fault(site, url, backups):
    run = {"database_url": url, "BACKUP_DIR": str(backups)}
    run_project_command("flask", "db", "downgrade", "-1", "--no-backup", **run)
    run_project_command("flask", "db", "upgrade", "--no-backup", **run)
    assert faults(site) == []
    with connect(url) as cursor:
        cursor.execute("DELETE FROM listing_items WHERE kind = 'offer'")
    [fault] = faults(site)
    assert fault.startswith("listing_items has 3 fewer rows than before the upgrade on ")
    assert ("listing_items", 0, 3) in [(row.table, row.now, row.before) for row in verified(site).rows]

    # Drafts, and what triggers keep, come and go.
    with connect(url) as cursor:
        cursor.execute(
            "UPDATE operations.ledger SET detail = jsonb_set(detail, '{counts_before,search_words}', '9')"
        )
    assert len(faults(site)) == 1

    # After a restore the rows are those of another time.
    entry = ledger.record(db.engine, action="restore", revision=HEAD, previous=None, seconds=0)
    assert faults(site) == []
    with connect(url) as cursor:
        cursor.execute("DELETE FROM operations.ledger WHERE id = %s", [entry])
    assert len(faults(site)) == 1

    # A day later, members have deleted things as they always do.
    with connect(url) as cursor:
        cursor.execute("UPDATE operations.ledger SET at = at - interval '1 day'")
    assert faults(site) == []
